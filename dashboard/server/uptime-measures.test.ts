import { describe, expect, it } from 'vitest'
import type { DeviceDistributions, FeedMethods } from '../../contract/feed.ts'
import { DAY, MINUTE } from '../../contract/time.ts'
import { percentile } from '../../domain/connectivity/percentile.ts'
import type { Feed } from './feed.ts'
import { distributionOf } from './harness/distributions.ts'
import { measureHotspot, measureHotspots } from './uptime-measures.ts'

const NOW = 40 * DAY + 5 * MINUTE
const QUARTER = 15 * MINUTE

/** A feed with a reading of latency every quarter of an hour that answers so many devices at once. */
function feedOf(latencyAt: (time: number, device: string) => number, most = 1_000) {
  const asked: number[] = []
  const call = async (
    _method: string,
    { devices, metrics, from, to }: FeedMethods['distributions']['argument'],
  ) => {
    asked.push(devices.length)
    const found = devices.slice(0, most).map((device): DeviceDistributions => {
      const times = quartersOf({ from, to })
      const latencies = times.map((time) => latencyAt(time, device))
      return { device, metrics: { latency_ms: distributionOf(metrics['latency_ms'] ?? 'mean', latencies) } }
    })
    return { devices: found }
  }
  // One method is asked for, and answered as the feed does.
  return { asked, feed: { call: call as unknown as Feed['call'] } }
}

function quartersOf({ from, to }: { from: number; to: number }): number[] {
  const first = Math.ceil(from / QUARTER) * QUARTER
  return Array.from({ length: Math.ceil((to - first) / QUARTER) }, (_, index) => first + index * QUARTER)
}

const latencyAt = (time: number): number => 5 + ((time / MINUTE) % 977) ** 1.5

describe('percentiles of a period', () => {
  const month = { from: NOW - 30 * DAY, to: NOW }

  it('are within the stated error of those of all readings, of a month', async () => {
    const measured = await measureHotspot(feedOf(latencyAt).feed, 'hs-1', month)
    const all = quartersOf(month).map(latencyAt)
    expect(measured.latencies).toBe(all.length)
    expect(measured.loss_pct).toBeNull()
    for (const [share, got] of [
      [0.5, measured.latency_p50_ms],
      [0.95, measured.latency_p95_ms],
    ] as const) {
      const exact = percentile(all, share) ?? 0
      expect(Math.abs((got ?? 0) - exact)).toBeLessThanOrEqual(exact * measured.latency_error)
    }
  })

  it('are exact of two days at most', async () => {
    const day = { from: NOW - DAY, to: NOW }
    const measured = await measureHotspot(feedOf(latencyAt).feed, 'hs-1', day)
    expect(measured.latency_error).toBe(0)
    expect(measured.latency_p95_ms).toBe(percentile(quartersOf(day).map(latencyAt), 0.95))
  })

  it('are each hotspot’s own, however few the store answers at once, in few questions', async () => {
    const ids = Array.from({ length: 2_000 }, (_, index) => `hs-${index}`)
    const own = (_time: number, id: string): number => 1 + Number(id.slice(3))
    const period = { from: NOW - 2.1 * DAY, to: NOW }
    const whole = feedOf(own)
    const few = feedOf(own, 130)
    const measured = await measureHotspots(whole.feed, ids, period)
    expect(await measureHotspots(few.feed, ids, period)).toEqual(measured)
    expect([...measured.keys()]).toEqual(ids)
    const far = [...measured].filter(
      ([id, { latency_p50_ms: p50 }]) => !(Math.abs((p50 ?? 0) - own(0, id)) <= own(0, id) * 0.0051),
    )
    expect(far).toEqual([])
    expect(whole.asked.length).toBeLessThanOrEqual(4)
    expect(whole.asked.reduce((sum, count) => sum + count, 0)).toBe(2_000)
  })

  it('are not waited for for ever when the store answers nothing', async () => {
    await expect(measureHotspot(feedOf(latencyAt, 0).feed, 'hs-1', month)).rejects.toThrow('no distribution')
  })
})
