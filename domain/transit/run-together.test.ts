import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Runner, runTogether } from './run-together.ts'

/** Every 600 m a stop; a way takes 100 s, a stand a tenth of the headway and at most a minute. */
const stops = Array.from({ length: 6 }, (_, index) => ({
  stop: `S${index}`,
  alongM: index * 600,
  arrivalS: index * 100,
  departureS: index * 100,
  timepoint: false,
}))
const times = {
  runS: () => 100,
  dwellS: (_: number, headwayS: number | null) => Math.min(60, (headwayS ?? 600) / 10),
}
const runner = (alongM: number, members: Partial<Runner> = {}): Runner => ({
  stops,
  fix: { alongM, timeS: 0 },
  times,
  last: null,
  headwayS: null,
  isWaiting: false,
  ...members,
})
const secondsOf = (runners: readonly Runner[], left: Readonly<Record<string, number>> = {}) =>
  runTogether(runners, (stop) => left[stop] ?? null, 0).map((arrivals) =>
    arrivals.map(({ arrivalS }) => arrivalS),
  )

describe('vehicles of a route', () => {
  it('stand for as long as it is since the one before left', () => {
    // One left S1 400 s before the vehicle comes there after 50 s: it stands 45 s; of S2 nobody knows, so 60 s.
    expect(secondsOf([runner(300)], { S1: -400 })).toEqual([[50, 195, 355, 515, 675]])
  })

  it('stand for less behind another one, which so falls back', () => {
    const [ahead, behind] = secondsOf([runner(900), runner(600 + 299)], { S2: -600, S3: -600 })
    // Both come to S2 after 50 s: the first stands 60 s, the second finds nobody and goes on at once.
    expect(ahead?.[1]).toBe(210)
    expect(behind?.[1]).toBe(150)
  })

  it('that stand at a stop are left the rest of the stand, wherever near it their fix lies', () => {
    const standing = { last: { index: 1, type: 'came', timeS: -20 } as const, headwayS: 500 }
    // 50 s in all, 20 s of which have passed.
    expect(secondsOf([runner(610, standing)])[0]?.[0]).toBe(130)
    expect(secondsOf([runner(590, standing)])[0]?.slice(0, 2)).toEqual([0, 130])
  })

  it('that wait at their first stop keep nobody company: nobody knows when they leave', () => {
    const alone = secondsOf([runner(300)], { S1: -600 })[0]
    const waits = runner(0, { isWaiting: true, last: { index: 0, type: 'came', timeS: -50 } })
    expect(secondsOf([runner(300), waits], { S1: -600 })[0]).toEqual(alone)
  })

  it('come to their stops in order, never before now and within the hour, however they lie', () => {
    const place = fc.record({
      alongM: fc.double({ min: 0, max: 3_000, noNaN: true }),
      index: fc.integer({ min: 0, max: 5 }),
      type: fc.constantFrom('came' as const, 'left' as const),
      sinceS: fc.double({ min: 0, max: 5_000, noNaN: true }),
    })
    fc.assert(
      fc.property(fc.array(place, { maxLength: 6 }), (places) => {
        const runners = places.map(({ alongM, index, type, sinceS }) =>
          runner(alongM, { last: { index, type, timeS: -sinceS } }),
        )
        for (const [index, arrivals] of runTogether(runners, () => -300, 0).entries()) {
          const seconds = arrivals.map(({ arrivalS }) => arrivalS)
          expect(seconds).toEqual(seconds.toSorted((a, b) => a - b))
          expect(seconds.every((second) => second >= 0 && second <= 3_600)).toBe(true)
          const ahead = stops.filter(({ alongM }) => alongM > (places[index]?.alongM ?? 0))
          expect(arrivals.length).toBeLessThanOrEqual(ahead.length)
        }
      }),
    )
  })
})
