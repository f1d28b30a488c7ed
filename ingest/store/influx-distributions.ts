// Distributions of many devices' readings out of InfluxDB, which cannot count by size: readings are gone through, device by device.

import type { DeviceDistributions, Distribution, DistributionForm, Series } from '../../contract/feed.ts'
import type { TimeMs } from '../../contract/time.ts'
import { QuantileSketch } from '../../domain/connectivity/quantile-sketch.ts'
import type { DistributionQuestion, Store } from './store.ts'

const PAGE_POINTS = 50_000
/** Of one call, in some seconds: who asks waits no longer for it, and asks again for the devices that are left. */
const MOST_POINTS = 300_000

/** See `Store.distributions`. */
export async function distributionsByReading(
  readings: Store['readings'],
  { devices, metrics, from, to }: DistributionQuestion,
): Promise<DeviceDistributions[]> {
  const answer: DeviceDistributions[] = []
  let points = 0
  for (const device of devices) {
    if (points >= MOST_POINTS) break
    const makers = new Map(Object.entries(metrics).map(([metric, form]) => [metric, new Maker(form)]))
    for (let at: TimeMs | undefined = from; at !== undefined; ) {
      const page: { readonly series: readonly Series[]; readonly next?: TimeMs } = await readings({
        device,
        metrics: [...makers.keys()],
        from: at,
        to,
        limit: PAGE_POINTS,
      })
      for (const { metric, points: read } of page.series) {
        points += read.length
        for (const [, value, flag] of read) if (flag === undefined) makers.get(metric)?.take(value)
      }
      at = page.next
    }
    const made = [...makers].map(([metric, maker]) => [metric, maker.distribution()] as const)
    answer.push({ device, metrics: Object.fromEntries(made) })
  }
  return answer
}

class Maker {
  readonly #form: DistributionForm
  readonly #values: number[] = []
  readonly #sketch = new QuantileSketch()
  #count = 0
  #sum = 0

  constructor(form: DistributionForm) {
    this.#form = form
  }

  take(value: number): void {
    this.#count += 1
    this.#sum += value
    if (this.#form === 'values') this.#values.push(value)
    if (this.#form === 'sketch') this.#sketch.add(Math.max(0, value))
  }

  distribution(): Distribution {
    const count = this.#count
    if (count === 0) return { count, mean: null }
    const mean = this.#sum / count
    if (this.#form === 'mean') return { count, mean }
    return this.#form === 'values'
      ? { count, mean, values: this.#values }
      : { count, mean, buckets: this.#sketch.counts() }
  }
}
