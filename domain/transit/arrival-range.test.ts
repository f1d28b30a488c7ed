import { describe, expect, it } from 'vitest'
import { AHEAD_CLASSES_S, arrivalRange, RangeScales, toldAheadS } from './arrival-range.ts'

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
    for (let count = 0; count < 1_000; count += 1) scales.learn('R', 200, false)
    expect(scales.scaleOf('R', 200)).toBe(4)
    for (let count = 0; count < 1_000; count += 1) scales.learn('R', 200, true)
    expect(scales.scaleOf('R', 200)).toBe(0.5)
  })

  it('stays where 83 of 100 lie inside, in its own class alone', () => {
    const scales = new RangeScales()
    for (let count = 0; count < 100; count += 1) scales.learn('R', 1_000, (count * 83) % 100 < 83)
    expect(scales.scaleOf('R', 1_000)).toBeCloseTo(1, 9)
    for (let count = 0; count < 100; count += 1) scales.learn('R', 1_000, false)
    expect(AHEAD_CLASSES_S.map((most) => scales.scaleOf('R', most))).toEqual([1, 1, 4, 1])
  })
})

describe('a route', () => {
  it('has its own width beside that of all, which one that is new has too', () => {
    const scales = new RangeScales()
    // Of the one every arrival lies inside, of the other two of three.
    for (let count = 0; count < 300; count += 1) {
      scales.learn('near stops', 200, true)
      scales.learn('far stops', 200, count % 3 > 0)
    }
    expect(scales.scaleOf('near stops', 200)).toBeLessThan(scales.scaleOf('new', 200))
    expect(scales.scaleOf('far stops', 200)).toBeGreaterThan(scales.scaleOf('new', 200))
  })
})

describe('what is told to be held against what comes', () => {
  it('is of all parts of its class in turn, since near ones would not tell of far ones', () => {
    const told = Array.from({ length: 60 }, (_, count) => toldAheadS(2, count))
    const sixths = told.map((aheadS) => Math.floor((aheadS - 600) / 100))
    for (const sixth of [0, 1, 2, 3, 4, 5]) {
      expect(sixths.filter((one) => one === sixth).length).toBeGreaterThanOrEqual(9)
    }
    expect(Math.min(...told.map((_, count) => toldAheadS(0, count)))).toBe(60)
  })
})
