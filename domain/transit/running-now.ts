// Whether a trip runs at a time by the plan (domain C1, C3): on its service day, within its timetable or while it is promised by headway.

import type { TimeMs } from '../../contract/time.ts'
import { hasTimetable } from './frequencies.ts'
import type { GtfsFeed, Trip } from './gtfs.ts'
import { serviceSecondsAt } from './gtfs-time.ts'
import { tripHeadway } from './headway-now.ts'
import { scheduledStarts } from './run-start.ts'

/** True from a run's first departure to its last arrival; of one by headway while the next is promised within the hour. */
export function isRunning(feed: GtfsFeed, trip: Trip, now: TimeMs): boolean {
  if (!hasTimetable(trip.frequencies)) return tripHeadway(feed, trip, now, 0) !== null
  const lengthS = trip.stops.at(-1)?.arrivalS ?? 0
  return serviceSecondsAt(now, feed.timezone)
    .filter(({ date }) => feed.servicesOn(date).has(trip.service))
    .some(({ second }) =>
      scheduledStarts(trip).some((startS) => second >= startS && second <= startS + lengthS),
    )
}
