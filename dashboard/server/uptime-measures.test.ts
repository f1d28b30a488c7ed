import { describe, expect, it } from 'vitest'
import type { FeedMethods, Point } from '../../contract/feed.ts'
import { DAY, MINUTE } from '../../contract/time.ts'
import { percentile } from '../../domain/connectivity/percentile.ts'
import type { Feed } from './feed.ts'
import { UptimeMeasurer } from './uptime-measures.ts'

const NOW = 40 * DAY + 5 * MINUTE

/** A feed with a reading of latency every quarter of an hour, which counts how often it is asked. */
function feedOf(latencyAt: (time: number) => number) {
  const asked = { count: 0, fails: false }
  const call = async (_method: string, { from, to }: FeedMethods['readings']['argument']) => {
    asked.count += 1
    if (asked.fails) throw new Error('the store is away')
    const points: Point[] = []
    for (let time = Math.ceil(from / (15 * MINUTE)) * 15 * MINUTE; time < to; time += 15 * MINUTE) {
      points.push([time, latencyAt(time)])
    }
    return { series: [{ metric: 'latency_ms', unit: 'ms', points }] }
  }
  // One method is asked for, and answered as the feed does.
  return { asked, feed: { call: call as unknown as Feed['call'] } }
}

const latencyAt = (time: number): number => 5 + ((time / MINUTE) % 977) ** 1.5

describe('percentiles of a month', () => {
  const period = { from: NOW - 30 * DAY, to: NOW }

  it('are within the stated error of those of all readings', async () => {
    const { feed } = feedOf(latencyAt)
    const measured = await new UptimeMeasurer(feed, () => NOW).measure('hs-1', period)
    const all: number[] = []
    for (
      let time = Math.ceil(period.from / (15 * MINUTE)) * 15 * MINUTE;
      time < period.to;
      time += 15 * MINUTE
    )
      all.push(latencyAt(time))
    expect(measured.latencies).toBe(all.length)
    for (const [share, got] of [
      [0.5, measured.latency_p50_ms],
      [0.95, measured.latency_p95_ms],
    ] as const) {
      const exact = percentile(all, share) ?? 0
      expect(Math.abs((got ?? 0) - exact)).toBeLessThanOrEqual(exact * measured.latency_error)
    }
  })

  it('are read once, whoever asks meanwhile, and again when that failed', async () => {
    const { asked, feed } = feedOf(latencyAt)
    const measurer = new UptimeMeasurer(feed, () => NOW)
    await Promise.all([measurer.measure('hs-1', period), measurer.measure('hs-1', period)])
    // 29 whole days once, and the two ends of each.
    expect(asked.count).toBe(29 + 2 * 2)
    asked.fails = true
    await expect(measurer.measure('hs-2', period)).rejects.toThrow('the store is away')
    asked.fails = false
    expect((await measurer.measure('hs-2', period)).latencies).toBe(30 * 96)
  })

  it('of two days at most are exact', async () => {
    const { feed } = feedOf(latencyAt)
    const measured = await new UptimeMeasurer(feed, () => NOW).measure('hs-1', { from: NOW - DAY, to: NOW })
    expect(measured.latency_error).toBe(0)
  })
})
