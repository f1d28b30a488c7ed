// How evenly the vehicles of a route come (domain C9): at each stop the departures that were seen against the planned headway, and how
// the vehicles on the road are spaced now.

import type { HeadwaysAnswer } from '../../contract/api.ts'
import { formatTime, SECOND, type TimeMs } from '../../contract/time.ts'
import type { GtfsFeed, Trip, TripStop } from '../../domain/transit/gtfs.ts'
import { headwayStatistics } from '../../domain/transit/headway.ts'
import { headwayNow } from '../../domain/transit/headway-now.ts'
import { spacing } from '../../domain/transit/spacing.ts'
import { DEPARTURES_KEPT_MS } from '../../domain/transit/stop-calls.ts'
import type { VehicleRuns } from '../../domain/transit/vehicle-runs.ts'
import { longestTrip } from './transit-plan.ts'

export interface HeadwaySource {
  readonly feed: GtfsFeed
  readonly runs: VehicleRuns
  /** Ids of the vehicles that the asker may see. */
  readonly shown: ReadonlySet<string>
  readonly now: TimeMs
}

type Direction = HeadwaysAnswer['directions'][number]

/** Of a route that the feed has. */
export function headwaysOf(source: HeadwaySource, route: string): HeadwaysAnswer {
  const trips = source.feed.tripsOfRoute.get(route) ?? []
  return {
    route,
    time: formatTime(source.now),
    window_s: DEPARTURES_KEPT_MS / SECOND,
    since: formatTime(Math.max(source.runs.since ?? source.now, source.now - DEPARTURES_KEPT_MS)),
    directions: ([0, 1] as const).flatMap((direction) =>
      directionOf(
        source,
        trips.filter((trip) => trip.direction === direction),
      ),
    ),
  }
}

function directionOf(source: HeadwaySource, trips: readonly Trip[]): Direction[] {
  const longest = longestTrip(trips)
  if (longest === null) return []
  const { feed, runs, now } = source
  const { route, direction, headsign } = longest
  const plannedS = headwayNow(feed, { route, direction }, now)
  return [
    {
      direction,
      headsign,
      planned_s: plannedS,
      pace: runs.travelTimes.pace(longest, now),
      vehicles: trips.flatMap((trip) => vehiclesOf(source, trip, plannedS)),
      // Nobody gets on at the last stop.
      stops: longest.stops.slice(0, -1).map((stop) => stopOf(source, longest, stop, plannedS)),
    },
  ]
}

function vehiclesOf(
  { runs, shown, now }: HeadwaySource,
  trip: Trip,
  plannedS: number | null,
): Direction['vehicles'] {
  const vehicles = runs.vehiclesOn(trip, now).filter(({ vehicle }) => shown.has(vehicle))
  return spacing(trip.stops, vehicles, plannedS, runs.travelTimes.pace(trip, now)).map((one) => ({
    vehicle: one.vehicle,
    trip: trip.id,
    behind_s: one.behindS,
    spacing: one.spacing,
  }))
}

function stopOf(
  { feed, runs, now }: HeadwaySource,
  { route, direction }: Trip,
  { stop }: TripStop,
  plannedS: number | null,
): Direction['stops'][number] {
  const departures = runs.departures(route, direction, stop, now)
  const last = departures.at(-1)
  const members = {
    stop,
    name: feed.stops.get(stop)?.name ?? stop,
    departures: departures.length,
    last: last === undefined ? null : formatTime(last.time),
  }
  if (plannedS === null) return { ...members, observed: null, reason: 'no_planned_headway' }
  const quality = headwayStatistics(
    departures.map(({ time }) => time / SECOND),
    plannedS,
  )
  if (quality === null) return { ...members, observed: null, reason: 'fewer_than_3_departures' }
  return {
    ...members,
    observed: {
      mean_s: quality.meanS,
      cv: quality.cv,
      expected_wait_s: quality.expectedWaitS,
      scheduled_wait_s: quality.scheduledWaitS,
      excess_wait_s: quality.excessWaitS,
      bunched: quality.bunched,
      gaps: quality.gaps,
      grade: quality.grade,
    },
  }
}
