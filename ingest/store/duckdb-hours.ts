// Hourly means in DuckDB: `marked_hour` names the hours to compute anew; `refresh` makes their rows from raw readings and takes
// the marks away, in one transaction. Rows outlive their raw readings tenfold.

import { HOUR, type TimeMs } from '../../contract/time.ts'
import { KINDS, type Kind } from '../../contract/topics.ts'
import { KNOWN_METRICS, rangeOf } from './columns.ts'
import { type DuckDbSession, whole } from './duckdb-connection.ts'
import type { DeviceState, DeviceTable } from './duckdb-devices.ts'
import { quoted } from './duckdb-schema.ts'
import { groupBy } from './group.ts'
import { SUM_SCALE, type ZoneHours } from './hours.ts'
import type { PackedRows } from './packed-rows.ts'

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

async function appendMarks(
  session: DuckDbSession,
  table: string,
  marks: readonly MarkedHour[],
): Promise<void> {
  await session.append(
    table,
    [
      { type: 'integer', values: marks.map(({ device }) => device.id) },
      { type: 'bigint', values: marks.map(({ hour }) => hour) },
    ],
    marks.length,
  )
}

/** Marked hours that are over at `now`, oldest first, at most `limit`. */
export function closedMarks(devices: DeviceTable, now: TimeMs, limit: number): MarkedHour[] {
  const marks: MarkedHour[] = []
  for (const device of devices.all()) {
    for (const hour of device.marked) if (hour + HOUR <= now) marks.push({ device, hour })
  }
  return marks.sort((a, b) => a.hour - b.hour).slice(0, limit)
}

/**
 * Takes marks away, inside the caller's transaction; the caller removes them from the devices once it is committed.
 */
export async function clearMarks(session: DuckDbSession, marks: readonly MarkedHour[]): Promise<void> {
  await stage(session, marks)
  await session.run(
    'DELETE FROM marked_hour USING fresh_hour WHERE marked_hour.device = fresh_hour.device AND marked_hour.hour = fresh_hour.hour',
  )
}

async function stage(session: DuckDbSession, marks: readonly MarkedHour[]): Promise<void> {
  await session.run('CREATE TEMP TABLE IF NOT EXISTS fresh_hour (device INTEGER, hour BIGINT)')
  await session.run('DELETE FROM fresh_hour')
  await appendMarks(session, 'fresh_hour', marks)
}

/**
 * Makes the rows of those hours anew from raw readings and takes their marks away, inside the caller's transaction. Hours
 * before `rawSince` have lost raw readings: what came for them since is added to their rows, and removed.
 */
export async function refreshHours(
  session: DuckDbSession,
  marks: readonly MarkedHour[],
  zone: ZoneHours,
  rawSince: TimeMs,
): Promise<void> {
  if (marks.length === 0) return
  await clearMarks(session, marks)
  await session.run('CREATE OR REPLACE TEMP TABLE fresh_part AS FROM hourly LIMIT 0')
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
  const sameHour = 'hourly.device = fresh_hour.device AND hourly.hour = fresh_hour.hour'
  await session.run(
    `INSERT INTO fresh_part SELECT hourly.* FROM hourly JOIN fresh_hour ON ${sameHour} WHERE hourly.hour < ?`,
    [whole(rawSince)],
  )
  await session.run(`DELETE FROM hourly USING fresh_hour WHERE ${sameHour}`)
  await session.run(
    `INSERT INTO hourly SELECT device, metric, hour, sum(count)::BIGINT, sum(scaled_sum), min(min), max(max)
     FROM fresh_part GROUP BY device, metric, hour ORDER BY hour, device, metric`,
  )
  if (span.from < rawSince) await dropRaw(session, rawSince)
}

/** Removes raw readings before a time, inside the caller's transaction. */
export async function dropRaw(session: DuckDbSession, before: TimeMs): Promise<void> {
  for (const table of [...KINDS, 'other']) {
    await session.run(`DELETE FROM ${table} WHERE time < ?`, [whole(before)])
  }
}

/** A plausible value of a known metric as SQL: NULL outside its range. */
export function plausible(kind: Kind, metric: string): string {
  const range = rangeOf(kind, metric)
  const column = quoted(metric)
  return range === null
    ? column
    : `CASE WHEN ${column} BETWEEN ${range[0]} AND ${range[1]} THEN ${column} END`
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
