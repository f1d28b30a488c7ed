// Distributions are those of the readings that are shown without a flag, however a store comes by them.

import { describe, expect, it } from 'vitest'
import type { DistributionForm, QualityFlag } from '../../../contract/feed.ts'
import type { Observation } from '../../../contract/observation.ts'
import { MINUTE } from '../../../contract/time.ts'
import { percentile } from '../../../domain/connectivity/percentile.ts'
import { QuantileSketch, SKETCH_ERROR } from '../../../domain/connectivity/quantile-sketch.ts'
import { batchOf, flagByHand, NOW, observation, type Suite } from './place.suite.ts'

const FROM = NOW - 60 * MINUTE

/** Of each minute from before the period to behind it: sizes of a long tail, none, hardly any, and some that are out of range. */
const ODD = [0, 1e-7, 18, -4, 18]

function sent(device: string, shift: number): Observation[] {
  return Array.from({ length: 67 }, (_, index) => {
    const minute = index - 3
    const latency_ms =
      index % 4 === 0 ? (ODD[(index / 4) % ODD.length] ?? 0) : 1.7 ** ((index * 7 + shift) % 20)
    const values = { latency_ms, loss_pct: (index * 37 + shift) % 131 }
    const more = { kind: 'hotspot', timeIsArrival: index % 9 === 5 } as const
    return observation(device, FROM + minute * MINUTE, values, more)
  })
}

function flag(device: string, minute: number, more: Partial<QualityFlag> = {}): QualityFlag {
  const span = { from: FROM + minute * MINUTE, to: FROM + (minute + 7) * MINUTE }
  return flagByHand({ device, metric: 'latency_ms', ...span, ...more })
}

export function distributionsSuite(suite: Suite): void {
  describe('distributions', () => {
    const asked = async (latency_ms: DistributionForm, devices: readonly string[], to = NOW) => {
      const metrics = { latency_ms, loss_pct: 'mean' } as const
      const found = []
      while (found.length < devices.length) {
        const left = devices.slice(found.length)
        const part = await suite.store.distributions({
          kind: 'hotspot',
          devices: left,
          metrics,
          from: FROM,
          to,
        })
        expect(part.length).toBeGreaterThan(0)
        found.push(...part)
      }
      return found
    }
    const unflagged = async (device: string, metric: string): Promise<number[]> =>
      (await suite.raw(device, FROM, NOW))
        .filter((series) => series.metric === metric)
        .flatMap(({ points }) => points.flatMap(([, value, flag]) => (flag === undefined ? [value] : [])))

    it('are of the readings without a flag, in each form', async () => {
      await suite.store.write(batchOf([...sent('hs-1', 0), ...sent('hs-2', 5)]))
      await suite.store.putFlag(flag('hs-1', 5))
      await suite.store.putFlag(flag('hs-2', 20, { quality: 3, rule: 'spike', flag: 'spike' }))
      // Of no reading that has a time of its own, of another metric, and taken back.
      await suite.store.putFlag(flag('hs-2', 30, { id: 'step', rule: 'clock_step', flag: 'clock_step' }))
      await suite.store.putFlag(flag('hs-2', 40, { id: 'other', metric: 'loss_pct' }))
      await suite.store.putFlag(flag('hs-2', 50, { id: 'back' }))
      await suite.store.retireFlag('back', NOW)
      const devices = ['hs-2', 'nobody', 'hs-1']
      const [values, sketches] = [await asked('values', devices), await asked('sketch', devices)]
      expect(values.map(({ device }) => device)).toEqual(devices)
      for (const [index, device] of devices.entries()) {
        const [latencies, losses] = [
          await unflagged(device, 'latency_ms'),
          await unflagged(device, 'loss_pct'),
        ]
        const { latency_ms: exact, loss_pct: loss } = values[index]?.metrics ?? {}
        expect([...(exact?.values ?? [])].sort((a, b) => a - b)).toEqual(latencies.sort((a, b) => a - b))
        expect([exact?.count, loss?.count]).toEqual([latencies.length, losses.length])
        const mean = losses.reduce((sum, one) => sum + one, 0) / losses.length
        if (losses.length === 0) expect(loss?.mean).toBeNull()
        else expect(loss?.mean).toBeCloseTo(mean, 9)
        const sketch = new QuantileSketch()
        sketch.addCounts(sketches[index]?.metrics['latency_ms']?.buckets ?? [])
        expect(sketch.count).toBe(latencies.length)
        for (const share of [0, 0.5, 0.95, 1]) {
          const p = percentile(latencies, share) ?? 0
          expect(Math.abs((sketch.percentile(share) ?? 0) - p)).toBeLessThanOrEqual(
            p * SKETCH_ERROR * (1 + 1e-9) + 1e-3,
          )
        }
      }
    })

    it('end where the period does', async () => {
      const at = (time: number, latency_ms: number) =>
        observation('hs-1', time, { latency_ms }, { kind: 'hotspot' })
      await suite.store.write(batchOf([at(FROM - 1, 1), at(FROM, 2), at(NOW - MINUTE, 3)]))
      const [found] = await asked('values', ['hs-1'], NOW - MINUTE)
      expect(found?.metrics).toEqual({
        latency_ms: { count: 1, mean: 2, values: [2] },
        loss_pct: { count: 0, mean: null },
      })
    })
  })
}
