// What comes to a stop by the plan alone: by timetable, or, for a trip that runs by headway and so has none, within a headway of the
// last one seen to leave (domain C1, C3).

import { HOUR, SECOND, type TimeMs } from '../../contract/time.ts'
import { nextByHeadway } from './arrival.ts'
import { hasTimetable } from './frequencies.ts'
import type { GtfsFeed, Trip, TripStop } from './gtfs.ts'
import { serviceSecondsAt, serviceTime } from './gtfs-time.ts'
import { tripHeadway } from './headway-now.ts'
import { scheduledStarts } from './run-start.ts'

/** No arrival is told further ahead. */
export const HORIZON_MS = HOUR

export type PlannedArrival =
  | { readonly basis: 'schedule'; readonly trip: Trip; readonly time: TimeMs }
  | {
      readonly basis: 'headway'
      /** One of those of its route and direction. */
      readonly trip: Trip
      readonly headwayS: number
      /** A headway after the last that left; null when none was seen, or that moment has passed. */
      readonly expected: TimeMs | null
      /** One comes by then, if the headway holds. */
      readonly latest: TimeMs
    }

/**
 * Of the next hour at a stop: every timetabled one, and of each route and direction that runs by headway the next. `lastDeparture` tells
 * when one of a route and direction was last seen to leave the stop.
 */
export function plannedArrivals(
  feed: GtfsFeed,
  stopId: string,
  now: TimeMs,
  lastDeparture: (trip: Trip) => TimeMs | null,
): readonly PlannedArrival[] {
  const scheduled: PlannedArrival[] = []
  const shortest = new Map<string, { readonly trip: Trip; readonly headwayS: number }>()
  for (const trip of feed.tripsAtStop.get(stopId) ?? []) {
    // Nobody gets on at a trip's last stop.
    const calls = trip.stops.slice(0, -1).filter(({ stop }) => stop === stopId)
    if (hasTimetable(trip.frequencies)) {
      for (const call of calls) scheduled.push(...timetabled(feed, trip, call, now))
      continue
    }
    const first = calls[0]
    const headwayS = first === undefined ? null : tripHeadway(feed, trip, now, first.arrivalS)
    const key = `${trip.route}|${trip.direction}`
    const known = shortest.get(key)
    if (headwayS !== null && (known === undefined || headwayS < known.headwayS))
      shortest.set(key, { trip, headwayS })
  }
  const byHeadway = [...shortest.values()].map(({ trip, headwayS }): PlannedArrival => {
    const last = lastDeparture(trip)
    const { expectedS, latestS } = nextByHeadway(headwayS, last === null ? null : last / SECOND, now / SECOND)
    const expected = expectedS === null ? null : expectedS * SECOND
    return { basis: 'headway', trip, headwayS, expected, latest: latestS * SECOND }
  })
  return [...scheduled, ...byHeadway]
}

function timetabled(feed: GtfsFeed, trip: Trip, call: TripStop, now: TimeMs): readonly PlannedArrival[] {
  return serviceSecondsAt(now + HORIZON_MS, feed.timezone)
    .filter(({ date }) => feed.servicesOn(date).has(trip.service))
    .flatMap(({ date }) =>
      scheduledStarts(trip).map((startS) => serviceTime(date, startS + call.arrivalS, feed.timezone)),
    )
    .filter((time) => time >= now && time <= now + HORIZON_MS)
    .map((time) => ({ basis: 'schedule', trip, time }))
}
