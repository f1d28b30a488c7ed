import { describe, expect, it } from 'vitest'
import { AHEAD_CLASSES_S, arrivalRange, RangeScales } from './arrival-range.ts'

describe('the range of an arrival', () => {
  it('opens with the seconds ahead', () => {
    const widths = [60, 300, 900, 1_800].map((aheadS) => {
      const { lowS, highS } = arrivalRange(aheadS, 0, 0)
      return highS - lowS
    })
    expect(widths).toEqual(widths.toSorted((a, b) => a - b))
    // 5 minutes: 1.2816 sqrt(8² + 6 · 300 + (0.1 · 300)²) = 67.4 s either way, outward to whole seconds.
    expect(arrivalRange(300, 0, 0)).toEqual({ lowS: 232, highS: 368 })
  })

  it('does not begin before now, nor end', () => {
    expect(arrivalRange(100, 100, 130.5)).toEqual({ lowS: 131, highS: 131 })
    expect(arrivalRange(130, 100, 125)).toMatchObject({ lowS: 125 })
  })
})

describe('its width', () => {
  it('opens while arrivals lie outside, and closes while all lie inside, within bounds', () => {
    const scales = new RangeScales()
    for (let count = 0; count < 1_000; count += 1) scales.learn(200, false)
    expect(scales.scaleOf(200)).toBe(4)
    for (let count = 0; count < 1_000; count += 1) scales.learn(200, true)
    expect(scales.scaleOf(200)).toBe(0.5)
  })

  it('stays where 85 of 100 lie inside, in its own class alone', () => {
    const scales = new RangeScales()
    for (let count = 0; count < 100; count += 1) scales.learn(1_000, count % 20 < 17)
    expect(scales.scaleOf(1_000)).toBeCloseTo(1, 9)
    for (let count = 0; count < 100; count += 1) scales.learn(1_000, false)
    expect(AHEAD_CLASSES_S.map((most) => scales.scaleOf(most))).toEqual([1, 1, 4, 1])
  })
})
