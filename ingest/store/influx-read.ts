// InfluxQL for one device's history, the same for 1.x and 2.x. Its percentile() takes the nearest rank, so quantiles are
// computed here from the raw values; everything else is computed by the server.

import { escape as influxQl } from 'influx'
import type { Aggregate, Every, Point, Series } from '../../contract/feed.ts'
import { unitOf } from '../../contract/metrics.ts'
import { DAY, HOUR, type TimeMs } from '../../contract/time.ts'
import type { Kind } from '../../contract/topics.ts'
import { flagShown } from '../flag-shown.ts'
import { rangeOf } from './columns.ts'
import { badSpans, type FlagsOfMetric, goodSpans, testedHours } from './duckdb-flags.ts'
import { groupBy } from './group.ts'
import {
  addParts,
  type BucketPart,
  EVERY_MS,
  isPartialAggregate,
  planHours,
  quantile,
  type Span,
  SUM_SCALE,
  valueOfPart,
  type ZoneHours,
} from './hours.ts'
import {
  fieldOf,
  hourlyMeasurement,
  POSITION_FIELDS,
  partsOf,
  positionOf,
  TIME_IS_ARRIVAL_FIELD,
  TRIP_FIELD,
} from './influx-lines.ts'
import type { InfluxServer, InfluxTable } from './influx-server.ts'
import type { TrackPoint } from './store.ts'

export interface InfluxDevice {
  readonly kind: Kind
  readonly device: string
  /** Metrics to look for. */
  readonly metrics: readonly string[]
}

export const quotedField = (metric: string): string => influxQl.quoted(fieldOf(metric))

export function sourceOf(server: InfluxServer, measurement: string): string {
  return `${server.source}${influxQl.quoted(measurement)}`
}

export function within({ from, to }: Span): string {
  return `time >= ${Math.ceil(from)}ms AND time < ${Math.ceil(to)}ms`
}

function whereDevice(device: InfluxDevice, span: Span): string {
  return `"device" = ${influxQl.stringLit(device.device)} AND ${within(span)}`
}

/** Condition that a metric's value is plausible; empty where no range is known. */
export function plausible(kind: Kind, metric: string): string {
  const range = rangeOf(kind, metric)
  const field = quotedField(metric)
  return range === null ? '' : ` AND ${field} >= ${range[0]} AND ${field} <= ${range[1]}`
}

/** Raw series; see `Store.readings`. */
export async function readInfluxReadings(
  server: InfluxServer,
  device: InfluxDevice,
  period: Span & { readonly limit: number },
  flags: FlagsOfMetric,
): Promise<{ series: Series[]; next?: TimeMs }> {
  if (device.metrics.length === 0) return { series: [] }
  const fields = [...device.metrics.map(quotedField), influxQl.quoted(TIME_IS_ARRIVAL_FIELD)]
  const [tables] = await server.query([
    `SELECT ${fields.join(', ')} FROM ${sourceOf(server, device.kind)} WHERE ${whereDevice(device, period)} LIMIT ${period.limit + 1}`,
  ])
  const rows = tables?.[0]?.rows ?? []
  const points = new Map<string, Point[]>(device.metrics.map((metric) => [metric, []]))
  for (const [time, ...cells] of rows.slice(0, period.limit)) {
    for (const [index, metric] of device.metrics.entries()) {
      const value = cells[index]
      if (typeof value !== 'number') continue
      const point = { time: Number(time), value, timeIsArrival: cells.at(-1) === true }
      const flag = flagShown(device.kind, metric, point, flags.get(metric) ?? [])
      points.get(metric)?.push(flag === null ? [Number(time), value] : [Number(time), value, flag])
    }
  }
  const series = [...points]
    .filter(([, ofMetric]) => ofMetric.length > 0)
    .map(([metric, ofMetric]) => ({ metric, unit: unitOf(device.kind, metric), points: ofMetric }))
  const next = rows[period.limit]?.[0]
  return typeof next === 'number' ? { series, next } : { series }
}

