// Latency and loss of a hotspot through a period, out of its raw readings: percentiles of hours must never be averaged
// into one of the whole (domain B5). Flagged readings are left out.

import type { Series } from '../../contract/feed.ts'
import type { TimeMs } from '../../contract/time.ts'
import type { Feed } from './feed.ts'
import type { Period } from './parameters.ts'

export interface UptimeMeasures {
  readonly latency_p50_ms: number | null
  readonly latency_p95_ms: number | null
  /** Mean of the period. */
  readonly loss_pct: number | null
}

const PAGE_POINTS = 10_000

/** Nulls where nothing was measured. */
export async function measureUptime(
  feed: Feed,
  hotspot: string,
  { from, to }: Period,
): Promise<UptimeMeasures> {
  const values: Record<string, number[]> = { latency_ms: [], loss_pct: [] }
  let next: TimeMs | undefined = from
  while (next !== undefined) {
    const page: { readonly series: readonly Series[]; readonly next?: TimeMs } = await feed.call('readings', {
      device: hotspot,
      metrics: Object.keys(values),
      from: next,
      to,
      limit: PAGE_POINTS,
    })
    for (const { metric, points } of page.series) {
      for (const [, value, flag] of points) if (flag === undefined) values[metric]?.push(value)
    }
    next = page.next
  }
  const latencies = (values['latency_ms'] ?? []).sort((a, b) => a - b)
  const losses = values['loss_pct'] ?? []
  return {
    latency_p50_ms: percentile(latencies, 0.5),
    latency_p95_ms: percentile(latencies, 0.95),
    loss_pct: losses.length === 0 ? null : losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
  }
}

/** R type 7 of sorted values; null of none. */
function percentile(sorted: readonly number[], share: number): number | null {
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)]
  if (below === undefined) return null
  const above = sorted[Math.floor(place) + 1] ?? below
  return below + (above - below) * (place - Math.floor(place))
}
