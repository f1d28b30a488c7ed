import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { percentile } from './percentile.ts'
import { QuantileSketch, SKETCH_ERROR } from './quantile-sketch.ts'

function sketchOf(values: readonly number[]): QuantileSketch {
  const sketch = new QuantileSketch()
  for (const value of values) sketch.add(value)
  return sketch
}

const sizes = fc.array(fc.double({ min: 0.01, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 200 })

describe('a sketch of percentiles', () => {
  // Domain B5: 18 22 25 31 120 -> p50 25, p95 102.2, p99 116.44.
  it.each([
    [0.5, 25],
    [0.95, 102.2],
    [0.99, 116.44],
  ])('gives the example of the rule at %f within its error', (share, exact) => {
    const got = sketchOf([18, 22, 25, 31, 120]).percentile(share)
    expect(Math.abs((got ?? 0) - exact)).toBeLessThanOrEqual(exact * SKETCH_ERROR)
  })

  it('of parts merged is within the stated error of the exact one of all', () => {
    fc.assert(
      fc.property(sizes, sizes, fc.constantFrom(0, 0.5, 0.95, 0.99, 1), (one, other, share) => {
        const merged = sketchOf(one)
        merged.merge(sketchOf(other))
        const exact = percentile([...one, ...other], share) ?? 0
        expect(merged.count).toBe(one.length + other.length)
        expect(Math.abs((merged.percentile(share) ?? 0) - exact)).toBeLessThanOrEqual(
          exact * SKETCH_ERROR * (1 + 1e-9),
        )
      }),
    )
  })

  it('is null of nothing, takes zeros, and refuses what is no size', () => {
    expect(new QuantileSketch().percentile(0.5)).toBeNull()
    expect(sketchOf([0, 0, 10]).percentile(0.5)).toBe(0)
    expect(() => sketchOf([-1])).toThrow(RangeError)
    expect(() => sketchOf([Number.NaN])).toThrow(RangeError)
  })
})
