// Hourly means in DuckDB: `marked_hour` names the hours to compute anew; `refresh` makes their rows from raw readings and takes
// the marks away, in one transaction. Rows outlive their raw readings tenfold.

import { HOUR, type TimeMs } from '../../contract/time.ts'
import { KINDS, type Kind } from '../../contract/topics.ts'
import { BY_HAND } from '../../domain/quality/rules.ts'
import { columnOf, KNOWN_METRICS, rangeOf } from './columns.ts'
import { type Column, type DuckDbSession, whole } from './duckdb-connection.ts'
import type { DeviceState, DeviceTable } from './duckdb-devices.ts'
import { quoted } from './duckdb-schema.ts'
import { groupBy } from './group.ts'
import { HOURLY_VERSION, type Span, SUM_SCALE, type ZoneHours } from './hours.ts'
import type { PackedRows } from './packed-rows.ts'

/** What of a row is its reading; its version is that of who makes it. */
const PART = 'device, metric, hour, count, scaled_sum, min, max'

export interface MarkedHour {
  readonly device: DeviceState
  readonly hour: TimeMs
}

/** Marks the hours of rows written, inside the caller's transaction. */
export async function markHours(
  session: DuckDbSession,
  packed: PackedRows,
  states: readonly DeviceState[],
  written: readonly number[],
  zone: ZoneHours,
): Promise<void> {
  const marks: MarkedHour[] = []
  for (const row of written) {
    const device = states[packed.device[row] ?? 0]
    if (device === undefined) continue
    const hour = zone.hourStart(packed.time[row] ?? 0)
    if (device.marked.has(hour)) continue
    device.marked.add(hour)
    marks.push({ device, hour })
  }
  await appendMarks(session, 'marked_hour', marks)
}

export async function appendMarks(
  session: DuckDbSession,
  table: string,
  marks: readonly MarkedHour[],
): Promise<void> {
  await session.append(table, columnsOf(marks), marks.length)
}

function columnsOf(marks: readonly MarkedHour[]): readonly Column[] {
  return [
    { type: 'integer', values: marks.map(({ device }) => device.id) },
    { type: 'bigint', values: marks.map(({ hour }) => hour) },
  ]
}

/** Marked hours that are over at `now`, oldest first, at most `limit`. */
export function closedMarks(devices: DeviceTable, now: TimeMs, limit: number): MarkedHour[] {
  const marks: MarkedHour[] = []
  for (const device of devices.all()) {
    for (const hour of device.marked) if (hour + HOUR <= now) marks.push({ device, hour })
  }
  return marks.sort((a, b) => a.hour - b.hour).slice(0, limit)
}

/** Hours in [from, to) that hold what tests call bad, oldest first: their rows still hold it. */
export async function testedHoursOfAll(
  session: DuckDbSession,
  devices: DeviceTable,
  { from, to }: Span,
  zone: ZoneHours,
): Promise<MarkedHour[]> {
  const rows = await session.rows(
    `SELECT DISTINCT device, start, stop FROM quality_flag
     WHERE quality = 4 AND rule <> '${BY_HAND}' AND retired IS NULL AND start < ? AND stop > ?`,
    [whole(to), whole(from)],
  )
  const found = new Map<string, MarkedHour>()
  for (const [name, start, stop] of rows) {
    const device = devices.named(String(name))
    if (device === undefined) continue
    const end = Math.min(Number(stop), to)
    for (
      let hour = zone.hourStart(Math.max(Number(start), from));
      hour < end;
      hour = zone.bucketEnd(hour, HOUR)
    )
      found.set(`${device.id} ${hour}`, { device, hour })
  }
  return [...found.values()].sort((a, b) => a.hour - b.hour)
}

/**
 * Takes marks away, inside the caller's transaction; the caller removes them from the devices once it is committed.
 */
export async function clearMarks(session: DuckDbSession, marks: readonly MarkedHour[]): Promise<void> {
  await session.stage('fresh_hour', '(device INTEGER, hour BIGINT)', columnsOf(marks), marks.length)
  await session.run(
    'DELETE FROM marked_hour USING fresh_hour WHERE marked_hour.device = fresh_hour.device AND marked_hour.hour = fresh_hour.hour',
  )
}

