// Questions to DuckDB: raw readings, buckets, tracks and pages of an export.

import type { Aggregate, Every, Point, Series, TransferRow } from '../../contract/feed.ts'
import { isOutOfRange, unitOf } from '../../contract/metrics.ts'
import type { Flag, Occupancy, Position } from '../../contract/observation.ts'
import { DAY, HOUR, type TimeMs } from '../../contract/time.ts'
import { KINDS, type Kind } from '../../contract/topics.ts'
import { CONTEXT_NUMBERS, CONTEXT_TEXTS, columnOf, KNOWN_METRICS } from './columns.ts'
import { type Cell, type DuckDbSession, type Row, whole } from './duckdb-connection.ts'
import type { DeviceState } from './duckdb-devices.ts'
import { plausible } from './duckdb-hours.ts'
import { readFlags } from './duckdb-ledger.ts'
import { quoted } from './duckdb-schema.ts'
import { groupBy } from './group.ts'
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
import type { DevicePeriod, RowFilter, TrackPoint } from './store.ts'

interface Wanted {
  readonly known: readonly string[]
  readonly others: readonly string[]
}

/** The metrics to look for: those asked for, else those that the device has. */
function wantedMetrics(device: DeviceState, metrics: readonly string[] | undefined): Wanted {
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
function otherCondition(metrics: readonly string[] | undefined, others: readonly string[]): string | null {
  if (metrics === undefined) return 'true'
  // Names are of the form of a metric's name or match nothing; a quote can be in none.
  const names = others.filter((name) => /^[a-z0-9_]+$/.test(name)).map((name) => `'${name}'`)
  return names.length === 0 ? null : `metric IN (${names.join(', ')})`
}

interface RawPoint {
  readonly time: TimeMs
  readonly value: number
  readonly timeIsArrival: boolean
}

/** Raw series of a device; see `Store.readings`. */
export async function readReadings(
  session: DuckDbSession,
  device: DeviceState,
  period: DevicePeriod & { readonly limit: number },
): Promise<{ series: Series[]; next?: TimeMs }> {
  const { known, others } = wantedMetrics(device, period.metrics)
  const found = new Map<string, RawPoint[]>()
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
  { time, value, timeIsArrival }: RawPoint,
  flags: readonly { readonly from: TimeMs; readonly to: TimeMs; readonly flag: Flag }[],
): Point {
  if (isOutOfRange(kind, metric, value)) return [time, value, 'range']
  if (timeIsArrival) return [time, value, 'arrival_time']
  const flag = flags.find(({ from, to }) => from <= time && time < to)?.flag
  return flag === undefined ? [time, value] : [time, value, flag]
}

/** Adds the points of known metrics; returns the time from which on there may be more. */
async function readKnown(
  session: DuckDbSession,
  device: DeviceState,
  metrics: readonly string[],
  period: Span & { readonly limit: number },
  found: Map<string, RawPoint[]>,
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
  found: Map<string, RawPoint[]>,
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

function pointsOf<T>(found: Map<string, T[]>, metric: string): T[] {
  let points = found.get(metric)
  if (points === undefined) {
    points = []
    found.set(metric, points)
  }
  return points
}

type BucketQuestion = DevicePeriod & { readonly every: Every; readonly fn: Aggregate }

/** Buckets of a device; see `Store.buckets`. Means, extremes and counts of hours and days come from hourly rows. */
export async function readBuckets(
  session: DuckDbSession,
  device: DeviceState,
  question: BucketQuestion,
  zone: ZoneHours,
): Promise<Series[]> {
  const { every, fn } = question
  if (!isPartialAggregate(fn))
    return readQuantiles(session, device, question, fn === 'p50' ? 0.5 : 0.95, zone)
  const label = (time: TimeMs): TimeMs => zone.labelOf(time, every)
  if (EVERY_MS[every] < HOUR) {
    const parts = await readParts(session, device, question, [question], EVERY_MS[every], zone)
    return seriesOf(device.kind, addParts(parts, label), (part) => valueOfPart(part, fn))
  }
  const plan = planHours(question, device.marked, zone)
  const parts = await readParts(session, device, question, plan.raw, HOUR, zone)
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

/** Condition on `time` for spans; they are whole numbers of ours. */
function within(spans: readonly Span[]): string {
  if (spans.length === 0) return 'false'
  return `(${spans.map(({ from, to }) => `(time >= ${whole(from)} AND time < ${whole(to)})`).join(' OR ')})`
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
): Promise<BucketPart[]> {
  const asked = spans.filter(({ from, to }) => from < to)
  if (asked.length === 0) return []
  const { known, others } = wantedMetrics(device, question.metrics)
  const bucket = bucketNumber(asked, everyMs, zone)
  const parts: BucketPart[] = []
  if (known.length > 0) {
    const aggregates = known.map((metric) => {
      const value = plausible(device.kind, metric)
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
       WHERE device = ? AND ${within(asked)} AND ${condition} GROUP BY metric, ${bucket}`,
      [device.id],
    )
    parts.push(...rows.map(partOf))
  }
  return parts
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
    const aggregates = known.map((metric) => `quantile_cont(${plausible(device.kind, metric)}, ${share})`)
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
       WHERE device = ? AND ${within([question])} AND ${condition} GROUP BY metric, ${bucket}`,
      [device.id],
    )
    for (const [metric, time, value] of rows) point(String(metric), time, value)
  }
  return seriesOf(device.kind, points, ({ min }) => min)
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

function positionOf(numbers: Row): Position | null {
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

/** Stretches of time of about `EXPORT_ROWS` rows each, by kind and oldest first. */
export interface ExportPage extends Span {
  readonly kind: Kind
}

const EXPORT_ROWS = 20_000

export async function planExport(
  session: DuckDbSession,
  filter: RowFilter,
  device: DeviceState | null,
): Promise<ExportPage[]> {
  const pages: ExportPage[] = []
  for (const kind of KINDS) {
    if ((filter.kind ?? device?.kind ?? kind) !== kind || (device !== null && device.kind !== kind)) continue
    const minutes = await session.rows(
      `SELECT (time // 60000) * 60000 AS minute, count(*) FROM ${kind}
       WHERE time >= ? AND time < ? AND (? IS NULL OR device = ?) GROUP BY minute ORDER BY minute`,
      [whole(filter.from), whole(filter.to), device?.id ?? null, device?.id ?? null],
    )
    let from = filter.from
    let rows = 0
    for (const [minute, count] of minutes) {
      if (rows > 0 && rows + Number(count) > EXPORT_ROWS) {
        pages.push({ kind, from, to: Number(minute) })
        from = Number(minute)
        rows = 0
      }
      rows += Number(count)
    }
    if (rows > 0) pages.push({ kind, from, to: filter.to })
  }
  return pages
}

export async function readExportPage(
  session: DuckDbSession,
  page: ExportPage,
  device: DeviceState | null,
): Promise<TransferRow[]> {
  const metrics = KNOWN_METRICS[page.kind]
  const parameters = [whole(page.from), whole(page.to), device?.id ?? null, device?.id ?? null]
  const condition = 't.time >= ? AND t.time < ? AND (? IS NULL OR t.device = ?)'
  const names = [...metrics, ...CONTEXT_NUMBERS, ...CONTEXT_TEXTS].map((name) => `t.${quoted(name)}`)
  const rows = await session.rows(
    `SELECT t.time, device.device, ${names.join(', ')} FROM ${page.kind} t JOIN device ON device.id = t.device
     WHERE ${condition} ORDER BY t.time, device.device`,
    parameters,
  )
  const others = await session.rows(
    `SELECT t.time, device.device, t.metric, t.value FROM other t JOIN device ON device.id = t.device
     WHERE ${condition} AND device.kind = '${page.kind}' ORDER BY t.time, device.device, t.metric`,
    parameters,
  )
  const othersOf = groupBy(others, ([time, name]) => `${time} ${name}`)
  return rows.map((row) => transferRow(page.kind, metrics, row, othersOf.get(`${row[0]} ${row[1]}`) ?? []))
}

function transferRow(kind: Kind, metrics: readonly string[], row: Row, others: readonly Row[]): TransferRow {
  const [time, device, ...cells] = row
  const values: [string, number][] = []
  for (const [index, metric] of metrics.entries()) {
    const value = cells[index]
    if (typeof value === 'number') values.push([metric, value])
  }
  for (const [, , metric, value] of others) values.push([String(metric), Number(value)])
  const numbers = cells.slice(metrics.length, metrics.length + CONTEXT_NUMBERS.length)
  const [trip, route, occupancy] = cells.slice(metrics.length + CONTEXT_NUMBERS.length)
  const position = positionOf(numbers)
  const direction = numbers[CONTEXT_NUMBERS.length - 1]
  return {
    kind,
    device: String(device),
    time: Number(time),
    values: Object.fromEntries(values),
    ...(position === null ? {} : { position }),
    ...(typeof trip === 'string' ? { trip } : {}),
    ...(typeof route === 'string' ? { route } : {}),
    ...(direction === 0 || direction === 1 ? { direction } : {}),
    ...(typeof occupancy === 'string' ? { occupancy: occupancy as Occupancy } : {}),
  }
}
