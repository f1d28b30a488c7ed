// Trips that repeat (domain C3). With exact_times 1 each start is a scheduled trip; with 0 there is no schedule, only a headway,
// and so no delay and no share on time. Source: google/transit, Schedule Reference, frequencies.txt; validator rule E019.

import { type FeedTables, groupBy, readRows } from './feed-tables.ts'
import { parseGtfsTime } from './gtfs-time.ts'

/** Seconds of the service day. */
export interface Frequency {
  readonly startS: number
  /** Not included. */
  readonly endS: number
  /** Above 0. */
  readonly headwayS: number
  /** exact_times 1. */
  readonly exact: boolean
}

type Repeat = Pick<Frequency, 'startS' | 'endS' | 'headwayS'>

/** Seconds at which a trip starts: start + k headway while before the end. With exact_times 0 they only say how often. */
export function frequencyStarts({ startS, endS, headwayS }: Repeat): readonly number[] {
  const count = Math.max(0, Math.ceil((endS - startS) / headwayS))
  return Array.from({ length: count }, (_, index) => startS + index * headwayS)
}

/** Whether a trip that says it started at this second is one of exact_times 1 (validator E019). */
export function isFrequencyStart({ startS, endS, headwayS }: Repeat, second: number): boolean {
  return second >= startS && second < endS && (second - startS) % headwayS === 0
}

/** Times of a template's stops for a run that leaves the first stop at `startS`: a template holds offsets alone. */
export function timesOfRun(startS: number, templateS: readonly number[]): readonly number[] {
  const first = templateS[0] ?? 0
  return templateS.map((second) => startS + second - first)
}

/** Whether a trip keeps a timetable, so that it can be late: it does not repeat, or repeats at exact times. */
export function hasTimetable(frequencies: readonly Frequency[]): boolean {
  return frequencies.every(({ exact }) => exact)
}

/** The headway in seconds of a trip that leaves its first stop at this second; null outside all its windows. */
export function headwayAt(frequencies: readonly Frequency[], second: number): number | null {
  const window = frequencies.find(({ startS, endS }) => startS <= second && second < endS)
  return window?.headwayS ?? null
}

/** frequencies.txt by trip, windows in order of start; a row whose times or headway are none is left out. */
export function readFrequencies(tables: FeedTables): ReadonlyMap<string, readonly Frequency[]> {
  const columns = ['trip_id', 'start_time', 'end_time', 'headway_secs', 'exact_times'] as const
  const windows = readRows(tables, 'frequencies.txt', columns).flatMap((row) => {
    const startS = parseGtfsTime(row.start_time)
    const endS = parseGtfsTime(row.end_time)
    const headwayS = Number(row.headway_secs)
    if (startS === null || endS === null || !(headwayS > 0)) return []
    return [{ trip: row.trip_id, frequency: { startS, endS, headwayS, exact: row.exact_times === '1' } }]
  })
  return new Map(
    [...groupBy(windows, ({ trip }) => trip)].map(([trip, own]) => [
      trip,
      own.map(({ frequency }) => frequency).sort((a, b) => a.startS - b.startS),
    ]),
  )
}
