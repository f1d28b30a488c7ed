// When the next vehicle comes to a stop: from a vehicle that is on its way where there is one; else by timetable, or, for
// a trip that runs by headway and so has none, by the headway alone (domain C3, C7).

import type { ArrivalsAnswer, VehicleArrivalsAnswer } from '../../contract/api.ts'
import type { LiveDevice } from '../../contract/feed.ts'
import { formatTime, SECOND, type TimeMs } from '../../contract/time.ts'
import type { GtfsFeed, Trip } from '../../domain/transit/gtfs.ts'
import { tripHeadway } from '../../domain/transit/headway-now.ts'
import { HORIZON_MS, type PlannedArrival, plannedArrivals } from '../../domain/transit/planned-arrivals.ts'
import { isStale } from '../../domain/transit/punctuality.ts'
import type { ArrivalAhead, RunPrediction } from '../../domain/transit/run-prediction.ts'
import type { VehicleRuns } from '../../domain/transit/vehicle-runs.ts'

export interface ArrivalSource {
  readonly feed: GtfsFeed
  readonly runs: VehicleRuns
  /** Those that the asker may see. */
  readonly vehicles: readonly LiveDevice[]
  readonly now: TimeMs
}

type Arrival = ArrivalsAnswer['arrivals'][number]

interface Expected {
  readonly arrival: Arrival
  /** What it is sorted by. */
  readonly expected: TimeMs
}

/** Arrivals of the next hour at a stop, soonest first. */
export function arrivalsAt(source: ArrivalSource, stopId: string): readonly Arrival[] {
  const { feed, runs, now } = source
  const live = liveArrivals(source, stopId).map((one) => expectedLive(source, one))
  const lastDeparture = ({ route, direction }: Trip): TimeMs | null =>
    runs.departures(route, direction, stopId, now).at(-1)?.time ?? null
  const planned = plannedArrivals(feed, stopId, now, lastDeparture)
    .map((arrival) => expectedPlanned(source, arrival))
    .filter(({ arrival }) => !live.some((other) => isSameRun(other.arrival, arrival)))
  return [...live, ...planned].sort((a, b) => a.expected - b.expected).map(({ arrival }) => arrival)
}

export interface LiveArrival {
  readonly vehicle: LiveDevice
  readonly run: RunPrediction
  readonly ahead: ArrivalAhead
}

/** Of the vehicles that are on their way to the stop. */
export function liveArrivals(
  { feed, runs, vehicles, now }: ArrivalSource,
  stopId: string,
): readonly LiveArrival[] {
  const calling = new Set((feed.tripsAtStop.get(stopId) ?? []).map(({ id }) => id))
  return vehicles
    .filter(({ transit }) => transit?.trip != null && calling.has(transit.trip))
    .flatMap((vehicle) => {
      const run = runs.predict(vehicle.id, now)
      if (run === null) return []
      return run.arrivals
        .filter(({ stop }) => stop.stop === stopId)
        .map((ahead): LiveArrival => ({ vehicle, run, ahead }))
    })
}

/** A vehicle on its way stands for the headway of its route and direction, and for its own trip of a timetable. */
function isSameRun(live: Arrival, planned: Arrival): boolean {
  const isSame = live.route === planned.route && live.direction === planned.direction
  return isSame && (planned.basis === 'headway' || live.scheduled === planned.scheduled)
}

function expectedLive(source: ArrivalSource, { vehicle, run, ahead }: LiveArrival): Expected {
  const { trip, delayS } = run
  const headwayS = delayS === null ? tripHeadway(source.feed, trip, source.now, 0) : null
  const occupancy = vehicle.transit?.occupancy ?? null
  const arrival: Arrival = {
    ...tripMembers(trip),
    vehicle: vehicle.id,
    predicted: formatTime(ahead.time),
    low: formatTime(ahead.low),
    high: formatTime(ahead.high),
    seen: formatTime(run.place.time),
    basis: 'live',
    ...(ahead.scheduled === null
      ? {}
      : {
          scheduled: formatTime(ahead.scheduled),
          delay_s: Math.round((ahead.time - ahead.scheduled) / SECOND),
        }),
    ...(headwayS === null ? {} : { headway_s: headwayS }),
    ...(run.isWaiting ? { waiting: true } : {}),
    ...(occupancy === null ? {} : { occupancy }),
    ...(vehicle.simulated ? { simulated: true } : {}),
  }
  return { arrival, expected: ahead.time }
}

function expectedPlanned(source: ArrivalSource, planned: PlannedArrival): Expected {
  const { trip } = planned
  if (planned.basis === 'schedule') {
    const { time } = planned
    return {
      arrival: { ...tripMembers(trip), scheduled: formatTime(time), basis: 'schedule' },
      expected: time,
    }
  }
  const { headwayS, latest } = planned
  // A moment beyond the hour is not told; the headway is.
  const expected =
    planned.expected !== null && planned.expected <= source.now + HORIZON_MS ? planned.expected : null
  return {
    expected: expected ?? latest,
    arrival: {
      ...tripMembers(trip),
      trip: null,
      basis: 'headway',
      headway_s: headwayS,
      reporting: reporting(source, trip),
      ...(expected === null ? {} : { predicted: formatTime(expected) }),
    },
  }
}

/** Vehicles of the route and direction that were heard within 90 s. */
function reporting({ vehicles, now }: ArrivalSource, { route, direction }: Trip): number {
  return vehicles.filter(
    ({ transit }) =>
      transit?.route === route &&
      (transit.direction === null || transit.direction === direction) &&
      !isStale(transit.time, now),
  ).length
}

function tripMembers({ route, headsign, id, direction }: Trip) {
  return { route, headsign, trip: id, direction }
}

/** The stops ahead of a vehicle and when it comes to them; none while it is on no trip, or was not heard for 90 s. */
export function vehicleArrivals(
  { feed, runs, now }: Omit<ArrivalSource, 'vehicles'>,
  vehicle: LiveDevice,
): VehicleArrivalsAnswer {
  const run = runs.predict(vehicle.id, now)
  const seen = vehicle.transit?.time
  return {
    vehicle: vehicle.id,
    time: formatTime(now),
    ...(seen === undefined ? {} : { seen: formatTime(seen) }),
    ...(run === null ? {} : tripMembers(run.trip)),
    ...(run?.delayS == null ? {} : { delay_s: run.delayS }),
    ...(run?.isWaiting === true ? { waiting: true } : {}),
    arrivals: (run?.arrivals ?? []).map(({ stop, time, low, high, scheduled }) => ({
      stop: stop.stop,
      name: feed.stops.get(stop.stop)?.name ?? stop.stop,
      sequence: stop.sequence,
      predicted: formatTime(time),
      low: formatTime(low),
      high: formatTime(high),
      ...(scheduled === null ? {} : { scheduled: formatTime(scheduled) }),
    })),
  }
}
