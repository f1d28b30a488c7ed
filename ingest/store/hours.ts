// Buckets cut in the village's time zone. Hourly means are kept by the hour touched: an hour that readings were written to is
// marked in the same transaction, computed from raw readings as long as it is marked, and its row is made anew when it is
// over. So late data, corrections and crashes need no arithmetic of their own.

import type { Aggregate, Every } from '../../contract/feed.ts'
import { DAY, HOUR, MINUTE, type TimeMs } from '../../contract/time.ts'
import { offsetMinutes } from '../../domain/time-zone.ts'

/**
 * Of the rule by which hourly rows are made: plausible readings of the hour that are not flagged as bad, their count, sum, least and greatest
 * (domain A7, A8). It stands in each row. Raised with every change of what a row says; rows are then made anew, and the old ones kept.
 */
export const HOURLY_VERSION = '1'

export const EVERY_MS: Readonly<Record<Every, number>> = {
  '1m': MINUTE,
  '5m': 5 * MINUTE,
  '15m': 15 * MINUTE,
  '1h': HOUR,
  '1d': DAY,
}

export interface Span {
  readonly from: TimeMs
  readonly to: TimeMs
}

/** A stretch of time with one offset to UTC. */
export interface OffsetSpan extends Span {
  readonly offsetMs: number
}

/** Clocks change at whole quarter hours of UTC in every zone since 1972. */
const QUARTER = 15 * MINUTE
/** A year and a half of quarter hours. */
const MOST_OFFSETS = 50_000

/** Days and hours of one IANA zone. Throws RangeError for an unknown zone. */
export class ZoneHours {
  readonly zone: string
  /** Offsets by quarter hour: asking Intl takes microseconds, and every reading asks. */
  readonly #offsets = new Map<number, number>()

  constructor(zone: string) {
    offsetMinutes(0, zone)
    this.zone = zone
  }

  offsetMs(time: TimeMs): number {
    const quarter = Math.floor(time / QUARTER)
    let offset = this.#offsets.get(quarter)
    if (offset === undefined) {
      if (this.#offsets.size >= MOST_OFFSETS) this.#offsets.clear()
      offset = offsetMinutes(quarter * QUARTER, this.zone) * MINUTE
      this.#offsets.set(quarter, offset)
    }
    return offset
  }

  /**
   * Start of the bucket that holds the time, for spans up to an hour. Where the clock changes by half an hour a bucket is cut
   * at the change, so that a start belongs to one bucket only.
   */
  bucketStart(time: TimeMs, everyMs: number): TimeMs {
    const offset = this.offsetMs(time)
    const start = Math.floor((time + offset) / everyMs) * everyMs - offset
    const offsetThere = this.offsetMs(start)
    return offsetThere === offset ? start : this.#change(start, time, offsetThere)
  }

  /** Start of the bucket after the one that holds the time. */
  bucketEnd(time: TimeMs, everyMs: number): TimeMs {
    const offset = this.offsetMs(time)
    const end = (Math.floor((time + offset) / everyMs) + 1) * everyMs - offset
    return this.offsetMs(end - 1) === offset ? end : this.#change(time, end, offset)
  }

  hourStart(time: TimeMs): TimeMs {
    return this.bucketStart(time, HOUR)
  }

  /** Start of the local day that holds the time; where midnight is skipped, the first moment of the day. */
  dayStart(time: TimeMs): TimeMs {
    const local = Math.floor((time + this.offsetMs(time)) / DAY) * DAY
    const guess = local - this.offsetMs(local)
    const start = local - this.offsetMs(guess)
    // Both guesses may lie on the far side of a change: the later one with the right local date is the day's start.
    return start + this.offsetMs(start) < local ? local - this.offsetMs(start) : start
  }

  /** Start of the bucket of any span. */
  labelOf(time: TimeMs, every: Every): TimeMs {
    return every === '1d' ? this.dayStart(time) : this.bucketStart(time, EVERY_MS[every])
  }

  /** [from, to) cut where the offset changes. */
  offsetSpans({ from, to }: Span): OffsetSpan[] {
    const spans: OffsetSpan[] = []
    let start = from
    while (start < to) {
      const offsetMs = this.offsetMs(start)
      const end = this.#endOfOffset(start, to, offsetMs)
      spans.push({ from: start, to: end, offsetMs })
      start = end
    }
    return spans
  }

  #endOfOffset(start: TimeMs, to: TimeMs, offsetMs: number): TimeMs {
    // No zone changes its clock twice within a week and back again to the same offset.
    const WEEK = 7 * DAY
    let same = start
    while (same < to) {
      const next = Math.min(same + WEEK, to)
      if (next === to && this.offsetMs(to - 1) === offsetMs) return to
      if (this.offsetMs(next) !== offsetMs) return this.#change(same, next, offsetMs)
      same = next
    }
    return to
  }