/** Buckets; see `Store.buckets`. `marked`: hours whose hourly rows are not made yet. */
export async function readInfluxBuckets(
  server: InfluxServer,
  device: InfluxDevice,
  question: Span & { readonly every: Every; readonly fn: Aggregate; readonly good?: boolean },
  marked: readonly TimeMs[],
  zone: ZoneHours,
  flags: FlagsOfMetric,
  rawSince: TimeMs,
): Promise<Series[]> {
  const { every, fn, good = false } = question
  const bad = badSpans(flags, good)
  if (!isPartialAggregate(fn))
    return readQuantiles(server, device, question, fn === 'p50' ? 0.5 : 0.95, zone, bad)
  const everyMs = Math.min(EVERY_MS[every], HOUR)
  const tested = good ? testedHours(flags, question, zone).filter((hour) => hour >= rawSince) : []
  const plan =
    everyMs < HOUR
      ? { hourly: null, raw: [question] }
      : planHours(question, new Set([...marked, ...tested]), zone)
  const parts = await readParts(server, device, plan.raw, everyMs, zone, bad)
  if (plan.hourly !== null) parts.push(...(await readHourly(server, device, plan.hourly, plan.raw)))
  const buckets = addParts(parts, (time) => zone.labelOf(time, every))
  return seriesOf(device, buckets, (part) => valueOfPart(part, fn))
}

function seriesOf(
  device: InfluxDevice,
  parts: readonly BucketPart[],
  value: (part: BucketPart) => number,
): Series[] {
  const ofMetric = groupBy(
    [...parts].sort((a, b) => a.start - b.start),
    ({ metric }) => metric,
  )
  return device.metrics.flatMap((metric) => {
    const buckets = ofMetric.get(metric)
    if (buckets === undefined) return []
    const points = buckets.map((part): Point => [part.start, value(part)])
    return [{ metric, unit: unitOf(device.kind, metric), points }]
  })
}

/** Stretches flagged as bad, by metric. */
export type BadSpans = ReturnType<typeof badSpans>

/** Parts of the buckets of one device in those spans, without what is flagged as bad. A bucket may come in several parts. */
export async function readParts(
  server: InfluxServer,
  device: InfluxDevice,
  spans: readonly Span[],
  everyMs: number,
  zone: ZoneHours,
  bad: BadSpans,
): Promise<BucketPart[]> {
  const parts: BucketPart[] = []
  for (const stretch of spans.flatMap((asked) => zone.offsetSpans(asked))) {
    const group = `GROUP BY ${timeGroup(everyMs, stretch.offsetMs)} fill(none)`
    // InfluxQL takes one stretch of time a statement.
    const questions = device.metrics.flatMap((metric) =>
      goodSpans(stretch, bad.get(metric) ?? []).map((span) => ({
        metric,
        span,
        statements: partStatement(server, device.kind, metric, whereDevice(device, span)),
      })),
    )
    const answers = [
      ...(await server.query(
        questions.flatMap(({ statements }) => statements.map((text) => `${text} ${group}`)),
      )),
    ]
    for (const { metric, span, statements } of questions) {
      const ofMetric = answers.splice(0, statements.length)
      for (const part of partsOfAnswers(metric, ofMetric[0]?.[0], ofMetric[1]?.[0])) {
        // The first bucket of a stretch begins where the stretch does, at the latest.
        parts.push({ ...part, start: zone.bucketStart(Math.max(part.start, span.from), everyMs) })
      }
    }
  }
  return parts
}

/** `time(1h, 30m)`: buckets of the local clock. */
export function timeGroup(everyMs: number, offsetMs: number): string {
  const shift = ((-offsetMs % everyMs) + everyMs) % everyMs
  return `time(${everyMs}ms, ${shift}ms)`
}

/**
 * Statements for count, sum, min and max of a metric, to be completed by GROUP BY. The sum of a metric without a range is
 * asked for in a scale in which it cannot overflow: InfluxDB fails on an infinite number.
 */
export function partStatement(server: InfluxServer, kind: Kind, metric: string, where: string): string[] {
  const field = quotedField(metric)
  const from = `FROM ${sourceOf(server, kind)} WHERE ${where}${plausible(kind, metric)}`
  if (rangeOf(kind, metric) !== null) {
    return [`SELECT count(${field}), sum(${field}), min(${field}), max(${field}) ${from}`]
  }
  return [
    `SELECT count(${field}), min(${field}), max(${field}) ${from}`,
    `SELECT sum("scaled") FROM (SELECT ${field} / ${SCALE} AS "scaled" ${from} GROUP BY "device") WHERE ${where}`,
  ]
}

