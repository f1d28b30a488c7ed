// Hourly rows in InfluxDB, kept as the embedded engine keeps its own: hours marked by writes are computed anew from raw readings,
// by the server, a day's worth at a time. InfluxDB has no transactions: a mark goes only after the row is confirmed.

import { HOUR, type TimeMs } from '../../contract/time.ts'
import type { Kind } from '../../contract/topics.ts'
import type { NamedHour } from './duckdb-engine.ts'
import { groupBy } from './group.ts'
import { addParts, type BucketPart, type Span, type ZoneHours } from './hours.ts'
import { hourlyLine, hourlyMeasurement, partsOf } from './influx-lines.ts'
import {
  type BadSpans,
  partStatement,
  partsOfAnswers,
  readParts,
  sourceOf,
  timeGroup,
  within,
} from './influx-read.ts'
import type { InfluxServer, InfluxTable } from './influx-server.ts'

/** Hours closer than this are asked for together. */
const CLUSTER_MS = 24 * HOUR

/** Lines of the hourly rows of those hours; `metrics` of each device by its name. Throws StoreAwayError. */
export async function freshHourlyLines(
  server: InfluxServer,
  hours: readonly NamedHour[],
  metrics: ReadonlyMap<string, readonly string[]>,
  zone: ZoneHours,
  rawSince: TimeMs,
  badOf: BadOf,
): Promise<string[]> {
  const clusters = groupBy(hours, ({ kind, hour }) => `${kind} ${Math.floor(hour / CLUSTER_MS)}`)
  const lines: string[] = []
  for (const cluster of clusters.values()) {
    lines.push(...(await linesOfCluster(server, cluster, metrics, zone, rawSince, badOf)))
  }
  return lines
}

async function linesOfCluster(
  server: InfluxServer,
  hours: readonly NamedHour[],
  metrics: ReadonlyMap<string, readonly string[]>,
  zone: ZoneHours,
  rawSince: TimeMs,
  badOf: BadOf,
): Promise<string[]> {
  const kind = hours[0]?.kind
  if (kind === undefined) return []
  const span = {
    from: hours.reduce((least, { hour }) => Math.min(least, hour), Number.POSITIVE_INFINITY),
    to: hours.reduce((most, { hour }) => Math.max(most, zone.bucketEnd(hour, HOUR)), 0),
  }
  const names = new Set(hours.flatMap(({ device }) => metrics.get(device) ?? []))
  const fresh = await readFresh(server, kind, [...names], span, zone)
  await leaveOutBad(server, hours, fresh, zone, badOf)
  const before = await readBefore(server, kind, span)
  return hours.flatMap(({ device, hour }) => {
    const key = `${device} ${hour}`
    const made = fresh.get(key) ?? []
    const there = before.get(key) ?? []
    if (hour < rawSince)
      return addParts([...there, ...made], () => hour).map((part) => hourlyLine(kind, device, part))
    // A row whose readings were all corrected out of range stays, with a count of none.
    const gone = there
      .filter(({ metric }) => !made.some((part) => part.metric === metric))
      .map((part) => ({ ...part, count: 0, sum: 0, min: 0, max: 0 }))
    return [...made, ...gone].map((part) => hourlyLine(kind, device, part))
  })
}

type PartsOfHour = Map<string, readonly BucketPart[]>

/** What of a device is flagged as bad in a stretch of time. */
type BadOf = (device: string, span: Span) => Promise<BadSpans>

/** Makes the parts anew of hours that hold readings flagged as bad, without these. */
async function leaveOutBad(
  server: InfluxServer,
  hours: readonly NamedHour[],
  fresh: PartsOfHour,
  zone: ZoneHours,
  badOf: BadOf,
): Promise<void> {
  for (const { kind, device, hour } of hours) {
    const span = { from: hour, to: zone.bucketEnd(hour, HOUR) }
    const bad = await badOf(device, span)
    if (bad.size === 0) continue
    const key = `${device} ${hour}`
    const others = (fresh.get(key) ?? []).filter(({ metric }) => !bad.has(metric))
    const good = await readParts(server, { kind, device, metrics: [...bad.keys()] }, [span], HOUR, zone, bad)
    fresh.set(key, [...others, ...addParts(good, () => hour)])
  }
}

async function readFresh(
  server: InfluxServer,
  kind: Kind,
  metrics: readonly string[],
  span: Span,
  zone: ZoneHours,
): Promise<PartsOfHour> {
  const found: [string, BucketPart][] = []
  for (const stretch of zone.offsetSpans(span)) {
    const group = `GROUP BY ${timeGroup(HOUR, stretch.offsetMs)}, "device" fill(none)`
    const statements = metrics.map((metric) =>
      partStatement(server, kind, metric, within(stretch)).map((text) => `${text} ${group}`),
    )
    const answers = [...(await server.query(statements.flat()))]
    for (const [index, metric] of metrics.entries()) {
      const [tables, sums] = answers.splice(0, statements[index]?.length ?? 0)
      const sumsOf = new Map((sums ?? []).map((table) => [table.tags['device'], table]))
      for (const table of tables ?? []) {
        const device = table.tags['device'] ?? ''
        for (const part of partsOfAnswers(metric, table, sumsOf.get(device))) {
          const start = zone.bucketStart(Math.max(part.start, stretch.from), HOUR)
          found.push([`${device} ${start}`, { ...part, start }])
        }
      }
    }
  }
  return byHour(found)
}

async function readBefore(server: InfluxServer, kind: Kind, span: Span): Promise<PartsOfHour> {
  const [tables] = await server.query([
    `SELECT "count", "scaled_sum", "min", "max" FROM ${sourceOf(server, hourlyMeasurement(kind))} WHERE ${within(span)} GROUP BY "device", "metric"`,
  ])
  const parts = (table: InfluxTable): [string, BucketPart][] =>
    partsOf(table.tags['metric'] ?? '', table, 1).map((part) => [
      `${table.tags['device']} ${part.start}`,
      part,
    ])
  return byHour((tables ?? []).flatMap(parts))
}

function byHour(found: readonly (readonly [string, BucketPart])[]): PartsOfHour {
  const groups = groupBy(found, ([key]) => key)
  return new Map([...groups].map(([key, pairs]) => [key, pairs.map(([, part]) => part)]))
}
