// When a trip calls at its stops. Stops between timepoints have no time of their own and lie on a line between the timed ones
// around them (domain C4). Source: google/transit, Schedule Reference, stop_times.txt.

import { type FeedTables, groupBy, readRows } from './feed-tables.ts'
import { parseGtfsTime } from './gtfs-time.ts'

export interface StopTime {
  readonly stop: string
  readonly sequence: number
  /** Seconds of the service day. */
  readonly arrivalS: number
  readonly departureS: number
  /** The vehicle does not leave earlier than the time says. */
  readonly timepoint: boolean
}

export interface MaybeTimed {
  readonly arrivalS: number | null
  readonly departureS: number | null
  /** shape_dist_traveled, of no fixed unit; null when it is absent. */
  readonly distance: number | null
}

export interface CallTimes {
  readonly arrivalS: number
  readonly departureS: number
}

/**
 * Times of all stops: between timed neighbours linear in distance, or by stop where distances are missing or equal; half up to
 * a second. Null for a stop before the first timed one or after the last.
 */
export function interpolateStops(stops: readonly MaybeTimed[]): readonly (CallTimes | null)[] {
  const known = stops.map(ownTimes)
  return stops.map((_, index) => known[index] ?? between(stops, known, index))
}

/** One of the two stands for both. */
function ownTimes({ arrivalS, departureS }: MaybeTimed): CallTimes | null {
  const arrival = arrivalS ?? departureS
  const departure = departureS ?? arrivalS
  return arrival === null || departure === null ? null : { arrivalS: arrival, departureS: departure }
}

function between(
  stops: readonly MaybeTimed[],
  known: readonly (CallTimes | null)[],
  index: number,
): CallTimes | null {
  const before = known.findLastIndex((times, at) => at < index && times !== null)
  const after = known.findIndex((times, at) => at > index && times !== null)
  const fromS = known[before]?.departureS
  const toS = known[after]?.arrivalS
  if (fromS === undefined || toS === undefined) return null
  const share = distanceShare(stops, before, index, after) ?? (index - before) / (after - before)
  const second = Math.floor(fromS + share * (toS - fromS) + 0.5)
  return { arrivalS: second, departureS: second }
}

/** How much of the way between two stops lies before one; null when the distances between them do not say. */
function distanceShare(
  stops: readonly MaybeTimed[],
  before: number,
  index: number,
  after: number,
): number | null {
  const distances = stops.slice(before, after + 1).map(({ distance }) => distance)
  // One that is missing or falls would set its stop out of order among the others.
  const rises = distances.every(
    (distance, at) => distance !== null && distance >= (distances[at - 1] ?? distance),
  )
  const [from, own, to] = [distances[0], distances[index - before], distances.at(-1)]
  if (!rises || from == null || own == null || to == null || to === from) return null
  return (own - from) / (to - from)
}

/** stop_times.txt by trip, in order of stop_sequence, each stop timed. A stop outside the timed ones is left out. */
export function readStopTimes(tables: FeedTables): ReadonlyMap<string, readonly StopTime[]> {
  const rows = readRows(tables, 'stop_times.txt', [
    'trip_id',
    'stop_id',
    'stop_sequence',
    'arrival_time',
    'departure_time',
    'shape_dist_traveled',
    'timepoint',
  ])
  // "If no timepoint values are provided, all times are considered exact."
  const saysTimepoints = rows.some(({ timepoint }) => timepoint !== '')
  const calls = rows.map((row) => {
    const arrivalS = parseGtfsTime(row.arrival_time)
    const departureS = parseGtfsTime(row.departure_time)
    return {
      trip: row.trip_id,
      stop: row.stop_id,
      sequence: Number(row.stop_sequence),
      arrivalS,
      departureS,
      distance: row.shape_dist_traveled === '' ? null : Number(row.shape_dist_traveled),
      timepoint: saysTimepoints ? row.timepoint === '1' : arrivalS !== null || departureS !== null,
    }
  })
  return new Map(
    [...groupBy(calls, ({ trip }) => trip)].map(([trip, own]) => {
      own.sort((a, b) => a.sequence - b.sequence)
      const times = interpolateStops(own)
      return [
        trip,
        own.flatMap(({ stop, sequence, timepoint }, index) => {
          const own = times[index]
          return own == null ? [] : [{ stop, sequence, timepoint, ...own }]
        }),
      ]
    }),
  )
}