/**
 * Makes the rows of those hours anew from raw readings and takes their marks away, inside the caller's transaction. Hours
 * before `rawSince` have lost raw readings: what came for them since is added to their rows, and removed. What is bad by hand is left
 * out; what tests call bad only `withTests`, since a test may think otherwise as long as the readings are there.
 */
export async function refreshHours(
  session: DuckDbSession,
  marks: readonly MarkedHour[],
  zone: ZoneHours,
  rawSince: TimeMs,
  withTests = false,
): Promise<void> {
  if (marks.length === 0) return
  await clearMarks(session, marks)
  await session.run(`CREATE OR REPLACE TEMP TABLE fresh_part AS SELECT ${PART} FROM hourly LIMIT 0`)
  const hours = marks.map(({ hour }) => hour)
  const span = {
    from: hours.reduce((least, hour) => Math.min(least, hour), Number.POSITIVE_INFINITY),
    to: hours.reduce((most, hour) => Math.max(most, zone.bucketEnd(hour, HOUR)), 0),
  }
  for (const [kind, ofKind] of groupBy(marks, ({ device }) => device.kind)) {
    const devices = new Set(ofKind.map(({ device }) => device))
    const metrics = KNOWN_METRICS[kind].filter((metric) =>
      [...devices].some(({ values }) => values.has(metric)),
    )
    if (metrics.length === 0) continue
    await session.run(`INSERT INTO fresh_part ${knownParts(kind, metrics)}`, [
      whole(span.from),
      whole(span.to),
    ])
  }
  await session.run(`INSERT INTO fresh_part ${otherParts()}`, [whole(span.from), whole(span.to)])
  await leaveOutBad(session, marks, span, withTests)
  const sameHour = 'hourly.device = fresh_hour.device AND hourly.hour = fresh_hour.hour'
  await session.run(
    `INSERT INTO fresh_part SELECT hourly.* EXCLUDE (version) FROM hourly JOIN fresh_hour ON ${sameHour} WHERE hourly.hour < ?`,
    [whole(rawSince)],
  )
  await session.run(`DELETE FROM hourly USING fresh_hour WHERE ${sameHour}`)
  await session.run(
    `INSERT INTO hourly SELECT device, metric, hour, sum(count)::BIGINT, sum(scaled_sum), min(min), max(max), '${HOURLY_VERSION}'
     FROM fresh_part GROUP BY device, metric, hour ORDER BY hour, device, metric`,
  )
  if (span.from < rawSince) await dropRaw(session, rawSince)
}

/** Keeps the rows from `since` on out of force, and empties their place, inside the caller's transaction: they are made anew. */
export async function retireHours(session: DuckDbSession, since: TimeMs, at: TimeMs): Promise<void> {
  await session.run(
    `INSERT INTO hourly_retired SELECT ${PART}, version, ${whole(at)} FROM hourly WHERE hour >= ?`,
    [whole(since)],
  )
  await session.run('DELETE FROM hourly WHERE hour >= ?', [whole(since)])
}

/** Removes raw readings before a time, inside the caller's transaction. */
export async function dropRaw(session: DuckDbSession, before: TimeMs): Promise<void> {
  for (const table of [...KINDS, 'other']) {
    await session.run(`DELETE FROM ${table} WHERE time < ?`, [whole(before)])
  }
}

/** A plausible value of a known metric as SQL: NULL outside its range, and in stretches that are flagged as bad. */
export function plausible(kind: Kind, metric: string, bad: readonly Span[] = []): string {
  const range = rangeOf(kind, metric)
  const column = quoted(metric)
  const conditions = [
    ...(range === null ? [] : [`${column} BETWEEN ${range[0]} AND ${range[1]}`]),
    ...(bad.length === 0 ? [] : [`NOT ${within(bad)}`]),
  ]
  return conditions.length === 0 ? column : `CASE WHEN ${conditions.join(' AND ')} THEN ${column} END`
}

