import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchToShape, NO_PROGRESS, type Progress } from './match.ts'
import { projections, shapeLine } from './shape-line.ts'

/** East 1,105.5 m, then south 1,111.9 m: the shape of vectors transit-project and transit-match_progress. */
const CORNER = shapeLine([
  { lat: -6.17, lon: 106.8 },
  { lat: -6.17, lon: 106.81 },
  { lat: -6.18, lon: 106.81 },
])

/** Progress at each of [lat, lon, seconds]; null where the point is off the route. */
function follow(
  line: typeof CORNER,
  points: readonly (readonly [number, number, number])[],
): (number | null)[] {
  let progress: Progress = NO_PROGRESS
  return points.map(([lat, lon, seconds]) => {
    const match = matchToShape(line, { lat, lon }, seconds * 1_000, progress)
    progress = match.progress
    return match.matched ? progress.alongM : null
  })
}

function expectNear(actual: readonly (number | null)[], expected: readonly (number | null)[]): void {
  expect(actual.map((value) => value === null)).toEqual(expected.map((value) => value === null))
  actual.forEach((value, index) => {
    expect(Math.abs((value ?? 0) - (expected[index] ?? 0))).toBeLessThanOrEqual(1)
  })
}

describe('the nearest point of a shape', () => {
  it.each([
    ['beside it', -6.1703, 106.804, 442.2, 33.4],
    ['before its begin', -6.1701, 106.799, 0, 111.1],
    ['on its second leg', -6.175, 106.8102, 1_661.5, 22.1],
    ['outside its corner', -6.169, 106.811, 1_105.5, 156.8],
    ['past its end', -6.19, 106.81, 2_217.5, 1_112],
  ])('%s has its place and offset (domain C6, vectors transit-project)', (_, lat, lon, alongM, offsetM) => {
    const nearest = projections(CORNER, { lat, lon }).reduce((a, b) => (b.offsetM < a.offsetM ? b : a))
    expect(Math.abs(nearest.alongM - alongM)).toBeLessThan(0.5)
    expect(Math.abs(nearest.offsetM - offsetM)).toBeLessThan(0.5)
  })
})

describe('progress along a shape', () => {
  it('never falls (vector transit-match_progress-03)', () => {
    const points = [
      [-6.17, 106.801, 0],
      [-6.17, 106.804, 60],
      [-6.17, 106.8038, 70],
      [-6.17, 106.806, 120],
    ] as const
    expectNear(follow(CORNER, points), [110.55, 442.2, 442.2, 663.31])
  })

  it('stays over a point off the route (vector transit-match_progress-04)', () => {
    const points = [
      [-6.17, 106.801, 0],
      [-6.172, 106.801, 30],
      [-6.17, 106.803, 60],
    ] as const
    expectNear(follow(CORNER, points), [110.55, null, 331.65])
  })

  it('does not jump further than a vehicle drives (vector transit-match_progress-05)', () => {
    const points = [
      [-6.17, 106.801, 0],
      [-6.1799, 106.81, 10],
      [-6.17, 106.802, 20],
    ] as const
    expectNear(follow(CORNER, points), [110.55, null, 221.1])
  })

  it('is forgotten after three points off the route, and found anew', () => {
    const points = [
      [-6.17, 106.801, 0],
      [-6.1799, 106.81, 1],
      [-6.1799, 106.81, 2],
      [-6.1799, 106.81, 3],
      [-6.1799, 106.81, 4],
    ] as const
    expectNear(follow(CORNER, points), [110.55, null, null, null, 2_206.3])
  })

  it('tells the way back from the way out on one street', () => {
    const outAndBack = shapeLine([
      { lat: -6.17, lon: 106.8 },
      { lat: -6.17, lon: 106.81 },
      { lat: -6.17, lon: 106.8 },
    ])
    const points = [
      [-6.17, 106.804, 0],
      [-6.17, 106.8098, 60],
      [-6.17, 106.8098, 70],
      [-6.17, 106.804, 120],
    ] as const
    // 442.2 m from the begin on the way out; on the way back 2 x 1,105.5 - 442.2.
    const [out, , , back] = follow(outAndBack, points)
    expect(out).toBeCloseTo(442.2, 0)
    expect(back).toBeCloseTo(1_768.8, 0)
  })
})

/** Out and back along one street, 1,105.5 m each way; 0.001 degrees are 110.55 m. */
const STREET = shapeLine([
  { lat: -6.17, lon: 106.8 },
  { lat: -6.17, lon: 106.81 },
  { lat: -6.17, lon: 106.8 },
])

describe('the first fixes on an out-and-back route', () => {
  it('put a vehicle on the way back when it goes back', () => {
    const points = [
      [-6.17, 106.804, 0],
      [-6.17, 106.803, 10],
      [-6.17, 106.802, 20],
    ] as const
    // 2,211 m less 331.7 and 221.1 m.
    expectNear(follow(STREET, points), [442.2, 1_879.4, 1_989.9])
  })

  it('leave it on the way out when it goes out', () => {
    const points = [
      [-6.17, 106.804, 0],
      [-6.17, 106.805, 10],
      [-6.17, 106.806, 20],
    ] as const
    expectNear(follow(STREET, points), [442.2, 552.8, 663.3])
  })

  it('settle nothing while it stands, whichever way the fixes scatter', () => {
    const points = [
      [-6.17, 106.804, 0],
      [-6.17, 106.8038, 60],
      [-6.17, 106.8042, 120],
      [-6.17, 106.8039, 180],
      [-6.17, 106.803, 190],
    ] as const
    const [, , , , back] = follow(STREET, points)
    expect(back).toBeCloseTo(1_879.4, 0)
  })
})

describe('a vehicle far from the shape of its trip', () => {
  it.each([
    ['49 m', -6.170_44, true, true],
    ['150 m', -6.171_35, false, true],
    ['222 m', -6.172, false, false],
  ])('at %s is matched and on the trip by 50 m and 200 m', (_, lat, matched, isOnTrip) => {
    expect(matchToShape(CORNER, { lat, lon: 106.804 }, 0, NO_PROGRESS)).toMatchObject({ matched, isOnTrip })
  })
})

describe('progress, whatever the fixes', () => {
  it('never falls until it is forgotten, stays on the line, and moves no faster than a vehicle drives', () => {
    const fix = fc.record({
      lat: fc.double({ min: -6.181, max: -6.169, noNaN: true }),
      lon: fc.double({ min: 106.799, max: 106.811, noNaN: true }),
      afterS: fc.integer({ min: 1, max: 60 }),
    })
    fc.assert(
      fc.property(fc.array(fix, { maxLength: 40 }), (fixes) => {
        let progress: Progress = NO_PROGRESS
        let time = 0
        for (const { lat, lon, afterS } of fixes) {
          time += afterS * 1_000
          const before = progress
          progress = matchToShape(CORNER, { lat, lon }, time, before).progress
          if (progress.alongM === null) continue
          expect(progress.alongM).toBeGreaterThanOrEqual(before.alongM ?? 0)
          expect(progress.alongM).toBeLessThanOrEqual(2_217.5 + 1)
          if (before.alongM === null || before.time === null) continue
          // 26 m/s and 50 m (domain C6).
          expect(progress.alongM - before.alongM).toBeLessThanOrEqual(
            (26 * (time - before.time)) / 1_000 + 50,
          )
        }
      }),
      { numRuns: 200 },
    )
  })
})
