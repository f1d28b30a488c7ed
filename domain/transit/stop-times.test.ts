import { describe, expect, it } from 'vitest'
import { formatGtfsTime, parseGtfsTime } from './gtfs-time.ts'
import { interpolateStops, readStopTimes } from './stop-times.ts'

/** Arrivals of stops given as [distance, time]. */
function arrivals(stops: readonly (readonly [number | null, string | null])[]): (string | null)[] {
  const timed = stops.map(([distance, text]) => {
    const second = text === null ? null : parseGtfsTime(text)
    return { distance, arrivalS: second, departureS: second }
  })
  return interpolateStops(timed).map((times) => (times === null ? null : formatGtfsTime(times.arrivalS)))
}

describe('stops between timepoints', () => {
  it('lie in time as they lie in distance (domain C4)', () => {
    expect(
      arrivals([
        [0, '07:00:00'],
        [300, null],
        [1_200, '07:06:00'],
      ]),
    ).toEqual(['07:00:00', '07:01:30', '07:06:00'])
  })

  it('lie between their own neighbours, gap by gap (vector transit-interpolate_stops-04)', () => {
    expect(
      arrivals([
        [0, '08:00:00'],
        [300, null],
        [600, '08:03:00'],
        [900, null],
        [1_500, '08:09:00'],
      ]),
    ).toEqual(['08:00:00', '08:01:30', '08:03:00', '08:05:00', '08:09:00'])
  })

  it('are counted where distances are missing, equal, or fall', () => {
    const expected = ['08:00:00', '08:05:00', '08:10:00']
    for (const [first, own, last] of [
      [null, null, null],
      [0, null, 1_000],
      [500, 500, 500],
      [0, 2_000, 1_000],
    ] as const) {
      expect(
        arrivals([
          [first, '08:00:00'],
          [own, null],
          [last, '08:10:00'],
        ]),
      ).toEqual(expected)
    }
  })

  it('are rounded half up to a second', () => {
    expect(
      arrivals([
        [0, '08:00:00'],
        [1, null],
        [2, '08:00:01'],
      ]),
    ).toEqual(['08:00:00', '08:00:01', '08:00:01'])
  })

  it('count from the departure behind to the arrival ahead', () => {
    const timed = (arrivalS: number | null, departureS: number | null, distance: number) => ({
      arrivalS,
      departureS,
      distance,
    })
    const stops = [timed(0, 60, 0), timed(null, null, 500), timed(160, 200, 1_000)]
    expect(interpolateStops(stops)[1]).toEqual({ arrivalS: 110, departureS: 110 })
  })

  it('have no time outside the timed ones', () => {
    expect(
      arrivals([
        [0, null],
        [1, '08:00:00'],
        [2, null],
      ]),
    ).toEqual([null, '08:00:00', null])
  })
})

describe('stop_times.txt', () => {
  const header = ['trip_id', 'arrival_time', 'departure_time', 'stop_id', 'stop_sequence', 'timepoint']
  const read = (rows: readonly string[]) =>
    readStopTimes(new Map([['stop_times.txt', { header, rows: rows.map((row) => row.split(',')) }]]))

  it('is read in order of stop_sequence, as a number', () => {
    const calls = read(['T,08:20:00,08:20:00,C,10,1', 'T,08:00:00,08:00:30,A,1,1', 'T,,,B,9,0']).get('T')
    expect(calls?.map(({ stop }) => stop)).toEqual(['A', 'B', 'C'])
    expect(calls?.[1]).toEqual({
      stop: 'B',
      sequence: 9,
      // Halfway from 08:00:30 to 08:20:00.
      arrivalS: 29_415,
      departureS: 29_415,
      timepoint: false,
    })
  })

  it('holds timepoints alone where it names none (GTFS reference: all times are considered exact)', () => {
    const calls = read(['T,08:00:00,08:00:00,A,0,', 'T,,,B,1,', 'T,08:20:00,08:20:00,C,2,']).get('T')
    expect(calls?.map(({ timepoint }) => timepoint)).toEqual([true, false, true])
  })
})
