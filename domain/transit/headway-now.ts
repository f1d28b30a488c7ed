// How often a route is promised now (domain C1, C3): what frequencies.txt says of the trips that run on this service day, or on
// the one before whose trips go on past midnight.

import type { TimeMs } from '../../contract/time.ts'
import { headwayAt } from './frequencies.ts'
import type { GtfsFeed, Trip } from './gtfs.ts'
import { serviceSecondsAt } from './gtfs-time.ts'

/** A trip, or all trips of a route in one direction. */
export type RunsOf = { readonly trip: string } | { readonly route: string; readonly direction: 0 | 1 }

/** A longer headway says about once a day, which is no promise to a rider (data of TransJakarta: up to 52,700 s). */
export const LONGEST_HEADWAY_S = 3_600

/**
 * Seconds between departures from the first stop at a time: of a route and direction the shortest headway of the trips that run
 * then, as their stops differ and are not taken turns at [rule]. Null where none runs by headway at the time, or only at headways
 * over an hour.
 */
export function headwayNow(feed: GtfsFeed, runs: RunsOf, time: TimeMs): number | null {
  return shortest(tripsOf(feed, runs).map((trip) => tripHeadway(feed, trip, time, 0)))
}

/**
 * The same for one trip at the place that it reaches `afterS` seconds after its start: the window that counts is the one in which
 * the vehicle left.
 */
export function tripHeadway(feed: GtfsFeed, trip: Trip, time: TimeMs, afterS: number): number | null {
  return shortest(
    serviceSecondsAt(time, feed.timezone)
      .filter(({ date }) => feed.servicesOn(date).has(trip.service))
      .map(({ second }) => headwayAt(trip.frequencies, second - afterS)),
  )
}

function shortest(headways: readonly (number | null)[]): number | null {
  const told = headways.filter((headwayS) => headwayS !== null && headwayS <= LONGEST_HEADWAY_S)
  return told.reduce(
    (least, headwayS) => (least === null || (headwayS ?? least) < least ? headwayS : least),
    null,
  )
}

function tripsOf(feed: GtfsFeed, runs: RunsOf): readonly Trip[] {
  if ('route' in runs) {
    return (feed.tripsOfRoute.get(runs.route) ?? []).filter(({ direction }) => direction === runs.direction)
  }
  const trip = feed.trips.get(runs.trip)
  return trip === undefined ? [] : [trip]
}
