import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HOUR, MINUTE, type TimeMs } from '../../contract/time.ts'
import { eaqi } from './eaqi.ts'
import { ispu } from './ispu.ts'
import { nowcastPm } from './nowcast.ts'
import { type HourlyMean, stationIndices } from './station-index.ts'
import { ppbToUgM3 } from './units.ts'
import { usAqi } from './us-aqi.ts'

const END = Date.parse('2026-11-24T08:00:00Z')
const NOW = END + 20 * MINUTE

/** Hours of a metric, the latest full one first; null where there is none. */
function hours(values: readonly (number | null)[], count = 60): ReadonlyMap<TimeMs, HourlyMean> {
  return new Map(
    values.flatMap((mean, back) =>
      mean === null ? [] : [[END - (back + 1) * HOUR, { mean, count }] as const],
    ),
  )
}

const equal = (value: number, count: number): number[] => Array.from({ length: count }, () => value)

function indices(metrics: Readonly<Record<string, ReadonlyMap<TimeMs, HourlyMean>>>, everyS = 60) {
  return stationIndices({ hours: new Map(Object.entries(metrics)), now: NOW, everyS })
}

describe('a station', () => {
  it('has the ISPU of 24 h means over the hours that are full (domain A3)', () => {
    const { ispu } = indices({ pm2_5: hours(equal(42, 24)), pm10: hours(equal(95, 24)) })
    expect(ispu).toMatchObject({
      value: 83,
      category: 'Sedang',
      dominant: 'pm2_5',
      completeness: 1,
      time: END,
      parts: [
        { metric: 'pm2_5', concentration: 42, unit: 'ug/m3', averaging: '24h', value: 83 },
        { metric: 'pm10', concentration: 95, unit: 'ug/m3', averaging: '24h', value: 73 },
      ],
    })
  })

  it('needs 18 of 24 hours for it and says how many there are (domain A8)', () => {
    expect(indices({ pm2_5: hours(equal(42, 18)) }).ispu).toMatchObject({ value: 83, completeness: 0.75 })
    expect(indices({ pm2_5: hours(equal(42, 17)) }).ispu).toMatchObject({
      value: null,
      category: null,
      dominant: null,
      reason: 'not_enough_hours:17/18',
    })
  })

  it('has the index of the pollutant that suffices, and names the one that does not', () => {
    const { ispu } = indices({ pm2_5: hours(equal(42, 3)), pm10: hours(equal(95, 24)) })
    expect(ispu).toMatchObject({ value: 73, dominant: 'pm10' })
    expect(ispu.parts[0]).toMatchObject({ metric: 'pm2_5', concentration: null, value: null })
  })

  it('takes an hour with three quarters of its readings and no less', () => {
    expect(indices({ pm2_5: hours(equal(42, 24), 45) }).ispu.value).toBe(83)
    expect(indices({ pm2_5: hours(equal(42, 24), 44) }).ispu.value).toBeNull()
    // Every two hours: one reading is all that there can be.
    expect(indices({ pm2_5: hours(equal(42, 24), 1) }, 7_200).ispu.value).toBe(83)
  })

  it('leaves the hour that runs out', () => {
    const running = new Map([...hours(equal(42, 24)), [END, { mean: 900, count: 60 }]])
    expect(indices({ pm2_5: running }).ispu.value).toBe(83)
  })

  it('that measures no pollutant says so', () => {
    for (const index of Object.values(indices({ temperature: hours(equal(30, 24)) }))) {
      expect(index).toMatchObject({
        value: null,
        reason: 'no_pollutant_measured',
        completeness: 0,
        parts: [],
      })
    }
  })

  it("has the US AQI of the NowCast of AirNow's own hours (domain A2)", () => {
    const latestFirst = [21, null, 35, 49.2, 48.6, 53.7, 66.2, 69.2, 64.9, 50, 43, 34.9]
    const index = indices({ pm2_5: hours(latestFirst) })['us-aqi']
    expect(index).toMatchObject({ value: 87, category: 'Moderate', dominant: 'pm2_5' })
    expect(index.parts[0]).toMatchObject({ averaging: 'nowcast', concentration: 28.4 })
    expect(indices({ pm2_5: hours([null, null, 35]) })['us-aqi'].reason).toBe('not_enough_hours:1/2')
  })

  it('has gases in the units of the US table: 41 ppb of NO2 stay 41 (domain A1, conventions)', () => {
    const index = indices({ no2: hours([ppbToUgM3('no2', 41)]) })['us-aqi']
    // 50 / 53 * 41 = 38.7.
    expect(index).toMatchObject({ value: 39, dominant: 'no2' })
  })

  it('takes ozone by the surrogate, and its hour beside it from 0.125 ppm on', () => {
    const usual = indices({ o3: hours([ppbToUgM3('o3', 52)]) })['us-aqi']
    expect(usual.parts).toMatchObject([{ averaging: 'nowcast-surrogate', unit: 'ppm', concentration: 0.048 }])
    const high = indices({ o3: hours([ppbToUgM3('o3', 300)]) })['us-aqi']
    // The surrogate gives 0.259 ppm, where 8 h have no row; 1 h of 0.300 ppm is 249: 99 / 199 * 95 + 201 = 248.3.
    expect(high.parts).toMatchObject([
      { averaging: 'nowcast-surrogate', value: null },
      { averaging: '1h', concentration: expect.closeTo(0.3, 9), value: 248 },
    ])
    expect(high).toMatchObject({ value: 248, dominant: 'o3' })
  })

  it('takes SO2 by the hour up to 200, and by the day beyond (domain A1)', () => {
    const so2 = (ppb: readonly number[]) =>
      indices({ so2: hours(ppb.map((one) => ppbToUgM3('so2', one))) })['us-aqi']
    expect(so2([330, ...equal(109, 23)])).toMatchObject({ value: 200, category: 'Unhealthy' })
    expect(so2(equal(604, 24))).toMatchObject({ value: 300, dominant: 'so2' })
    expect(so2(equal(300, 24)).parts).toHaveLength(1)
  })

  it('takes CO over 8 h, of which 6 suffice', () => {
    const co = (count: number) => indices({ co: hours(equal(ppbToUgM3('co', 9_400), count)) })['us-aqi']
    expect(co(6)).toMatchObject({ value: 100, completeness: 0.75 })
    expect(co(5)).toMatchObject({ value: null, reason: 'not_enough_hours:5/6' })
  })

  it('has the European index of the last full hour (domain A4)', () => {
    const { eaqi } = indices({ pm2_5: hours([22]), no2: hours([10]) })
    expect(eaqi).toMatchObject({ value: 3, category: 'Moderate', dominant: 'pm2_5', completeness: 1 })
    expect(indices({ pm2_5: hours([null, 22]) }).eaqi).toMatchObject({
      value: null,
      reason: 'not_enough_hours:0/1',
    })
  })
})

