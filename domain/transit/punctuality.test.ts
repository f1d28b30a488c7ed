import { describe, expect, it } from 'vitest'
import { isFeedStale, isFuture, isGone, isStale, punctuality } from './punctuality.ts'

describe('punctuality', () => {
  it('counts the worked case (domain C10)', () => {
    expect(punctuality([-70, -30, 45, 290, 420])).toEqual({ early: 1, onTime: 3, late: 1, share: 0.6 })
  })

  it('takes both ends of the window as on time (vector transit-on_time-01)', () => {
    const counted = punctuality([0, 60, -60, -61, 300, 301])
    expect(counted).toMatchObject({ early: 1, onTime: 4, late: 1 })
    expect(counted.share).toBeCloseTo(2 / 3, 9)
  })

  it('has no share without delays (vector transit-on_time-03)', () => {
    expect(punctuality([])).toEqual({ early: 0, onTime: 0, late: 0, share: null })
  })

  it('keeps the window of the operator', () => {
    expect(punctuality([-1, 0, 181], { earlyS: 0, lateS: 180 })).toMatchObject({
      early: 1,
      onTime: 1,
      late: 1,
    })
  })
})

describe('the age of a position', () => {
  it('makes it stale beyond 90 s, and not at 90 s', () => {
    expect(isStale(0, 90_000)).toBe(false)
    expect(isStale(0, 90_001)).toBe(true)
  })

  it('is wrong when more than 60 s ahead (vectors transit-stale-05, 06)', () => {
    expect(isFuture(1_060_000, 1_000_000)).toBe(false)
    expect(isFuture(1_070_000, 1_000_000)).toBe(true)
    expect(isStale(1_070_000, 1_000_000)).toBe(false)
  })

  it('takes a vehicle off the map after 10 minutes', () => {
    expect(isGone(0, 600_000)).toBe(false)
    expect(isGone(0, 600_001)).toBe(true)
  })

  it('of a feed may be 65 s (validator W008)', () => {
    expect(isFeedStale(0, 65_000)).toBe(false)
    expect(isFeedStale(0, 65_001)).toBe(true)
  })
})
