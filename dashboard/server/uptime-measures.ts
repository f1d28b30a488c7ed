// Latency and loss of a hotspot through a period, out of its raw readings: percentiles of hours must never be averaged into one of the whole
// (domain B5). Up to two days they are exact; a longer period is made of days whose sketches are merged, within a stated error, and days
// that are over are kept, so that a month is counted once. Flagged readings are left out.

import type { Series } from '../../contract/feed.ts'
import { DAY, HOUR, type TimeMs } from '../../contract/time.ts'
import { percentile } from '../../domain/connectivity/percentile.ts'
import { QuantileSketch, SKETCH_ERROR } from '../../domain/connectivity/quantile-sketch.ts'
import type { Feed } from './feed.ts'
import type { Period } from './parameters.ts'

export interface UptimeMeasures {
  readonly latency_p50_ms: number | null
  readonly latency_p95_ms: number | null
  /** Relative error of the two, at most; 0 when exact. */
  readonly latency_error: number
  /** Mean of the period. */
  readonly loss_pct: number | null
  /** How many readings they are made of. */
  readonly latencies: number
  readonly losses: number
}

type CallFeed = Pick<Feed, 'call'>

const PAGE_POINTS = 10_000
const LONGEST_EXACT_MS = 2 * DAY
/** A day is kept so long: readings that come late, and flags that are set, change it. */
const KEPT_MS = HOUR
/** About 200 buckets each. */
const MOST_DAYS = 10_000

interface Day {
  readonly latency: QuantileSketch
  readonly loss: { readonly sum: number; readonly count: number }
}

/** A day that is still being read is waited for by all who ask for it. */
interface KeptDay {
  readonly day: Promise<Day>
  readonly madeAt: TimeMs
}

/** Measures periods and keeps the days of long ones. */
export class UptimeMeasurer {
  readonly #feed: CallFeed
  readonly #now: () => TimeMs
  readonly #days = new Map<string, KeptDay>()

  constructor(feed: CallFeed, now: () => TimeMs) {
    this.#feed = feed
    this.#now = now
  }

  /** Nulls where nothing was measured. */
  measure(hotspot: string, period: Period): Promise<UptimeMeasures> {
    return period.to - period.from <= LONGEST_EXACT_MS
      ? this.#exactly(hotspot, period)
      : this.#byDays(hotspot, period)
  }

  async #exactly(hotspot: string, period: Period): Promise<UptimeMeasures> {
    const latencies: number[] = []
    const losses: number[] = []
    await readAll(this.#feed, hotspot, period, (metric, value) =>
      (metric === 'latency_ms' ? latencies : losses).push(value),
    )
    return {
      latency_p50_ms: percentile(latencies, 0.5),
      latency_p95_ms: percentile(latencies, 0.95),
      latency_error: 0,
      loss_pct: losses.length === 0 ? null : losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
      latencies: latencies.length,
      losses: losses.length,
    }
  }

  async #byDays(hotspot: string, { from, to }: Period): Promise<UptimeMeasures> {
    const latency = new QuantileSketch()
    const loss = { sum: 0, count: 0 }
    for (let begin = from; begin < to; ) {
      const end = Math.min(to, (Math.floor(begin / DAY) + 1) * DAY)
      const day = await this.#day(hotspot, { from: begin, to: end })
      latency.merge(day.latency)
      loss.sum += day.loss.sum
      loss.count += day.loss.count
      begin = end
    }
    return {
      latency_p50_ms: latency.percentile(0.5),
      latency_p95_ms: latency.percentile(0.95),
      latency_error: SKETCH_ERROR,
      loss_pct: loss.count === 0 ? null : loss.sum / loss.count,
      latencies: latency.count,
      losses: loss.count,
    }
  }

  #day(hotspot: string, period: Period): Promise<Day> {
    const now = this.#now()
    if (period.to - period.from < DAY || period.to > now) return readDay(this.#feed, hotspot, period)
    const key = `${hotspot} ${period.from}`
    const kept = this.#days.get(key)
    if (kept !== undefined && now - kept.madeAt < KEPT_MS) return kept.day
    const day = readDay(this.#feed, hotspot, period)
    this.#keep(key, { day, madeAt: now })
    // What failed is asked for again.
    day.catch(() => this.#days.delete(key))
    return day
  }

  /** The oldest goes when there are too many. */
  #keep(key: string, day: KeptDay): void {
    this.#days.delete(key)
    this.#days.set(key, day)
    const [oldest] = this.#days.keys()
    if (this.#days.size > MOST_DAYS && oldest !== undefined) this.#days.delete(oldest)
  }
}

async function readDay(feed: CallFeed, hotspot: string, period: Period): Promise<Day> {
  const latency = new QuantileSketch()
  let [sum, count] = [0, 0]
  await readAll(feed, hotspot, period, (metric, value) => {
    if (metric === 'latency_ms') latency.add(Math.max(0, value))
    else [sum, count] = [sum + value, count + 1]
  })
  return { latency, loss: { sum, count } }
}

/** Every unflagged reading of latency and loss in the period, page by page. */
async function readAll(
  feed: CallFeed,
  hotspot: string,
  { from, to }: Period,
  take: (metric: string, value: number) => void,
): Promise<void> {
  let next: TimeMs | undefined = from
  while (next !== undefined) {
    const page: { readonly series: readonly Series[]; readonly next?: TimeMs } = await feed.call('readings', {
      device: hotspot,
      metrics: ['latency_ms', 'loss_pct'],
      from: next,
      to,
      limit: PAGE_POINTS,
    })
    for (const { metric, points } of page.series) {
      for (const [, value, flag] of points) if (flag === undefined) take(metric, value)
    }
    next = page.next
  }
}