/** 1 / SUM_SCALE as InfluxQL takes it: with a point, and without an exponent. */
const SCALE = `${BigInt(1 / SUM_SCALE)}.0`

/** Parts of the answers to `partStatement` of one series; `sums` when there were two. */
export function partsOfAnswers(
  metric: string,
  table: InfluxTable | undefined,
  sums: InfluxTable | undefined,
): BucketPart[] {
  if (table === undefined) return []
  if (table.columns.includes('sum')) return partsOf(metric, table, SUM_SCALE)
  const sumAt = new Map((sums?.rows ?? []).map(([time, sum]) => [time, sum ?? 0]))
  const rows = table.rows.map(([time, count, min, max]) => [
    time ?? 0,
    count ?? 0,
    sumAt.get(time ?? 0) ?? 0,
    min ?? 0,
    max ?? 0,
  ])
  return partsOf(metric, { ...table, rows }, 1)
}

async function readHourly(
  server: InfluxServer,
  device: InfluxDevice,
  hourly: Span,
  raw: readonly Span[],
): Promise<BucketPart[]> {
  const [tables] = await server.query([
    `SELECT "count", "scaled_sum", "min", "max" FROM ${sourceOf(server, hourlyMeasurement(device.kind))} WHERE ${whereDevice(device, hourly)} GROUP BY "metric"`,
  ])
  return (tables ?? [])
    .flatMap((table) => partsOf(table.tags['metric'] ?? '', table, 1))
    .filter(({ metric, start }) => {
      const isRaw = raw.some(({ from, to }) => from <= start && start < to)
      return !isRaw && device.metrics.includes(metric)
    })
}

/** Raw values are fetched a week at a time. */
const QUANTILE_DAYS = 7

async function readQuantiles(
  server: InfluxServer,
  device: InfluxDevice,
  question: Span & { readonly every: Every },
  share: number,
  zone: ZoneHours,
  bad: BadSpans,
): Promise<Series[]> {
  const points: BucketPart[] = []
  for (let from = question.from; from < question.to; ) {
    // Weeks end with a local day, so that no bucket is cut in two.
    const to = Math.min(zone.dayStart(from + QUANTILE_DAYS * DAY), question.to)
    const answers = await server.query(
      device.metrics.map(
        (metric) =>
          `SELECT ${quotedField(metric)} FROM ${sourceOf(server, device.kind)} WHERE ${whereDevice(device, { from, to })}${plausible(device.kind, metric)}`,
      ),
    )
    for (const [index, metric] of device.metrics.entries()) {
      const left = bad.get(metric) ?? []
      const rows = (answers[index]?.[0]?.rows ?? []).filter(
        ([time]) => !left.some(({ from, to }) => from <= Number(time) && Number(time) < to),
      )
      const buckets = groupBy(rows, ([time]) => zone.labelOf(Number(time), question.every))
      for (const [start, ofBucket] of buckets) {
        const value = quantile(
          ofBucket.map(([, value]) => Number(value)).sort((a, b) => a - b),
          share,
        )
        points.push({ metric, start, count: 1, sum: value, min: value, max: value })
      }
    }
    from = to
  }
  return seriesOf(device, points, ({ min }) => min)
}

/** Positions of a device in [from, to), oldest first. */
export async function readInfluxTrack(
  server: InfluxServer,
  device: InfluxDevice,
  span: Span,
): Promise<TrackPoint[]> {
  const fields = [...POSITION_FIELDS, TRIP_FIELD].map((field) => influxQl.quoted(field))
  const [tables] = await server.query([
    `SELECT ${fields.join(', ')} FROM ${sourceOf(server, device.kind)} WHERE ${whereDevice(device, span)}`,
  ])
  const table = tables?.[0]
  return (table?.rows ?? []).flatMap((cells) => {
    const named = new Map(table?.columns.map((column, index) => [column, cells[index] ?? null]))
    const position = positionOf(named)
    const trip = named.get(TRIP_FIELD)
    return position === null
      ? []
      : [{ ...position, time: Number(named.get('time')), trip: typeof trip === 'string' ? trip : null }]
  })
}
