import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eaqi } from './eaqi.ts'
import { ISPU_POLLUTANTS, ispu, ispuCategory, ispuLevels } from './ispu.ts'
import { nowcastO3Surrogate, nowcastPm } from './nowcast.ts'
import { US_AQI_POLLUTANTS, usAqi, usAqiCategory } from './us-aqi.ts'
import { worstPart } from './worst-part.ts'

// Expected values: examples and tables of domain A1 (EPA-454/B-24-002, table 6).
describe('the US AQI', () => {
  it.each([
    ['pm2_5', 12.49, 57],
    ['pm2_5', 61.87, 155],
    ['pm2_5', 350, 549],
    ['pm10', 520, 407],
    ['o3_8h', 0.063_9, 77],
    ['o3_8h', 0.073, 108],
    ['so2_1h', 304, 200],
    ['so2_1h', 330, 200],
  ] as const)('of %s at %f is %i', (pollutant, concentration, index) => {
    expect(usAqi(pollutant, concentration)).toBe(index)
  })

  it.each([
    ['o3_8h', 0.201],
    ['o3_1h', 0.124_9],
    ['so2_24h', 304.9],
    ['pm2_5', -0.01],
    ['pm2_5', Number.NaN],
    ['pm2_5', null],
  ] as const)('of %s at %d is not defined', (pollutant, concentration) => {
    expect(usAqi(pollutant, concentration)).toBeNull()
  })

  it.each([
    [50, 'Good'],
    [51, 'Moderate'],
    [150, 'Unhealthy for Sensitive Groups'],
    [200, 'Unhealthy'],
    [300, 'Very Unhealthy'],
    [301, 'Hazardous'],
    [849, 'Hazardous'],
  ] as const)('of %i is %s', (index, category) => {
    expect(usAqiCategory(index)).toBe(category)
  })
})

/** Nodes of P.14/2020, annex I.A, as domain A3 prints them, in hundredths of ug/m3. */
const ISPU_TABLE: Readonly<Record<(typeof ISPU_POLLUTANTS)[number], readonly number[]>> = {
  pm10: [5_000, 15_000, 35_000, 42_000, 50_000],
  pm2_5: [1_550, 5_540, 15_040, 25_040, 50_000],
  so2: [5_200, 18_000, 40_000, 80_000, 120_000],
  co: [400_000, 800_000, 1_500_000, 3_000_000, 4_500_000],
  o3: [12_000, 23_500, 40_000, 80_000, 100_000],
  no2: [8_000, 20_000, 113_000, 226_000, 300_000],
  hc: [4_500, 10_000, 21_500, 43_200, 64_800],
}
const INDEX_NODES = [50, 100, 200, 300, 400]

/** ISPU in whole numbers alone: no binary fraction can be a hair beside a half. */
function exactIspu(nodes: readonly number[], hundredths: number): number {
  let upper = nodes.findIndex((node) => hundredths <= node)
  if (upper < 0) upper = nodes.length - 1
  const [low, high] = [upper === 0 ? 0 : nodes[upper - 1], nodes[upper]].map((node) => BigInt(node ?? 0))
  const [from, to] = [upper === 0 ? 0 : INDEX_NODES[upper - 1], INDEX_NODES[upper]].map((node) =>
    BigInt(node ?? 0),
  )
  if (low === undefined || high === undefined || from === undefined || to === undefined) return Number.NaN
  const span = high - low
  const whole = (2n * ((to - from) * (BigInt(hundredths) - low) + from * span) + span) / (2n * span)
  return Math.min(500, Number(whole))
}

// Expected values: examples and table of domain A3.
describe('the ISPU', () => {
  it('has levels where its categories end, for what it takes', () => {
    for (const pollutant of ISPU_POLLUTANTS) {
      const levels = ispuLevels(pollutant)
      expect(levels.map(({ concentration }) => ispu(pollutant, concentration))).toEqual([50, 100, 200, 300])
      expect(levels.map(({ index }) => index)).toEqual([50, 100, 200, 300])
    }
    expect(ispuLevels('noise_dba')).toEqual([])
  })

  it.each([
    ['pm2_5', 42, 83],
    ['pm10', 95, 73],
    ['so2', 250, 132],
    ['co', 5_200, 65],
    ['no2', 500, 132],
    ['hc', 60, 64],
    ['pm2_5', 320, 328],
    ['pm2_5', 5_000, 500],
  ] as const)('of %s at %f ug/m3 is %i', (pollutant, mean, index) => {
    expect(ispu(pollutant, mean)).toBe(index)
  })

  it.each([null, -0.1, Number.NaN])('of %d is not known', (mean) => {
    expect(ispu('pm2_5', mean)).toBeNull()
  })

  it('is what arithmetic in whole numbers gives, halves included', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ISPU_POLLUTANTS),
        fc.integer({ min: 0, max: 6_000_000 }),
        (pollutant, hundredths) => {
          const nodes = ISPU_TABLE[pollutant]
          const within = hundredths % ((nodes.at(-1) ?? 0) + 20_000)
          expect(ispu(pollutant, within / 100)).toBe(exactIspu(nodes, within))
        },
      ),
      { numRuns: 5_000 },
    )
  })

  it('changes its category above each node', () => {
    expect([50, 51, 100, 101, 200, 201, 300, 301].map(ispuCategory)).toEqual([
      'Baik',
      'Sedang',
      'Sedang',
      'Tidak Sehat',
      'Tidak Sehat',
      'Sangat Tidak Sehat',
      'Sangat Tidak Sehat',
      'Berbahaya',
    ])
  })
})

