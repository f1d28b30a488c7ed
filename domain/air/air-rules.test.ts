import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MINUTE } from '../../contract/time.ts'
import { channelsDisagree, correctBarkjohn2021, correctEpa2022, correctKappa } from './corrections.ts'
import { interpolate, recentValues } from './interpolation.ts'
import { exceeds, limitUgM3 } from './limits.ts'
import { dailyMax8h, windowMean } from './means.ts'
import { dayEveningNightLevel, equivalentLevel, siangMalamLevel } from './noise.ts'
import { CONCENTRATION_UNITS, convert, GASES } from './units.ts'
import { afterLevel, NO_STAGE, POST_THRESHOLDS_CM, type WaterStage, waterStage } from './water-stage.ts'

describe('a concentration', () => {
  it.each([
    ['no2', 94.1, 'ug/m3', 'ppb', 50],
    ['o3', 120, 'ug/m3', 'ppb', 61.1],
    ['co', 8_000, 'ug/m3', 'ppm', 6.98],
    ['so2', 35, 'ppb', 'ug/m3', 91.7],
  ] as const)('of %s of %d %s is in %s the %d of domain A5', (gas, value, from, to, expected) => {
    expect(Math.abs(convert(gas, value, from, to) / expected - 1)).toBeLessThan(1e-3)
  })

  it('is the same after there and back', () => {
    const unit = fc.constantFrom(...CONCENTRATION_UNITS)
    fc.assert(
      fc.property(
        fc.constantFrom(...GASES),
        fc.double({ min: 0, max: 1e5, noNaN: true }),
        unit,
        unit,
        (gas, value, a, b) => {
          expect(convert(gas, convert(gas, value, a, b), b, a)).toBeCloseTo(value, 6)
        },
      ),
    )
  })
})

// Expected values: examples of domain A6.
describe('a correction', () => {
  it.each([
    ['2021 at 60', correctBarkjohn2021(60, 75), 30.725],
    ['2021 below nothing', correctBarkjohn2021(3, 90), 0],
    ['2022 at 45', correctEpa2022(45, 75), 31.708],
    ['2022 at 220', correctEpa2022(220, 75), 177.274],
    ['2022 at 300', correctEpa2022(300, 75), 289.526],
    ['kappa at 85 %', correctKappa(60, 85), 26.03],
    ['kappa at 40 %', correctKappa(60, 40), 52.01],
    ['kappa in dry air', correctKappa(60, 0), 60],
  ])('%s is that of the rule', (_, corrected, expected) => {
    expect(Math.abs((corrected ?? Number.NaN) - expected)).toBeLessThan(0.005)
  })

  it('without humidity is none', () => {
    expect([correctBarkjohn2021(10, null), correctEpa2022(300, null), correctKappa(10, null)]).toEqual([
      null,
      null,
      null,
    ])
  })

  it('of 2022 has no step where its pieces meet', () => {
    for (const seam of [30, 50, 210, 260]) {
      const below = correctEpa2022(seam - 1e-9, 70) ?? Number.NaN
      expect(Math.abs((correctEpa2022(seam, 70) ?? Number.NaN) - below)).toBeLessThan(1e-6)
    }
  })

  it('is not asked for where two channels disagree by both measures', () => {
    expect(channelsDisagree(20, 40)).toBe(true)
    expect(channelsDisagree(2, 6)).toBe(false)
    expect(channelsDisagree(100, 110)).toBe(false)
  })
})

const present = (count: number, value = 20): (number | null)[] => Array.from({ length: count }, () => value)
const absent = (count: number): (number | null)[] => Array.from({ length: count }, () => null)

// Expected values: domain A8 and its examples.
describe('a mean', () => {
  it('is valid with three quarters of its parts, divided by those present', () => {
    expect(windowMean([...present(17), ...absent(7)])).toEqual({
      value: null,
      completeness: 17 / 24,
      reason: 'incomplete',
    })
    expect(windowMean([...present(18), ...absent(6)])).toEqual({ value: 20, completeness: 0.75 })
  })

  it('of nothing is null and not a division by zero', () => {
    expect(windowMean([])).toEqual({ value: null, completeness: 0, reason: 'incomplete' })
    expect(windowMean([], 0)).toEqual({ value: null, completeness: 0, reason: 'incomplete' })
  })

  it('over 8 h has its daily maximum only when 18 of 24 are valid', () => {
    const peak = [...present(7), ...present(16), ...present(8, 100)]
    expect(dailyMax8h(peak)).toBe(100)
    // Windows that end in the last 6 hours of the day have fewer than 6 of 8.
    expect(dailyMax8h([...present(23), ...absent(8)])).toBe(20)
    expect(dailyMax8h([...present(22), ...absent(9)])).toBeNull()
    expect(dailyMax8h(absent(31))).toBeNull()
  })
})

