// Buckets out of DuckDB: from raw readings below an hour and for quantiles, else from hourly rows, with raw readings for what they
// do not hold yet.

import type { Aggregate, Every, Point, Series } from '../../contract/feed.ts'
import { METRIC_NAME, unitOf } from '../../contract/metrics.ts'
import { DAY, HOUR, type TimeMs } from '../../contract/time.ts'
import type { Kind } from '../../contract/topics.ts'
import { type Cell, type DuckDbSession, type Row, whole } from './duckdb-connection.ts'
import type { DeviceState } from './duckdb-devices.ts'
import { badSpans, readFlags, testedHours } from './duckdb-flags.ts'
import { plausible, within } from './duckdb-hours.ts'
import { otherCondition, pointsOf, wantedMetrics } from './duckdb-readings.ts'
import {
  addParts,
  type BucketPart,
  EVERY_MS,
  isPartialAggregate,
  planHours,
  type Span,
  SUM_SCALE,
  valueOfPart,
  type ZoneHours,
} from './hours.ts'
import type { DevicePeriod } from './store.ts'

/** Stretches flagged as bad, by metric. */
type BadSpans = ReturnType<typeof badSpans>

type BucketQuestion = DevicePeriod & {
  readonly every: Every
  readonly fn: Aggregate
  readonly good?: boolean
}

/** Buckets of a device; see `Store.buckets`. Means, extremes and counts of hours and days come from hourly rows. */
export async function readBuckets(
  session: DuckDbSession,
  device: DeviceState,
  question: BucketQuestion,
  zone: ZoneHours,
  rawSince: TimeMs,
): Promise<Series[]> {
  const { every, fn, good = false } = question
  const flags = await readFlags(session, device.device, question.from, question.to)
  const bad = badSpans(flags, good)
  if (!isPartialAggregate(fn))
    return readQuantiles(session, device, question, fn === 'p50' ? 0.5 : 0.95, zone, bad)
  const label = (time: TimeMs): TimeMs => zone.labelOf(time, every)
  if (EVERY_MS[every] < HOUR) {
    const parts = await readParts(session, device, question, [question], EVERY_MS[every], zone, bad)
    return seriesOf(device.kind, addParts(parts, label), (part) => valueOfPart(part, fn))
  }
  const tested = good ? testedHours(flags, question, zone).filter((hour) => hour >= rawSince) : []
  const plan = planHours(question, new Set([...device.marked, ...tested]), zone)
  const parts = await readParts(session, device, question, plan.raw, HOUR, zone, bad)
  if (plan.hourly !== null)
    parts.push(...(await readHourly(session, device, question, plan.hourly, plan.raw)))
  return seriesOf(device.kind, addParts(parts, label), (part) => valueOfPart(part, fn))
}

function seriesOf(kind: Kind, parts: readonly BucketPart[], value: (part: BucketPart) => number): Series[] {
  const series = new Map<string, Point[]>()
  for (const part of [...parts].sort((a, b) => a.start - b.start)) {
    pointsOf(series, part.metric).push([part.start, value(part)])
  }
  return [...series].map(([metric, points]) => ({ metric, unit: unitOf(kind, metric), points }))
}

/**
 * Number of the bucket that holds `time`, as SQL. Hours that come twice when clocks go back are told apart by their stretch;
 * a day has one number on both sides of a change.
 */
function bucketNumber(spans: readonly Span[], everyMs: number, zone: ZoneHours): string {
  const from = spans.reduce((least, span) => Math.min(least, span.from), Number.POSITIVE_INFINITY)
  const to = spans.reduce((most, span) => Math.max(most, span.to), Number.NEGATIVE_INFINITY)
  const cases = zone
    .offsetSpans({ from, to })
    .map(
      (span, index) =>
        `WHEN time < ${whole(span.to)} THEN ((time + ${span.offsetMs}) // ${everyMs}) * 1000 + ${everyMs < DAY ? index % 1000 : 0}`,
    )
  return cases.length === 0 ? '0' : `CASE ${cases.join(' ')} ELSE -1 END`
}

