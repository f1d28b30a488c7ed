// Latency and loss of hotspots through a period, out of their raw readings: percentiles of hours must never be averaged into one of the whole
// (domain B5). Up to two days they are exact; of a longer period the store counts readings by size, and percentiles are within the error of
// the sketch. Flagged readings are left out.

import type { DeviceDistributions, Distribution } from '../../contract/feed.ts'
import { DAY } from '../../contract/time.ts'
import { percentile } from '../../domain/connectivity/percentile.ts'
import { QuantileSketch, SKETCH_ERROR } from '../../domain/connectivity/quantile-sketch.ts'
import type { Feed } from './feed.ts'
import type { Period } from './parameters.ts'
import { partsOf } from './parts.ts'

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

const LONGEST_EXACT_MS = 2 * DAY
/** Hotspots asked for at once: of two days each has thousands of values, of a longer period a hundred or two counts. */
const EXACT_AT_ONCE = 100
const SKETCHED_AT_ONCE = 750

/** Nulls where nothing was measured. */
export async function measureHotspot(
  feed: CallFeed,
  hotspot: string,
  period: Period,
): Promise<UptimeMeasures> {
  const measured = await measureHotspots(feed, [hotspot], period)
  return measured.get(hotspot) ?? NOTHING_MEASURED
}

export const NOTHING_MEASURED: UptimeMeasures = measuresOf({ device: '', metrics: {} }, true)

/** The same of each of many hotspots, by id. */
export async function measureHotspots(
  feed: CallFeed,
  hotspots: readonly string[],
  { from, to }: Period,
): Promise<ReadonlyMap<string, UptimeMeasures>> {
  const isExact = to - from <= LONGEST_EXACT_MS
  const metrics = { latency_ms: isExact ? 'values' : 'sketch', loss_pct: 'mean' } as const
  const measured = new Map<string, UptimeMeasures>()
  for await (const part of partsOf(hotspots, isExact ? EXACT_AT_ONCE : SKETCHED_AT_ONCE)) {
    // A store that must go through the readings answers fewer at a time.
    for (let left = part; left.length > 0; ) {
      const { devices } = await feed.call('distributions', {
        kind: 'hotspot',
        devices: left,
        metrics,
        from,
        to,
      })
      if (devices.length === 0) throw new Error('ingest answers no distribution')
      for (const found of devices) measured.set(found.device, measuresOf(found, isExact))
      left = left.slice(devices.length)
    }
  }
  return measured
}

function measuresOf({ metrics }: DeviceDistributions, isExact: boolean): UptimeMeasures {
  const { latency_ms: latency, loss_pct: loss } = metrics
  return {
    ...(isExact ? exactly(latency) : sketched(latency)),
    loss_pct: loss?.mean ?? null,
    latencies: latency?.count ?? 0,
    losses: loss?.count ?? 0,
  }
}

type Percentiles = Pick<UptimeMeasures, 'latency_p50_ms' | 'latency_p95_ms' | 'latency_error'>

function exactly(latency: Distribution | undefined): Percentiles {
  const values = latency?.values ?? []
  return {
    latency_p50_ms: percentile(values, 0.5),
    latency_p95_ms: percentile(values, 0.95),
    latency_error: 0,
  }
}

function sketched(latency: Distribution | undefined): Percentiles {
  const sketch = new QuantileSketch()
  sketch.addCounts(latency?.buckets ?? [])
  return {
    latency_p50_ms: sketch.percentile(0.5),
    latency_p95_ms: sketch.percentile(0.95),
    latency_error: SKETCH_ERROR,
  }
}
