import { describe, expect, it } from 'vitest'
import { spacing } from './spacing.ts'
import { stopPasses } from './stop-passes.ts'

const STOPS = [{ alongM: 0 }, { alongM: 400 }, { alongM: 1_000 }]

describe('what is passed between two fixes', () => {
  it('is come to 15 m before a stop and left 15 m past it, at one speed', () => {
    // 10 m/s from 300 m: 385 m after 8.5 s, 415 m after 11.5 s.
    expect(stopPasses(STOPS, { alongM: 300, time: 0 }, { alongM: 500, time: 20_000 })).toEqual([
      { index: 1, type: 'came', time: 8_500 },
      { index: 1, type: 'left', time: 11_500 },
    ])
  })

  it('is come to at the speed of the way where the vehicle stood at the second fix, and left so where it did at the first', () => {
    // At 10 m/s the 85 m to the line take 8.5 s, and the vehicle stood for the rest; from 415 m to 500 m it took 8.5 s too.
    const speed = (): number => 10
    expect(stopPasses(STOPS, { alongM: 300, time: 0 }, { alongM: 400, time: 20_000 }, 15, speed)).toEqual([
      { index: 1, type: 'came', time: 8_500 },
    ])
    expect(stopPasses(STOPS, { alongM: 400, time: 0 }, { alongM: 500, time: 20_000 }, 15, speed)).toEqual([
      { index: 1, type: 'left', time: 11_500 },
    ])
    // Slower than the way it came when both fixes say, not before the first.
    expect(stopPasses(STOPS, { alongM: 300, time: 0 }, { alongM: 400, time: 20_000 }, 15, () => 1)).toEqual([
      { index: 1, type: 'came', time: 17_000 },
    ])
  })

  it('is counted once, however the fixes fall', () => {
    const fixes = [0, 384, 385, 390, 415, 415, 600, 985, 1_100].map((alongM, index) => ({
      alongM,
      time: index * 10_000,
    }))
    const passes = fixes.slice(1).flatMap((fix, index) => stopPasses(STOPS, fixes[index] ?? fix, fix))
    expect(passes.map(({ index, type }) => `${index} ${type}`)).toEqual([
      '0 left',
      '1 came',
      '1 left',
      '2 came',
      '2 left',
    ])
  })

  it('is nothing when the vehicle stands, or time does not go on', () => {
    expect(stopPasses(STOPS, { alongM: 390, time: 0 }, { alongM: 390, time: 10_000 })).toEqual([])
    expect(stopPasses(STOPS, { alongM: 300, time: 0 }, { alongM: 500, time: 0 })).toEqual([])
  })
})

describe('vehicles of a trip', () => {
  // 500 m take 100 s.
  const stops = [0, 500, 1_000, 5_000].map((alongM) => ({
    alongM,
    arrivalS: alongM / 5,
    departureS: alongM / 5,
    timepoint: false,
  }))

  it('are spaced by the seconds between them at the pace of the route, and by the times of their fixes', () => {
    const vehicles = [
      { vehicle: 'last', alongM: 100, time: 0 },
      { vehicle: 'first', alongM: 4_100, time: 0 },
      // 50 s of the way behind, its fix 10 s newer.
      { vehicle: 'second', alongM: 3_850, time: 10_000 },
    ]
    // At half the template's speed 250 m take 100 s; the headway is 600 s: below 300 bunched, above 900 a gap (domain C9).
    expect(spacing(stops, vehicles, 600, 2)).toEqual([
      { vehicle: 'first', alongM: 4_100, behindS: null, spacing: null },
      { vehicle: 'second', alongM: 3_850, behindS: 110, spacing: 'bunched' },
      { vehicle: 'last', alongM: 100, behindS: 1_490, spacing: 'gap' },
    ])
    expect(spacing(stops, vehicles, null, 1).map((one) => one.spacing)).toEqual([null, null, null])
  })
})
