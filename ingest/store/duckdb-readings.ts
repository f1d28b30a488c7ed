// Raw readings and tracks out of DuckDB.

import type { Point, Series } from '../../contract/feed.ts'
import { unitOf } from '../../contract/metrics.ts'
import type { Position } from '../../contract/observation.ts'
import type { TimeMs } from '../../contract/time.ts'
import type { Kind } from '../../contract/topics.ts'
import { flagShown, type ShownReading } from '../flag-shown.ts'
import { CONTEXT_NUMBERS, columnOf, KNOWN_METRICS } from './columns.ts'
import { type DuckDbSession, type Row, whole } from './duckdb-connection.ts'
import type { DeviceState } from './duckdb-devices.ts'
import { readFlags } from './duckdb-flags.ts'
import { quoted } from './duckdb-schema.ts'
import type { Span } from './hours.ts'
import type { DevicePeriod, TrackPoint } from './store.ts'

export interface Wanted {
  readonly known: readonly string[]
  readonly others: readonly string[]
}

/** The metrics to look for: those asked for, else those that the device has. */
export function wantedMetrics(device: DeviceState, metrics: readonly string[] | undefined): Wanted {
  // A table has columns for all metrics of its kind; a device has a few of them.
  const wanted = [
    ...new Set(metrics ?? KNOWN_METRICS[device.kind].filter((metric) => device.values.has(metric))),
  ]
  return {
    known: wanted.filter((metric) => columnOf(device.kind, metric) !== undefined),
    others: wanted.filter((metric) => columnOf(device.kind, metric) === undefined),
  }
}

/** Condition on `other.metric` and its parameters: all of them when nothing was asked for. */
export function otherCondition(
  metrics: readonly string[] | undefined,
  others: readonly string[],
): string | null {
  if (metrics === undefined) return 'true'
  // Names are of the form of a metric's name or match nothing; a quote can be in none.
  const names = others.filter((name) => /^[a-z0-9_]+$/.test(name)).map((name) => `'${name}'`)
  return names.length === 0 ? null : `metric IN (${names.join(', ')})`
}

/** Raw series of a device; see `Store.readings`. */
export async function readReadings(
  session: DuckDbSession,
  device: DeviceState,
  period: DevicePeriod & { readonly limit: number },
): Promise<{ series: Series[]; next?: TimeMs }> {
  const { known, others } = wantedMetrics(device, period.metrics)
  const found = new Map<string, ShownReading[]>()
  let end = period.to
  if (known.length > 0) end = Math.min(end, await readKnown(session, device, known, period, found))
  const condition = otherCondition(period.metrics, others)
  if (condition !== null) end = Math.min(end, await readOthers(session, device, condition, period, found))
  const flags = await readFlags(session, device.device, period.from, end)
  const series = [...found]
    .map(([metric, points]) => ({
      metric,
      unit: unitOf(device.kind, metric),
      points: points
        .filter(({ time }) => time < end)
        .map((point) => flagged(device.kind, metric, point, flags.get(metric) ?? [])),
    }))
    .filter(({ points }) => points.length > 0)
  return end < period.to ? { series, next: end } : { series }
}

function flagged(
  kind: Kind,
  metric: string,
  reading: ShownReading,
  flags: Parameters<typeof flagShown>[3],
): Point {
  const flag = flagShown(kind, metric, reading, flags)
  return flag === null ? [reading.time, reading.value] : [reading.time, reading.value, flag]
}

/** Adds the points of known metrics; returns the time from which on there may be more. */
async function readKnown(
  session: DuckDbSession,
  device: DeviceState,
  metrics: readonly string[],
  period: Span & { readonly limit: number },
  found: Map<string, ShownReading[]>,
): Promise<TimeMs> {
  const columns = metrics.map(quoted)
  const rows = await session.rows(
    `SELECT time, time_is_arrival, ${columns.join(', ')} FROM ${device.kind}
     WHERE device = ? AND time >= ? AND time < ? AND (${columns.map((column) => `${column} IS NOT NULL`).join(' OR ')})
     ORDER BY time LIMIT ?`,
    [device.id, whole(period.from), whole(period.to), whole(period.limit + 1)],
  )
  for (const [time, timeIsArrival, ...cells] of rows) {
    for (const [index, value] of cells.entries()) {
      const metric = metrics[index]
      if (typeof value !== 'number' || metric === undefined) continue
      pointsOf(found, metric).push({ time: Number(time), value, timeIsArrival: timeIsArrival === true })
    }
  }
  return Number(rows[period.limit]?.[0] ?? period.to)
}

async function readOthers(
  session: DuckDbSession,
  device: DeviceState,
  condition: string,
  period: Span & { readonly limit: number },
  found: Map<string, ShownReading[]>,
): Promise<TimeMs> {
  const rows = await session.rows(
    `SELECT other.metric, other.time, other.value, coalesce(t.time_is_arrival, false), n FROM (
       SELECT *, row_number() OVER (PARTITION BY metric ORDER BY time) AS n FROM other
       WHERE device = ? AND time >= ? AND time < ? AND ${condition}
     ) other LEFT JOIN ${device.kind} t ON t.device = other.device AND t.time = other.time
     WHERE n <= ? ORDER BY other.metric, other.time`,
    [device.id, whole(period.from), whole(period.to), whole(period.limit + 1)],
  )
  let end = period.to
  for (const [metric, time, value, timeIsArrival, n] of rows) {
    if (Number(n) > period.limit) end = Math.min(end, Number(time))
    pointsOf(found, String(metric)).push({
      time: Number(time),
      value: Number(value),
      timeIsArrival: timeIsArrival === true,
    })
  }
  return end
}

export function pointsOf<T>(found: Map<string, T[]>, metric: string): T[] {
  let points = found.get(metric)
  if (points === undefined) {
    points = []
    found.set(metric, points)
  }
  return points
}

/** Positions of a device in [from, to), oldest first. */
export async function readTrack(
  session: DuckDbSession,
  device: DeviceState,
  { from, to }: Span,
): Promise<TrackPoint[]> {
  const rows = await session.rows(
    `SELECT time, trip, ${CONTEXT_NUMBERS.join(', ')} FROM ${device.kind}
     WHERE device = ? AND time >= ? AND time < ? AND position_lat IS NOT NULL ORDER BY time`,
    [device.id, whole(from), whole(to)],
  )
  return rows.flatMap(([time, trip, ...numbers]) => {
    const position = positionOf(numbers)
    return position === null
      ? []
      : [{ ...position, time: Number(time), trip: typeof trip === 'string' ? trip : null }]
  })
}

/** Position of a row's context numbers; null when it has none. */
export function positionOf(numbers: Row): Position | null {
  const [lat, lon, speed, bearing, accuracy] = numbers
  if (typeof lat !== 'number' || typeof lon !== 'number') return null
  return {
    lat,
    lon,
    ...(typeof speed === 'number' ? { speed } : {}),
    ...(typeof bearing === 'number' ? { bearing } : {}),
    ...(typeof accuracy === 'number' ? { accuracy } : {}),
  }
}
