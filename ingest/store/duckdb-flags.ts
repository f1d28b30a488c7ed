// Quality flags in DuckDB, and the marks of hours whose readings are to be judged. A flag in force has no `retired`; one of an older
// version of its rule, or taken back by hand, stays with the time at which it was retired.

import type { QualityFlag } from '../../contract/feed.ts'
import type { Flag } from '../../contract/observation.ts'
import { HOUR, type TimeMs } from '../../contract/time.ts'
import { BY_HAND } from '../../domain/quality/rules.ts'
import { type DuckDbSession, type Row, whole } from './duckdb-connection.ts'
import type { DeviceState, DeviceTable } from './duckdb-devices.ts'
import { groupBy } from './group.ts'
import type { Span, ZoneHours } from './hours.ts'
import type { PackedRows } from './packed-rows.ts'
import type { FlagChanges, FlagFilter, JudgedStretch, UnjudgedDevice } from './store.ts'

/** Flags as readings look them up: the worst one first. */
export type FlagsOfMetric = ReadonlyMap<
  string,
  readonly Pick<QualityFlag, 'from' | 'to' | 'flag' | 'quality' | 'rule'>[]
>

const BAD = 4
const COLUMNS = 'id, device, metric, start, stop, flag, quality, rule, version, note, made'

/** Flags in force of a device that overlap [from, to), by metric, the worst first. */
export async function readFlags(
  session: DuckDbSession,
  device: string,
  from: TimeMs,
  to: TimeMs,
): Promise<FlagsOfMetric> {
  const rows = await session.rows(
    `SELECT ${COLUMNS} FROM quality_flag WHERE device = ? AND start < ? AND stop > ? AND retired IS NULL
     ORDER BY quality DESC, start, flag`,
    [device, whole(to), whole(from)],
  )
  return groupBy(rows.map(flagOf), ({ metric }) => metric)
}

/** The stretches that are flagged as bad by hand, `withTests` also those by tests, by metric; those that touch are one. */
export function badSpans(flags: FlagsOfMetric, withTests: boolean): ReadonlyMap<string, readonly Span[]> {
  const bad = new Map<string, readonly Span[]>()
  for (const [metric, ofMetric] of flags) {
    const spans = ofMetric
      .filter(({ quality, rule }) => quality === BAD && (withTests || rule === BY_HAND))
      .sort((a, b) => a.from - b.from)
    if (spans.length > 0) bad.set(metric, joined(spans))
  }
  return bad
}

function joined(ascending: readonly Span[]): Span[] {
  const spans: Span[] = []
  for (const { from, to } of ascending) {
    const last = spans.at(-1)
    if (last !== undefined && from <= last.to)
      spans[spans.length - 1] = { from: last.from, to: Math.max(last.to, to) }
    else spans.push({ from, to })
  }
  return spans
}

/** Hours of [from, to) that hold what tests call bad: hourly rows know nothing of it. */
export function testedHours(flags: FlagsOfMetric, { from, to }: Span, zone: ZoneHours): TimeMs[] {
  const tested = [...flags.values()].flat().filter(({ quality, rule }) => quality === BAD && rule !== BY_HAND)
  return tested.flatMap((flag) => hoursOf(Math.max(flag.from, from), Math.min(flag.to, to), zone))
}

/** What of [from, to) is not flagged as bad. */
export function goodSpans({ from, to }: Span, bad: readonly Span[]): Span[] {
  const good: Span[] = []
  let at = from
  for (const span of bad) {
    if (span.to <= at || span.from >= to) continue
    if (span.from > at) good.push({ from: at, to: span.from })
    at = Math.max(at, span.to)
  }
  if (at < to) good.push({ from: at, to })
  return good
}

function flagOf([id, device, metric, from, to, flag, quality, rule, version, note, made]: Row): QualityFlag {
  return {
    id: String(id),
    device: String(device),
    metric: String(metric),
    from: Number(from),
    to: Number(to),
    flag: flag as Flag,
    quality: quality === BAD ? 4 : 3,
    rule: String(rule),
    version: String(version),
    note: typeof note === 'string' ? note : null,
    made: Number(made),
  }
}