async function readParts(
  session: DuckDbSession,
  device: DeviceState,
  question: BucketQuestion,
  spans: readonly Span[],
  everyMs: number,
  zone: ZoneHours,
  bad: BadSpans,
): Promise<BucketPart[]> {
  const asked = spans.filter(({ from, to }) => from < to)
  if (asked.length === 0) return []
  const { known, others } = wantedMetrics(device, question.metrics)
  const bucket = bucketNumber(asked, everyMs, zone)
  const parts: BucketPart[] = []
  if (known.length > 0) {
    const aggregates = known.map((metric) => {
      const value = plausible(device.kind, metric, bad.get(metric))
      return `count(${value}), sum(${value} * ${SUM_SCALE}), min(${value}), max(${value})`
    })
    const rows = await session.rows(
      `SELECT min(time), ${aggregates.join(', ')} FROM ${device.kind}
       WHERE device = ? AND ${within(asked)} GROUP BY ${bucket}`,
      [device.id],
    )
    for (const row of rows) parts.push(...wideParts(row, known))
  }
  const condition = otherCondition(question.metrics, others)
  if (condition !== null) {
    const rows = await session.rows(
      `SELECT metric, min(time), count(*), sum(value * ${SUM_SCALE}), min(value), max(value) FROM other
       WHERE device = ? AND ${within(asked)} AND ${condition} AND NOT ${badOthers(bad)} GROUP BY metric, ${bucket}`,
      [device.id],
    )
    parts.push(...rows.map(partOf))
  }
  return parts
}

/** Condition on `other` for readings flagged as bad. */
function badOthers(bad: BadSpans): string {
  const conditions = [...bad]
    .filter(([metric]) => METRIC_NAME.test(metric))
    .map(([metric, spans]) => `(metric = '${metric}' AND ${within(spans)})`)
  return conditions.length === 0 ? 'false' : `(${conditions.join(' OR ')})`
}

function wideParts([start, ...cells]: Row, metrics: readonly string[]): BucketPart[] {
  return metrics.flatMap((metric, index) => {
    const [count, sum, min, max] = cells.slice(index * 4, index * 4 + 4)
    return Number(count) === 0 ? [] : [partOf([metric, start ?? 0, count ?? 0, sum ?? 0, min ?? 0, max ?? 0])]
  })
}

function partOf([metric, start, count, sum, min, max]: Row): BucketPart {
  return {
    metric: String(metric),
    start: Number(start),
    count: Number(count),
    sum: Number(sum),
    min: Number(min),
    max: Number(max),
  }
}

async function readHourly(
  session: DuckDbSession,
  device: DeviceState,
  question: BucketQuestion,
  hourly: Span,
  raw: readonly Span[],
): Promise<BucketPart[]> {
  const condition = otherCondition(question.metrics, question.metrics ?? [])
  if (condition === null) return []
  const rows = await session.rows(
    `SELECT metric, hour AS time, count, scaled_sum, min, max FROM hourly
     WHERE device = ? AND ${within([hourly])} AND NOT ${within(raw)} AND ${condition}`,
    [device.id],
  )
  return rows.map(partOf)
}

async function readQuantiles(
  session: DuckDbSession,
  device: DeviceState,
  question: BucketQuestion,
  share: number,
  zone: ZoneHours,
  bad: BadSpans,
): Promise<Series[]> {
  const { known, others } = wantedMetrics(device, question.metrics)
  const bucket = bucketNumber([question], EVERY_MS[question.every], zone)
  const points: BucketPart[] = []
  const point = (metric: string, time: Cell | undefined, value: Cell | undefined): void => {
    if (typeof value !== 'number') return
    const start = zone.labelOf(Number(time), question.every)
    points.push({ metric, start, count: 1, sum: value, min: value, max: value })
  }
  if (known.length > 0) {
    const aggregates = known.map(
      (metric) => `quantile_cont(${plausible(device.kind, metric, bad.get(metric))}, ${share})`,
    )
    const rows = await session.rows(
      `SELECT min(time), ${aggregates.join(', ')} FROM ${device.kind}
       WHERE device = ? AND ${within([question])} GROUP BY ${bucket}`,
      [device.id],
    )
    for (const [time, ...values] of rows) {
      for (const [index, value] of values.entries()) point(known[index] ?? '', time, value)
    }
  }
  const condition = otherCondition(question.metrics, others)
  if (condition !== null) {
    const rows = await session.rows(
      `SELECT metric, min(time), quantile_cont(value, ${share}) FROM other
       WHERE device = ? AND ${within([question])} AND ${condition} AND NOT ${badOthers(bad)} GROUP BY metric, ${bucket}`,
      [device.id],
    )
    for (const [metric, time, value] of rows) point(String(metric), time, value)
  }
  return seriesOf(device.kind, points, ({ min }) => min)
}
