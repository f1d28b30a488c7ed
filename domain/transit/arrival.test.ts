import { describe, expect, it } from 'vitest'
import { nextByHeadway, predictArrivals, type ScheduledStop } from './arrival.ts'
import { predictByTemplate } from './run-together.ts'

const stop = (alongM: number, arrivalS: number, departureS: number, timepoint = false): ScheduledStop => ({
  alongM,
  arrivalS,
  departureS,
  timepoint,
})

/** The worked case of domain C7. */
const WORKED = [stop(0, 21_600, 21_600), stop(800, 21_780, 21_800), stop(2_000, 22_080, 22_080)]

/** The trip of vectors transit-predict. */
const TRIP = [
  stop(0, 28_800, 28_800),
  stop(1_000, 29_000, 29_030),
  stop(2_500, 29_300, 29_360, true),
  stop(4_000, 29_700, 29_700),
]

const times = (stops: readonly ScheduledStop[], alongM: number, timeS: number) => {
  const { delayS, arrivals } = predictArrivals(stops, { alongM, timeS }, timeS)
  return [delayS, ...arrivals.map(({ arrivalS }) => arrivalS)]
}

describe('arrivals of a trip with a timetable', () => {
  it('carry the delay on, less what the dwell wins back (domain C7)', () => {
    expect(times(WORKED, 400, 21_750)).toEqual([60, 21_840, 22_130])
  })

  it.each([
    ["after a stop's departure", 1_000, 29_050, [20, 29_320, 29_700]],
    ['late at the first stop', 0, 28_860, [60, 29_060, 29_340, 29_700]],
    ['early, and waiting at the timepoint', 2_400, 29_000, [-282, 29_018, 29_700]],
    ['in the dwell of a stop', 1_000, 29_010, [0, 29_300, 29_700]],
    ["before a stop's arrival", 1_000, 28_980, [-20, 29_280, 29_700]],
    ['10 m before a stop in its dwell', 2_490, 29_330, [0, 29_330, 29_700]],
  ] as const)('%s are those of the worked case (vectors transit-predict)', (_, alongM, timeS, expected) => {
    expect(times(TRIP, alongM, timeS)).toEqual(expected)
  })

  it('name the stop by its place in the trip', () => {
    const { arrivals } = predictArrivals(TRIP, { alongM: 1_200, timeS: 29_060 }, 29_060)
    expect(arrivals.map(({ index }) => index)).toEqual([2, 3])
  })

  it('are never in the past', () => {
    const { arrivals } = predictArrivals(TRIP, { alongM: 2_400, timeS: 28_950 }, 29_030)
    expect(arrivals[0]?.arrivalS).toBe(29_030)
  })

  it('are the timetable, without a delay, once the position is older than 90 s', () => {
    const fix = { alongM: 1_000, timeS: 29_050 }
    expect(predictArrivals(TRIP, fix, 29_140).basis).toBe('live')
    expect(predictArrivals(TRIP, fix, 29_141)).toEqual({
      basis: 'schedule',
      delayS: null,
      arrivals: [
        { index: 2, arrivalS: 29_300 },
        { index: 3, arrivalS: 29_700 },
      ],
    })
    expect(predictArrivals(TRIP, null, 29_141).basis).toBe('schedule')
  })

  it('reach no further than an hour', () => {
    const far = [stop(0, 0, 0), stop(1_000, 3_600, 3_600), stop(2_000, 3_601, 3_601)]
    expect(predictArrivals(far, { alongM: 500, timeS: 1_800 }, 1_800).arrivals).toHaveLength(2)
    expect(times(far, 0, 0)).toEqual([0, 3_600])
  })

  it('past the last stop are none', () => {
    expect(times(TRIP, 4_000, 29_710)).toEqual([10])
  })
})

describe('arrivals of a trip that runs by headway', () => {
  // Offsets from the first departure, as a template holds them.
  const template = TRIP.map((own) => ({
    ...own,
    arrivalS: own.arrivalS - 28_800,
    departureS: own.departureS - 28_800,
  }))

  it('are as far off as the template says from where the vehicle is, with no delay', () => {
    // Halfway from 0 s to 200 s at 10:00:00: the second stop is 100 s ahead, and the next 270 s after its departure.
    expect(predictByTemplate(template, { alongM: 500, timeS: 36_000 }, 36_000)).toEqual({
      basis: 'live',
      delayS: null,
      arrivals: [
        { index: 1, arrivalS: 36_100 },
        { index: 2, arrivalS: 36_400 },
        { index: 3, arrivalS: 36_800 },
      ],
    })
  })

  it('are unknown once the position is older than 90 s', () => {
    expect(predictByTemplate(template, { alongM: 500, timeS: 36_000 }, 36_090)).not.toBeNull()
    expect(predictByTemplate(template, { alongM: 500, timeS: 36_000 }, 36_091)).toBeNull()
  })

  it('are by headway after the last departure seen', () => {
    expect(nextByHeadway(600, 36_000, 36_200)).toEqual({
      basis: 'headway',
      expectedS: 36_600,
      latestS: 36_600,
    })
  })

  it('are within one headway when none was seen, or the next is overdue', () => {
    const within = { basis: 'headway', expectedS: null, latestS: 37_300 }
    expect(nextByHeadway(600, null, 36_700)).toEqual(within)
    expect(nextByHeadway(600, 36_000, 36_700)).toEqual(within)
  })
})
