import { describe, expect, it } from 'vitest'
import {
  frequencyStarts,
  hasTimetable,
  headwayAt,
  isFrequencyStart,
  readFrequencies,
  timesOfRun,
} from './frequencies.ts'
import { formatGtfsTime, parseGtfsTime } from './gtfs-time.ts'

const at = (text: string): number => parseGtfsTime(text) ?? Number.NaN
const window = (start: string, end: string, headwayS: number, exact = false) => ({
  startS: at(start),
  endS: at(end),
  headwayS,
  exact,
})

describe('starts of a repeated trip', () => {
  it('go on while before the end, which is none (domain C3)', () => {
    expect(frequencyStarts(window('06:00:00', '06:45:00', 900)).map(formatGtfsTime)).toEqual([
      '06:00:00',
      '06:15:00',
      '06:30:00',
    ])
  })

  it('are one in a window of a second (vector transit-frequency_starts-04)', () => {
    expect(frequencyStarts(window('05:00:00', '05:00:01', 300)).map(formatGtfsTime)).toEqual(['05:00:00'])
  })

  it('are none in an empty window', () => {
    expect(frequencyStarts(window('05:00:00', '05:00:00', 300))).toEqual([])
  })

  it('are those alone that a realtime feed may name (validator E019, vectors transit-frequency_start_ok)', () => {
    const hour = window('06:00:00', '07:00:00', 600)
    expect(isFrequencyStart(hour, at('06:20:00'))).toBe(true)
    expect(isFrequencyStart(hour, at('06:25:00'))).toBe(false)
    expect(isFrequencyStart(hour, at('07:00:00'))).toBe(false)
    expect(isFrequencyStart(hour, at('05:50:00'))).toBe(false)
  })
})

it('a run takes only the offsets of its template (vector transit-frequency_times-01)', () => {
  const expected = ['06:10:00', '06:14:30', '06:20:00']
  expect(
    timesOfRun(at('06:10:00'), ['00:00:00', '00:04:30', '00:10:00'].map(at)).map(formatGtfsTime),
  ).toEqual(expected)
  expect(
    timesOfRun(at('06:10:00'), ['05:00:00', '05:04:30', '05:10:00'].map(at)).map(formatGtfsTime),
  ).toEqual(expected)
})

it('a trip keeps a timetable when it does not repeat or repeats at exact times', () => {
  expect(hasTimetable([])).toBe(true)
  expect(hasTimetable([window('06:00:00', '07:00:00', 600, true)])).toBe(true)
  expect(hasTimetable([window('06:00:00', '07:00:00', 600)])).toBe(false)
})

it('the headway is that of the window, and none at its end', () => {
  const windows = [window('05:00:00', '09:00:00', 400), window('09:00:00', '16:00:00', 800)]
  expect(headwayAt(windows, at('04:59:59'))).toBeNull()
  expect(headwayAt(windows, at('05:00:00'))).toBe(400)
  expect(headwayAt(windows, at('09:00:00'))).toBe(800)
  expect(headwayAt(windows, at('16:00:00'))).toBeNull()
})

it('frequencies.txt is read by trip; empty exact_times is 0', () => {
  const header = ['trip_id', 'start_time', 'end_time', 'headway_secs', 'exact_times']
  const rows = [
    ['A', '9:00:00', '29:00:00', '800', ''],
    ['A', '05:00:00', '09:00:00', '400', '1'],
    ['B', '05:00:00', '09:00:00', '0', '0'],
  ]
  expect(readFrequencies(new Map([['frequencies.txt', { header, rows }]]))).toEqual(
    new Map([['A', [window('05:00:00', '09:00:00', 400, true), window('09:00:00', '29:00:00', 800)]]]),
  )
})