// Expected values: the table of domain A10.
describe('a limit', () => {
  it('is exceeded above it and not at it', () => {
    const limit = limitUgM3('pp22', 'pm2_5', '24h')
    expect(limit).toBe(55)
    expect([55, 55.1, null].map((mean) => exceeds(limit, mean))).toEqual([false, true, null])
  })

  it('that a standard does not have is exceeded by nothing', () => {
    expect(limitUgM3('who', 'no2', '1h')).toBeNull()
    expect(limitUgM3('who', 'tsp', '24h')).toBeNull()
    expect(exceeds(null, 9_999)).toBeNull()
  })
})

// Expected values: examples of domain A11.
describe('a level of noise', () => {
  it('is a mean of energies', () => {
    const levels = [52, 58, 67].map((dba) => ({ dba, weight: 1 }))
    expect(equivalentLevel(levels)).toBeCloseTo(62.86, 2)
    expect(dayEveningNightLevel(62, 58, 54)).toBeCloseTo(62.93, 2)
    expect(siangMalamLevel(61, 52)).toBeCloseTo(60.03, 2)
  })

  it('of no time is none', () => {
    expect(equivalentLevel([])).toBeNull()
    expect(equivalentLevel([{ dba: 60, weight: 0 }])).toBeNull()
  })

  it('lies between the quietest and the loudest', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ dba: fc.integer({ min: 20, max: 120 }), weight: fc.integer({ min: 1, max: 60 }) }),
          { minLength: 1 },
        ),
        (levels) => {
          const level = equivalentLevel(levels) ?? Number.NaN
          expect(level).toBeGreaterThan(Math.min(...levels.map(({ dba }) => dba)) - 1e-9)
          expect(level).toBeLessThan(Math.max(...levels.map(({ dba }) => dba)) + 1e-9)
        },
      ),
    )
  })
})

// Expected values: domain A12.
describe('the stage of a post', () => {
  it.each([
    ['manggarai', 855, 2],
    ['manggarai', 749.9, 4],
    ['manggarai', 950, 1],
    ['katulampa', 150, 2],
    ['katulampa', 80, 3],
  ] as const)('%s at %d cm is Siaga %i', (post, level, stage) => {
    expect(waterStage(level, POST_THRESHOLDS_CM[post])).toBe(stage)
  })

  /** Stages shown after readings [minute, stage]. */
  function shown(...readings: readonly (readonly [number, WaterStage])[]): (WaterStage | null)[] {
    let state = NO_STAGE
    return readings.map(([minute, stage]) => {
      state = afterLevel(state, stage, minute * MINUTE)
      return state.stage
    })
  }

  it('rises with the second reading in a row, to what both reached', () => {
    expect(shown([0, 4], [1, 3], [2, 4], [3, 3])).toEqual([4, 4, 4, 4])
    expect(shown([0, 4], [1, 2], [2, 1], [3, 1])).toEqual([4, 4, 2, 1])
  })

  it('falls after 15 minutes below, to the worst of them', () => {
    expect(shown([0, 2], [5, 3], [19, 3], [20, 4])).toEqual([2, 2, 2, 3])
    expect(shown([0, 2], [5, 3], [10, 2], [19, 3], [33, 3], [34, 3])).toEqual([2, 2, 2, 2, 2, 3])
  })
})

// Expected values: the example of domain A13.
describe('a value between stations', () => {
  const stations = [
    { lat: -6.17, lon: 106.8, value: 30 },
    { lat: -6.17, lon: 106.81, value: 60 },
    { lat: -6.175, lon: 106.805, value: 45 },
  ]

  it('is weighed by inverse square distance', () => {
    const { value } = interpolate(stations, { lat: -6.17, lon: 106.804 })
    expect(value).toBeCloseTo(40.94, 2)
  })

  it('at a station is its own', () => {
    expect(interpolate(stations, { lat: -6.17, lon: 106.81 })).toEqual({ value: 60 })
  })

  it('is refused far away, or from fewer than three', () => {
    expect(interpolate(stations, { lat: -6.185, lon: 106.805 })).toEqual({ value: null, reason: 'too_far' })
    const two = stations.map((station, index) => (index === 0 ? { ...station, value: null } : station))
    expect(interpolate(two, { lat: -6.17, lon: 106.804 })).toEqual({ value: null, reason: 'too_few' })
    expect(interpolate([], { lat: -6.17, lon: 106.804 })).toEqual({ value: null, reason: 'too_few' })
  })

  it('takes no value older than two hours', () => {
    const now = 10_000 * MINUTE
    const aged = [120, 120, 121].map((minutes, index) => ({
      ...(stations[index] ?? { lat: 0, lon: 0, value: null }),
      time: now - minutes * MINUTE,
    }))
    expect(recentValues(aged, now).map(({ value }) => value)).toEqual([30, 60, null])
  })
})