/** Flags that overlap [from, to), by begin and id. */
export async function listFlags(session: DuckDbSession, filter: FlagFilter): Promise<QualityFlag[]> {
  const { device = null, metric = null, after = null } = filter
  const rows = await session.rows(
    `SELECT ${COLUMNS} FROM quality_flag
     WHERE start < ? AND stop > ? AND (? IS NULL OR device = ?) AND (? IS NULL OR metric = ?)
       AND (? IS NULL OR start > ? OR (start = ? AND id > ?)) ${filter.withRetired === true ? '' : 'AND retired IS NULL'}
     ORDER BY start, id, made LIMIT ?`,
    [
      ...[whole(filter.to), whole(filter.from), device, device, metric, metric, after?.id ?? null],
      ...[whole(after?.from ?? 0), whole(after?.from ?? 0), after?.id ?? '', whole(filter.limit)],
    ],
  )
  return rows.map(flagOf)
}

/** Adds flags inside the caller's transaction. */
export async function putFlags(session: DuckDbSession, flags: readonly QualityFlag[]): Promise<void> {
  await session.append(
    'quality_flag',
    [
      { type: 'text', values: flags.map(({ id }) => id) },
      { type: 'text', values: flags.map(({ device }) => device) },
      { type: 'text', values: flags.map(({ metric }) => metric) },
      { type: 'bigint', values: flags.map(({ from }) => from) },
      { type: 'bigint', values: flags.map(({ to }) => to) },
      { type: 'text', values: flags.map(({ flag }) => flag) },
      { type: 'integer', values: flags.map(({ quality }) => quality) },
      { type: 'text', values: flags.map(({ rule }) => rule) },
      { type: 'text', values: flags.map(({ version }) => version) },
      { type: 'text', values: flags.map(({ note }) => note) },
      { type: 'bigint', values: flags.map(({ made }) => made) },
      { type: 'bigint', values: null },
    ],
    flags.length,
  )
}

/** The flag of that id that was in force until now, inside the caller's transaction; null when there is none. */
export async function retireFlag(
  session: DuckDbSession,
  id: string,
  at: TimeMs,
): Promise<QualityFlag | null> {
  const [row] = await session.rows(`SELECT ${COLUMNS} FROM quality_flag WHERE id = ? AND retired IS NULL`, [
    id,
  ])
  if (row === undefined) return null
  await session.run('UPDATE quality_flag SET retired = ? WHERE id = ? AND retired IS NULL', [whole(at), id])
  return flagOf(row)
}

/** Replaces what the tests had found, inside the caller's transaction. What they find again stays as it was. */
export async function replaceFlags(
  session: DuckDbSession,
  judged: JudgedStretch,
  zone: ZoneHours,
): Promise<FlagChanges> {
  const { device, from, to, at } = judged
  const rows = await session.rows(
    `SELECT ${COLUMNS} FROM quality_flag WHERE device = ? AND start >= ? AND start < ? AND retired IS NULL AND rule <> ?`,
    [device, whole(from), whole(to), BY_HAND],
  )
  const before = new Map(
    rows
      .map(flagOf)
      .filter(({ metric, rule }) => judged.metrics.includes(metric) && Object.hasOwn(judged.versions, rule))
      .map((flag) => [keyOf(flag), flag]),
  )
  const after = new Map(judged.flags.map((flag) => [keyOf(flag), flag]))
  const added = [...after].filter(([key]) => !before.has(key)).map(([, flag]) => flag)
  const gone = [...before].filter(([key]) => !after.has(key)).map(([, flag]) => flag)
  const isOld = (flag: QualityFlag): boolean => judged.versions[flag.rule] !== flag.version
  const retired = gone.filter(isOld)
  const removed = gone.filter((flag) => !isOld(flag))
  await forEachBatch(retired, (ids, marks) =>
    session.run(`UPDATE quality_flag SET retired = ? WHERE retired IS NULL AND id IN (${marks})`, [
      whole(at),
      ...ids,
    ]),
  )
  await forEachBatch(removed, (ids, marks) =>
    session.run(`DELETE FROM quality_flag WHERE retired IS NULL AND id IN (${marks})`, ids),
  )
  await putFlags(session, added)
  return {
    set: added.length,
    removed: removed.length,
    retired: retired.length,
    hours: badHours([...added, ...gone], zone),
  }
}

/** Two of the same key say the same. */
function keyOf({ id, to, quality, version }: QualityFlag): string {
  return `${id} ${to} ${quality} ${version}`
}

const IDS_AT_ONCE = 500

