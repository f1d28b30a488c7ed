import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lengthM, placeAlong, placeStops, shapeLine } from './shape-line.ts'

/** Metres of a degree on the mean sphere, along a meridian. */
const DEGREE_M = (6_371_008.8 * Math.PI) / 180

const north = (metres: number) => ({ lat: metres / DEGREE_M, lon: 106.8 })

describe('the stops of a trip on its shape', () => {
  it('of an out-and-back line lie on the pass that their order asks for', () => {
    const line = shapeLine([north(0), north(1_000), north(0)])
    const along = placeStops(line, [north(100), north(600), north(590), north(110)])
    expect(along.map(Math.round)).toEqual([100, 600, 1_410, 1_890])
  })

  it('never fall back, whatever the stops', () => {
    const line = shapeLine([north(0), north(1_000), north(0), north(700)])
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -200, max: 1_200 }), { maxLength: 12 }), (places) => {
        const along = placeStops(line, places.map(north))
        expect(along).toHaveLength(places.length)
        expect(along).toEqual(along.toSorted((a, b) => a - b))
      }),
    )
  })
})

describe('a place along a line', () => {
  it('has the bearing of the line there, and the ends lie beyond the ends', () => {
    const line = shapeLine([north(0), north(1_000), north(0)])
    expect(lengthM(line)).toBeCloseTo(2_000, 6)
    expect(placeAlong(line, 250).lat * DEGREE_M).toBeCloseTo(250, 6)
    expect(placeAlong(line, 250).bearing).toBeCloseTo(0, 6)
    expect(placeAlong(line, 1_250).bearing).toBeCloseTo(180, 6)
    expect(placeAlong(line, -50).lat * DEGREE_M).toBeCloseTo(0, 6)
    expect(placeAlong(line, 9_000).lat * DEGREE_M).toBeCloseTo(0, 6)
  })
})