describe('an index', () => {
  it('never falls when the concentration rises', () => {
    const rises = (index: (concentration: number) => number | null, most: number): void =>
      fc.assert(
        fc.property(
          fc.double({ min: 0, max: most, noNaN: true }),
          fc.double({ min: 0, max: most, noNaN: true }),
          (a, b) => {
            const [low, high] = [index(Math.min(a, b)), index(Math.max(a, b))]
            if (low !== null && high !== null) expect(high).toBeGreaterThanOrEqual(low)
          },
        ),
      )
    for (const pollutant of ISPU_POLLUTANTS) rises((mean) => ispu(pollutant, mean), 60_000)
    for (const pollutant of US_AQI_POLLUTANTS) {
      const isPpm = /o3|co/.test(pollutant)
      rises((concentration) => usAqi(pollutant, concentration), isPpm ? 60 : 2_500)
      rises((concentration) => usAqi(pollutant, concentration), isPpm ? 0.7 : 400)
    }
  })

  it('of a station is that of its worst part, ties to the first in order', () => {
    const order = ['a', 'b', 'c'] as const
    const parts = [
      { pollutant: 'c', value: 7 },
      { pollutant: 'b', value: 7 },
      { pollutant: 'a', value: null },
    ] as const
    expect(worstPart(parts, order)).toEqual({ pollutant: 'b', value: 7 })
    expect(worstPart([{ pollutant: 'a', value: null }], order)).toBeNull()
    expect(worstPart([], order)).toBeNull()
  })
})

// Expected values: examples of domain A4.
describe('the European AQI', () => {
  it.each([
    ['pm2_5', 22, 3],
    ['pm2_5', 5.3, 2],
    ['no2', 10, 1],
    ['o3', 101, 3],
    ['so2', 300, 6],
  ] as const)('of %s at %f ug/m3 is level %i', (pollutant, hour, level) => {
    expect(eaqi(pollutant, hour)).toBe(level)
  })

  it('of less than nothing is not known', () => {
    expect(eaqi('o3', -1)).toBeNull()
  })
})

// Expected values: examples of domain A2.
describe('NowCast', () => {
  it("of AirNow's own hours is 28.4", () => {
    const latestFirst = [21, null, 35, 49.2, 48.6, 53.7, 66.2, 69.2, 64.9, 50, 43, 34.9]
    expect(nowcastPm('pm2_5', latestFirst)).toBe(28.4)
    expect(usAqi('pm2_5', 28.4)).toBe(87)
    expect(nowcastPm('pm2_5', [32, 30, 28, 31, 29, 30, 33, 35, 30, 28, 27, 30])).toBe(30.4)
  })

  it('needs two of the latest three hours', () => {
    expect(nowcastPm('pm2_5', [null, null, 22, 21])).toBeNull()
    expect(nowcastPm('pm2_5', [null, 20, 30])).not.toBeNull()
    expect(nowcastPm('pm2_5', [])).toBeNull()
  })

  it('takes no hour before the twelfth', () => {
    const hours = Array.from({ length: 12 }, () => 10)
    expect(nowcastPm('pm2_5', [...hours, 500])).toBe(10)
  })

  it('lies between the least and the greatest hour', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9_000 }), { minLength: 2, maxLength: 12 }), (tenths) => {
        const hours = tenths.map((tenth) => tenth / 10)
        const nowcast = nowcastPm('pm2_5', hours) ?? Number.NaN
        expect(nowcast).toBeGreaterThanOrEqual(Math.min(...hours))
        expect(nowcast).toBeLessThanOrEqual(Math.max(...hours))
      }),
    )
  })

  it('of ozone takes the latest of three hours by the surrogate', () => {
    expect(nowcastO3Surrogate([52])).toBe(48)
    expect(nowcastO3Surrogate([null, 47, 60])).toBe(44)
    expect(nowcastO3Surrogate([null, null, null, 70])).toBeNull()
  })
})