  /** First quarter hour in (low, high] at which the offset is another one. */
  #change(low: TimeMs, high: TimeMs, offsetMs: number): TimeMs {
    let before = Math.floor(low / QUARTER)
    let after = Math.ceil(high / QUARTER)
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2)
      if (this.offsetMs(middle * QUARTER) === offsetMs) before = middle
      else after = middle
    }
    return Math.min(after * QUARTER, high)
  }
}

/** What a part of a bucket knows of one metric; parts of one bucket add up. `sum` is scaled by `SUM_SCALE`. */
export interface BucketPart {
  readonly metric: string
  readonly start: TimeMs
  count: number
  sum: number
  min: number
  max: number
}

/**
 * Sums are kept times 2^-64: scaling by a power of two is exact, and 2^64 values as large as doubles get (1e308 is a reading
 * like any other) add up without overflow.
 */
export const SUM_SCALE = 2 ** -64

export type PartialAggregate = Exclude<Aggregate, 'p50' | 'p95'>

export function isPartialAggregate(fn: Aggregate): fn is PartialAggregate {
  return fn !== 'p50' && fn !== 'p95'
}

export function valueOfPart(part: BucketPart, fn: PartialAggregate): number {
  switch (fn) {
    case 'mean':
      return part.sum / part.count / SUM_SCALE
    case 'min':
      return part.min
    case 'max':
      return part.max
    case 'count':
      return part.count
  }
}

/** Parts of the same metric and bucket added together; `label` gives the bucket of a part's start. */
export function addParts(parts: Iterable<BucketPart>, label: (start: TimeMs) => TimeMs): BucketPart[] {
  const buckets = new Map<string, Map<TimeMs, BucketPart>>()
  for (const part of parts) {
    const start = label(part.start)
    let ofMetric = buckets.get(part.metric)
    if (ofMetric === undefined) {
      ofMetric = new Map()
      buckets.set(part.metric, ofMetric)
    }
    const bucket = ofMetric.get(start)
    if (bucket === undefined) {
      ofMetric.set(start, { ...part, start })
      continue
    }
    bucket.count += part.count
    bucket.sum += part.sum
    bucket.min = Math.min(bucket.min, part.min)
    bucket.max = Math.max(bucket.max, part.max)
  }
  return [...buckets.values()].flatMap((ofMetric) => [...ofMetric.values()])
}

/** Type 7 of Hyndman and Fan 1996 over ascending values: linear between order statistics. `share` 0 to 1. */
export function quantile(ascending: readonly number[], share: number): number {
  const rank = (ascending.length - 1) * share
  const low = Math.floor(rank)
  const below = ascending[low] ?? Number.NaN
  const above = ascending[low + 1] ?? below
  return below + (above - below) * (rank - low)
}

export interface HourlyPlan {
  /** Whole hours that may be taken from their rows, except `raw`; null when there is none. */
  readonly hourly: Span | null
  /** What must be computed from raw readings: edges that are no whole hour, and marked hours. */
  readonly raw: readonly Span[]
}

/** How a question over [from, to) is split between hourly rows and raw readings; `marked` holds starts of marked hours. */
export function planHours(period: Span, marked: Iterable<TimeMs>, zone: ZoneHours): HourlyPlan {
  const firstHour = zone.hourStart(period.from)
  const from = firstHour === period.from ? firstHour : zone.bucketEnd(firstHour, HOUR)
  const to = zone.hourStart(period.to)
  if (from >= to) return { hourly: null, raw: [period] }
  const raw: Span[] = []
  const add = (span: Span): void => {
    const last = raw.at(-1)
    if (last !== undefined && last.to >= span.from) raw[raw.length - 1] = { from: last.from, to: span.to }
    else if (span.from < span.to) raw.push(span)
  }
  add({ from: period.from, to: from })
  for (const hour of [...marked].filter((hour) => hour >= from && hour < to).sort((a, b) => a - b)) {
    add({ from: hour, to: zone.bucketEnd(hour, HOUR) })
  }
  add({ from: to, to: period.to })
  return { hourly: { from, to }, raw }
}