/** Condition on `time` for spans; they are whole numbers of ours. */
export function within(spans: readonly Span[]): string {
  if (spans.length === 0) return 'false'
  return `(${spans.map(({ from, to }) => `(time >= ${whole(from)} AND time < ${whole(to)})`).join(' OR ')})`
}

/** Makes the parts anew of those hours and metrics that hold readings flagged as bad, without these. */
async function leaveOutBad(
  session: DuckDbSession,
  marks: readonly MarkedHour[],
  span: Span,
  withTests: boolean,
): Promise<void> {
  const by = withTests ? '' : `AND rule = '${BY_HAND}'`
  await session.run(
    `CREATE OR REPLACE TEMP TABLE fresh_bad AS SELECT device.id AS device, metric, start, stop FROM quality_flag
     JOIN device ON device.device = quality_flag.device
     WHERE quality = 4 ${by} AND retired IS NULL AND start < ${whole(span.to)} AND stop > ${whole(span.from)}`,
  )
  const metrics = await session.rows('SELECT DISTINCT metric FROM fresh_bad')
  if (metrics.length === 0) return
  await session.run(
    `CREATE OR REPLACE TEMP TABLE bad_hour AS SELECT DISTINCT h.device, b.metric, h.hour FROM fresh_hour h
     JOIN fresh_bad b ON h.device = b.device AND b.start < h.hour + ${HOUR} AND b.stop > h.hour`,
  )
  await session.run(
    `DELETE FROM fresh_part USING bad_hour b
     WHERE fresh_part.device = b.device AND fresh_part.metric = b.metric AND fresh_part.hour = b.hour`,
  )
  for (const kind of new Set(marks.map(({ device }) => device.kind))) {
    const known = metrics
      .map(([metric]) => String(metric))
      .filter((metric) => columnOf(kind, metric) !== undefined)
    for (const metric of known) {
      await session.run(goodParts(kind, `'${metric}'`, plausible(kind, metric)), [
        whole(span.from),
        whole(span.to),
      ])
    }
  }
  await session.run(goodParts('other', 'r.metric', 'value'), [whole(span.from), whole(span.to)])
}

function goodParts(table: string, metric: string, value: string): string {
  return `INSERT INTO fresh_part SELECT r.device, ${metric}, b.hour, count(*), sum(r.v * ${SUM_SCALE}), min(r.v), max(r.v)
    FROM (SELECT *, ${value} AS v FROM ${table} WHERE time >= ? AND time < ?) r
    JOIN bad_hour b ON b.device = r.device AND b.metric = ${metric} AND r.time >= b.hour AND r.time < b.hour + ${HOUR}
    WHERE r.v IS NOT NULL AND NOT EXISTS (SELECT 1 FROM fresh_bad f
      WHERE f.device = r.device AND f.metric = ${metric} AND f.start <= r.time AND r.time < f.stop)
    GROUP BY r.device, ${metric}, b.hour`
}

/** Each raw row meets the last marked hour that begins before it, and counts when it lies within. */
const inFreshHour = (table: string): string =>
  `(SELECT r.*, f.hour FROM (SELECT * FROM ${table} WHERE time >= ? AND time < ?) r
    ASOF JOIN (SELECT device, hour FROM fresh_hour) f ON r.device = f.device AND r.time >= f.hour
    WHERE r.time < f.hour + ${HOUR})`

function knownParts(kind: Kind, metrics: readonly string[]): string {
  const parts = metrics.map((metric) => {
    const value = plausible(kind, metric)
    return `{metric: '${metric}', count: count(${value}), scaled_sum: sum(${value} * ${SUM_SCALE}), min: min(${value}), max: max(${value})}`
  })
  return `SELECT device, part.metric, hour, part.count, part.scaled_sum, part.min, part.max FROM (
    SELECT device, hour, unnest([${parts.join(', ')}]) AS part FROM ${inFreshHour(kind)} GROUP BY device, hour
  ) WHERE part.count > 0`
}

function otherParts(): string {
  return `SELECT device, metric, hour, count(*), sum(value * ${SUM_SCALE}), min(value), max(value)
    FROM ${inFreshHour('other')} GROUP BY device, metric, hour`
}
