// For tests: what ingest answers of values of one metric (contract/feed.ts).

import type { Distribution, DistributionForm, FeedAnswer, FeedMethods } from '../../../contract/feed.ts'
import { QuantileSketch } from '../../../domain/connectivity/quantile-sketch.ts'

export function distributionOf(form: DistributionForm, values: readonly number[]): Distribution {
  const count = values.length
  if (count === 0) return { count, mean: null }
  const mean = values.reduce((sum, value) => sum + value, 0) / count
  if (form === 'mean') return { count, mean }
  if (form === 'values') return { count, mean, values }
  const sketch = new QuantileSketch()
  for (const value of values) sketch.add(value)
  return { count, mean, buckets: sketch.counts() }
}

/** Answers the same values of every metric and device. */
export function sameOfAll(
  values: readonly number[],
): (argument: FeedMethods['distributions']['argument']) => FeedAnswer<'distributions'> {
  return ({ devices, metrics }) => {
    const own = Object.entries(metrics).map(
      ([metric, form]) => [metric, distributionOf(form, values)] as const,
    )
    const found = devices.map((device) => ({ device, metrics: Object.fromEntries(own) }))
    return { ok: true, value: { devices: found } }
  }
}