describe('the indices of any hours', () => {
  const share = (present: number, all: number): boolean => present / all >= 0.75
  const mean = (hours: readonly (number | null)[]): number | null => {
    const present = hours.filter((hour) => hour !== null)
    return share(present.length, hours.length)
      ? present.reduce((sum, one) => sum + one, 0) / present.length
      : null
  }

  it('are those of the rules one by one, whatever is missing (domain A1 to A4, A8)', () => {
    const hour = fc.option(
      fc.record({ mean: fc.double({ min: 0, max: 600, noNaN: true }), count: fc.nat(70) }),
      {
        freq: 3,
      },
    )
    const day = fc.array(hour, { minLength: 30, maxLength: 30 })
    fc.assert(
      fc.property(day, day, fc.constantFrom(60, 120, 600), (fine, coarse, everyS) => {
        const of = (all: typeof fine) =>
          new Map(all.flatMap((one, back) => (one === null ? [] : [[END - (back + 1) * HOUR, one] as const])))
        const valid = (all: typeof fine): readonly (number | null)[] =>
          all.slice(0, 24).map((one) => (one !== null && share(one.count, 3_600 / everyS) ? one.mean : null))
        const made = indices({ pm2_5: of(fine), pm10: of(coarse) }, everyS)
        const [a, b] = [valid(fine), valid(coarse)]
        const worst = (...parts: readonly (number | null)[]): number | null => {
          const known = parts.filter((part) => part !== null)
          return known.length === 0 ? null : Math.max(...known)
        }
        expect(made.ispu.value).toBe(worst(ispu('pm2_5', mean(a)), ispu('pm10', mean(b))))
        expect(made['us-aqi'].value).toBe(
          worst(usAqi('pm2_5', nowcastPm('pm2_5', a)), usAqi('pm10', nowcastPm('pm10', b))),
        )
        expect(made.eaqi.value).toBe(worst(eaqi('pm2_5', a[0] ?? null), eaqi('pm10', b[0] ?? null)))
      }),
    )
  })

  it('are the same where the hours begin at half past, and of the hour that ended there', () => {
    const shiftMs = HOUR / 2
    const moved = new Map([...hours(equal(42, 24))].map(([hour, one]) => [hour - shiftMs, one]))
    const { ispu: made } = stationIndices({
      hours: new Map([['pm2_5', moved]]),
      now: NOW,
      everyS: 60,
      shiftMs,
    })
    expect(made).toMatchObject({ value: 83, completeness: 1, time: END - shiftMs })
  })
})
