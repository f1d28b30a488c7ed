import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { halfUp, truncate } from './rounding.ts'

// Expected values: the conventions of the domain's rules.
describe('rounding half up', () => {
  it.each([
    [72.5, 73],
    [72.49, 72],
    [-0.5, -1],
    [-0.4, 0],
    // In decimals 0.49 of a metre above 0.01 is a half; binary arithmetic makes it a hair less.
    [0.1 * 3 + 0.2, 1],
    [121.149_999_999_999_99 - 120.65, 1],
  ])('makes %f to %i', (value, whole) => {
    expect(halfUp(value)).toBe(whole)
  })

  it('never gives a minus zero', () => {
    expect(Object.is(halfUp(-0.2), 0)).toBe(true)
    expect(Object.is(truncate(-0.02, 1), 0)).toBe(true)
  })
})

describe('truncating', () => {
  it.each([
    [12.49, 1, 12.4],
    [9.099_999_999_999_998, 1, 9.1],
    [0.063_9, 3, 0.063],
    [54.9, 0, 54],
    [-3.29, 1, -3.2],
  ])('makes %f with %i decimals to %f', (value, digits, cut) => {
    expect(truncate(value, digits)).toBe(cut)
  })

  it('keeps a mean of equal values', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 50_000 }), fc.integer({ min: 1, max: 60 }), (tenths, count) => {
        const value = tenths / 10
        const sum = Array.from({ length: count }, () => value).reduce((total, one) => total + one, 0)
        expect(truncate(sum / count, 1)).toBe(value)
      }),
    )
  })
})