async function forEachBatch(
  flags: readonly QualityFlag[],
  work: (ids: string[], marks: string) => Promise<unknown>,
): Promise<void> {
  for (let from = 0; from < flags.length; from += IDS_AT_ONCE) {
    const ids = flags.slice(from, from + IDS_AT_ONCE).map(({ id }) => id)
    await work(ids, ids.map(() => '?').join(', '))
  }
}

/** Hours whose means change with these flags. */
export function badHours(flags: readonly QualityFlag[], zone: ZoneHours): TimeMs[] {
  const hours = new Set<TimeMs>()
  for (const { from, to, quality } of flags) {
    if (quality !== BAD) continue
    for (const hour of hoursOf(from, to, zone)) hours.add(hour)
  }
  return [...hours]
}

function hoursOf(from: TimeMs, to: TimeMs, zone: ZoneHours): TimeMs[] {
  const hours: TimeMs[] = []
  for (let hour = zone.hourStart(from); hour < to; hour = zone.bucketEnd(hour, HOUR)) hours.push(hour)
  return hours
}

/** Marks the hours of sensors' rows written, to be judged, inside the caller's transaction. `change` is the number of this write. */
export async function markUnjudged(
  session: DuckDbSession,
  packed: PackedRows,
  states: readonly DeviceState[],
  written: readonly number[],
  zone: ZoneHours,
  change: number,
): Promise<void> {
  if (packed.kind !== 'sensor') return
  const marks: { device: DeviceState; hour: TimeMs }[] = []
  let [lastDevice, lastHour] = [-1, Number.NaN]
  for (const row of written) {
    const index = packed.device[row] ?? 0
    const time = packed.time[row] ?? 0
    // Most rows of a batch that comes from one device lie in one hour.
    if (index === lastDevice && time >= lastHour && time < lastHour + HOUR) continue
    const device = states[index]
    if (device === undefined) continue
    const hour = zone.hourStart(time)
    lastDevice = index
    lastHour = hour
    if (!device.unjudged.has(hour)) marks.push({ device, hour })
    device.unjudged.set(hour, change)
  }
  await appendUnjudged(session, marks)
}

export async function appendUnjudged(
  session: DuckDbSession,
  marks: readonly { readonly device: DeviceState; readonly hour: TimeMs }[],
): Promise<void> {
  await session.append(
    'unjudged_hour',
    [
      { type: 'integer', values: marks.map(({ device }) => device.id) },
      { type: 'bigint', values: marks.map(({ hour }) => hour) },
    ],
    marks.length,
  )
}

/** Sensors with marked hours, those judged longest ago first. */
export function unjudgedDevices(devices: DeviceTable, limit: number): UnjudgedDevice[] {
  return [...devices.all()]
    .filter(({ unjudged }) => unjudged.size > 0)
    .sort((a, b) => a.judgedAt - b.judgedAt)
    .slice(0, limit)
    .map(({ device, values, unjudged }) => ({ device, metrics: [...values.keys()], hours: [...unjudged] }))
}

/** Takes settled marks away, inside the caller's transaction; returns the hours, which the caller removes once it is committed. */
export async function settleMarks(
  session: DuckDbSession,
  device: DeviceState,
  hours: JudgedStretch['hours'],
): Promise<readonly TimeMs[]> {
  const settled = hours.filter(([hour, change]) => device.unjudged.get(hour) === change).map(([hour]) => hour)
  for (let from = 0; from < settled.length; from += IDS_AT_ONCE) {
    const part = settled.slice(from, from + IDS_AT_ONCE).map(whole)
    await session.run(
      `DELETE FROM unjudged_hour WHERE device = ? AND hour IN (${part.map(() => '?').join(', ')})`,
      [device.id, ...part],
    )
  }
  return settled
}

/** Starts of the quarters of an hour in [from, to) that have raw readings of sensors, or of one, by the device's number. */
export async function rawQuarters(
  session: DuckDbSession,
  { from, to }: Span,
  device: number | null,
): Promise<[device: number, quarter: TimeMs][]> {
  const rows = await session.rows(
    `SELECT DISTINCT device, (time // 900000) * 900000 FROM sensor
     WHERE time >= ? AND time < ? AND (? IS NULL OR device = ?)`,
    [whole(from), whole(to), device, device],
  )
  return rows.map(([id, quarter]) => [Number(id), Number(quarter)])
}
