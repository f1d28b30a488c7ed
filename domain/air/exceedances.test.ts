import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY, HOUR } from '../../contract/time.ts'
import { type ExceedancePlan, exceedancesOf } from './exceedances.ts'

const ZONE = 'Asia/Jakarta'
/** The 24th in Jakarta begins at 17:00 UTC of the 23rd (domain A9). */
const DAY_24 = Date.parse('2026-11-23T17:00:00.000Z')

function hoursOf(values: readonly (number | null)[], from = DAY_24, count = 60) {
  const entries = values.flatMap((mean, index) =>
    mean === null ? [] : [[from + index * HOUR, { mean, count }] as const],
  )
  return new Map(entries)
}

const plan = (
  metric: string,
  hours: ReturnType<typeof hoursOf>,
  more: Partial<ExceedancePlan> = {},
): ExceedancePlan => ({
  standard: 'pp22',
  hours: new Map([[metric, hours]]),
  everyS: 60,
  from: DAY_24,
  to: DAY_24 + DAY,
  zone: ZONE,
  ...more,
})

describe('exceedances', () => {
  it('of a day: the mean of the local day over the limit of PP 22/2021, which 55 itself is not', () => {
    expect(exceedancesOf(plan('pm2_5', hoursOf(Array(24).fill(55)))).exceedances).toEqual([])
    expect(exceedancesOf(plan('pm2_5', hoursOf(Array(24).fill(55.1)))).exceedances).toEqual([
      {
        metric: 'pm2_5',
        averaging: '24h',
        from: DAY_24,
        to: DAY_24 + DAY,
        value: expect.closeTo(55.1, 9) as number,
        limit: 55,
        completeness: 1,
      },
    ])
  })

  it('are not told of days with fewer than 18 hours, which are counted as not valid', () => {
    const few = exceedancesOf(plan('pm2_5', hoursOf(Array(17).fill(500))))
    expect(few.exceedances).toEqual([])
    expect(few.tallies).toEqual([
      { metric: 'pm2_5', averaging: '24h', limit: 55, windows: 1, valid: 0, over: 0 },
    ])
    expect(exceedancesOf(plan('pm2_5', hoursOf(Array(18).fill(500)))).exceedances).toHaveLength(1)
  })

  it('of hours: those with 45 of 60 readings', () => {
    const hours = new Map([
      [DAY_24, { mean: 151, count: 45 }],
      [DAY_24 + HOUR, { mean: 151, count: 44 }],
      [DAY_24 + 2 * HOUR, { mean: 150, count: 60 }],
    ])
    const { exceedances, tallies } = exceedancesOf(plan('so2', hours))
    expect(exceedances.map(({ from, averaging, completeness }) => [from, averaging, completeness])).toEqual([
      [DAY_24, '1h', 0.75],
    ])
    expect(tallies).toContainEqual({
      metric: 'so2',
      averaging: '1h',
      limit: 150,
      windows: 24,
      valid: 2,
      over: 1,
    })
  })

  it('of 8 h: the highest 8 h mean that ends in the day', () => {
    // The eight hours at 104 end at 08:00 of the day; every other window holds hours at 20.
    const hours = hoursOf(
      [...Array(7).fill(20), ...Array(8).fill(104), ...Array(16).fill(20)],
      DAY_24 - 7 * HOUR,
    )
    const { exceedances } = exceedancesOf(plan('o3', hours, { standard: 'who' }))
    expect(exceedances).toMatchObject([
      { metric: 'o3', averaging: '8h', from: DAY_24, value: 104, limit: 100 },
    ])
  })

  it('of the ISPU: days above Sedang, with the category', () => {
    const { exceedances } = exceedancesOf(plan('so2', hoursOf(Array(24).fill(250)), { standard: 'ispu' }))
    expect(exceedances).toMatchObject([{ value: 132, limit: 100, category: 'Tidak Sehat' }])
    expect(
      exceedancesOf(plan('pm2_5', hoursOf(Array(24).fill(42)), { standard: 'ispu' })).exceedances,
    ).toEqual([])
  })

  it('count days that end in the period, and no other', () => {
    const hours = hoursOf(Array(96).fill(60))
    const days = (from: number, to: number) =>
      exceedancesOf(plan('pm2_5', hours, { from, to })).tallies[0]?.windows
    expect(days(DAY_24, DAY_24 + DAY - 1)).toBe(0)
    expect(days(DAY_24 + DAY - 1, DAY_24 + DAY)).toBe(1)
    expect(days(DAY_24 + DAY, DAY_24 + 3 * DAY)).toBe(2)
  })

  it('have no limit for what the standard does not name', () => {
    expect(exceedancesOf(plan('temperature', hoursOf([30]))).tallies).toEqual([])
    expect(exceedancesOf(plan('hc', hoursOf([30]))).tallies).toEqual([])
  })

  it('never grow fewer when the air grows worse', () => {
    const means = fc.array(fc.option(fc.integer({ min: 0, max: 200 })), { minLength: 24, maxLength: 24 })
    fc.assert(
      fc.property(means, fc.integer({ min: 0, max: 50 }), (values, more) => {
        const over = (added: number): number =>
          exceedancesOf(plan('no2', hoursOf(values.map((value) => (value === null ? null : value + added)))))
            .exceedances.length
        expect(over(more)).toBeGreaterThanOrEqual(over(0))
      }),
    )
  })
})
