import { describe, expect, it } from 'vitest'
import { DAY, HOUR, MINUTE } from '../contract/time.ts'
import type { DeviceModel } from './device-model.ts'
import { pastRows } from './history.ts'
import { hotspotModel } from './hotspot.ts'
import { outageSchedule } from './outages.ts'

const NOW = Date.UTC(2026, 10, 24)

const hotspot = (id: string): DeviceModel =>
  hotspotModel(2, { id, everyMs: MINUTE, outages: outageSchedule(2, id, 0), parents: [] }, 0)

const plain = (kind: DeviceModel['kind'], id: string, clockErrorMs = 0): DeviceModel => ({
  id,
  kind,
  everyMs: 10 * MINUTE,
  phaseMs: 7,
  isReachable: () => true,
  deviceTime: (time) => time + clockErrorMs,
  sampleAt: () => ({ values: { speed: 1 } }),
  truth: () => [],
})

describe('the past of a village', () => {
  it('comes in the order of time and ends before now', () => {
    const rows = [...pastRows([hotspot('a'), hotspot('b'), plain('sensor', 'c')], NOW - 2 * DAY, NOW)]
    const times = rows.map(({ time }) => time)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(Math.min(...times)).toBeGreaterThanOrEqual(NOW - 2 * DAY)
    expect(Math.max(...times)).toBeLessThan(NOW)
  })

  it('has each tick once, over the edges of its chunks as well', () => {
    const rows = [...pastRows([plain('sensor', 'c')], NOW - DAY, NOW)]
    expect(rows.map(({ time }) => time)).toEqual(
      Array.from({ length: 144 }, (_, tick) => NOW - DAY + tick * 10 * MINUTE + 7),
    )
  })

  it('has nothing of the future from a clock that is ahead', () => {
    const rows = [...pastRows([plain('sensor', 'c', 3 * HOUR)], NOW - DAY, NOW)]
    expect(rows).toHaveLength(126)
    expect(rows.filter(({ time }) => time >= NOW)).toEqual([])
  })

  it('has nothing of a hotspot that was out', () => {
    const model = hotspot('a')
    const dark = (model.truth(NOW - 40 * DAY, NOW - DAY) ?? []).find(
      (truth) => truth.type === 'outage' && truth.cause === 'power' && truth.to - truth.from > 2 * MINUTE,
    )
    if (dark === undefined) throw new Error('this seed has no power cut')
    expect([...pastRows([model], dark.from, dark.to)]).toEqual([])
  })

  it('has of a vehicle only the last two hours', () => {
    const rows = [...pastRows([plain('vehicle', 'v')], NOW - DAY, NOW)]
    expect(rows).toHaveLength(12)
  })

  it('has all of a hotspot for a day and before that what states and plots are made of', () => {
    const rows = [...pastRows([hotspot('a')], NOW - 2 * DAY, NOW)]
    const whole = rows.filter((row) => 'cpu_pct' in row.values)
    expect(Math.min(...whole.map(({ time }) => time))).toBeGreaterThanOrEqual(NOW - DAY)
    const old = rows.filter(({ time }) => time < NOW - DAY)
    expect(old.length).toBeGreaterThan(0)
    expect(old.filter(({ values }) => !('up' in values))).toEqual([])
  })
})
