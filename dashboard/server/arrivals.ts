// When the next vehicle comes to a stop: from a vehicle that is on its way where there is one; else by timetable, or, for
// a trip that runs by headway and so has none, by the headway alone (domain C3, C7).

import type { ArrivalsAnswer } from '../../contract/api.ts'
import type { LiveDevice } from '../../contract/feed.ts'
import { formatTime, HOUR, SECOND, type TimeMs } from '../../contract/time.ts'
import { type ServiceDay, serviceDaysAt } from './service-day.ts'
import { offsetAt, type PlannedStop, type PlannedTrip, type TransitPlan } from './transit-plan.ts'
import type { VehicleRuns } from './vehicle-runs.ts'

/** No prediction reaches further. */
const HORIZON_MS = HOUR
/** An older position says too little (domain C7). */
const OLDEST_POSITION_MS = 90 * SECOND

export interface ArrivalSource {
  readonly plan: TransitPlan
  readonly runs: Pick<VehicleRuns, 'lastDeparture'>
  /** Those that the asker may see. */
  readonly vehicles: readonly LiveDevice[]
  readonly timezone: string
  readonly now: TimeMs
}

type Arrival = ArrivalsAnswer['arrivals'][number]

/** Arrivals of the next hour at a stop, soonest first. */
export function arrivalsAt(source: ArrivalSource, stopId: string): readonly Arrival[] {
  const live = source.vehicles.flatMap((vehicle) => liveArrival(source, vehicle, stopId))
  const trips = source.plan.tripsAt.get(stopId) ?? []
  const planned = plannedArrivals(source, trips, stopId).filter(
    ({ arrival }) => !live.some((other) => isSameRun(other.arrival, arrival)),
  )
  return [...live, ...planned].sort((a, b) => a.expected - b.expected).map(({ arrival }) => arrival)
}

interface Expected {
  readonly arrival: Arrival
  /** What it is sorted by. */
  readonly expected: TimeMs
}

/** A vehicle on its way stands for the headway of its route and direction, and for its own trip of a timetable. */
function isSameRun(live: Arrival, planned: Arrival): boolean {
  const isSame = live.route === planned.route && live.direction === planned.direction
  return isSame && (planned.basis === 'headway' || live.scheduled === planned.scheduled)
}

export interface StopAhead {
  readonly stop: PlannedStop
  readonly time: TimeMs
}

/**
 * Predicted arrivals at the stops ahead of a vehicle within the hour, in order: from where it is, by the template's times
 * between the stops. None for a vehicle on no trip of the plan, or not heard for 90 s.
 */
export function stopsAhead(plan: TransitPlan, vehicle: LiveDevice, now: TimeMs): readonly StopAhead[] {
  const { transit } = vehicle
  const trip = transit?.trip == null ? undefined : plan.trips.get(transit.trip)
  if (transit == null || trip === undefined || transit.alongM === null) return []
  if (now - transit.time > OLDEST_POSITION_MS) return []
  const { alongM, time } = transit
  const passedS = offsetAt(trip, alongM)
  return trip.stops
    .filter((stop) => stop.alongM > alongM)
    .map((stop) => ({ stop, time: wholeSecond(Math.max(now, time + (stop.arrivalS - passedS) * SECOND)) }))
    .filter((ahead) => ahead.time <= now + HORIZON_MS)
}

/** Half up. */
function wholeSecond(time: number): TimeMs {
  return Math.floor(time / SECOND + 0.5) * SECOND
}

function liveArrival(source: ArrivalSource, vehicle: LiveDevice, stopId: string): readonly Expected[] {
  const { plan, now } = source
  const ahead = stopsAhead(plan, vehicle, now).find(({ stop }) => stop.id === stopId)
  const trip = vehicle.transit?.trip == null ? undefined : plan.trips.get(vehicle.transit.trip)
  if (ahead === undefined || trip === undefined) return []
  const scheduled = nearestScheduled(source, trip, ahead)
  const occupancy = vehicle.transit?.occupancy ?? null
  const arrival: Arrival = {
    route: trip.route,
    headsign: trip.headsign,
    trip: trip.id,
    direction: trip.direction,
    vehicle: vehicle.id,
    predicted: formatTime(ahead.time),
    basis: 'live',
    ...(scheduled === null
      ? {}
      : { scheduled: formatTime(scheduled), delay_s: Math.round((ahead.time - scheduled) / SECOND) }),
    ...(occupancy === null ? {} : { occupancy }),
    ...(vehicle.simulated ? { simulated: true } : {}),
  }
  return [{ arrival, expected: ahead.time }]
}

/** The timetabled arrival that the predicted one is nearest to; null for a trip that runs by headway. */
function nearestScheduled(source: ArrivalSource, trip: PlannedTrip, ahead: StopAhead): TimeMs | null {
  const times = serviceDaysAt(source.now, source.timezone).flatMap((day) =>
    scheduledTimes(source.plan, trip, ahead.stop, day),
  )
  const nearest = times.sort((a, b) => Math.abs(a - ahead.time) - Math.abs(b - ahead.time))[0]
  return nearest ?? null
}

/** Arrivals at a stop of a trip through a service day, where it has a timetable. */
function scheduledTimes(
  plan: TransitPlan,
  trip: PlannedTrip,
  stop: PlannedStop,
  day: ServiceDay,
): readonly TimeMs[] {
  if (!plan.servicesOn(day.date).has(trip.service)) return []
  return startsOf(trip).map((startS) => day.start + (startS + stop.arrivalS) * SECOND)
}

/** Seconds of the service day at which the trip starts: none where only a headway is promised. */
function startsOf(trip: PlannedTrip): readonly number[] {
  if (trip.frequencies.length === 0) return [trip.firstDepartureS]
  return trip.frequencies
    .filter(({ exact }) => exact)
    .flatMap(({ startS, endS, headwayS }) =>
      Array.from({ length: Math.ceil((endS - startS) / headwayS) }, (_, index) => startS + index * headwayS),
    )
}

function plannedArrivals(
  source: ArrivalSource,
  trips: readonly PlannedTrip[],
  stopId: string,
): readonly Expected[] {
  const days = serviceDaysAt(source.now, source.timezone)
  const headways = new Map<string, Expected>()
  const scheduled: Expected[] = []
  for (const trip of trips) {
    // Nobody gets on at a trip's last stop.
    const stop = trip.stops.slice(0, -1).find(({ id }) => id === stopId)
    if (stop === undefined) continue
    for (const day of days) {
      scheduled.push(...timetabled(source, trip, stop, day))
      const headway = byHeadway(source, trip, stop, day)
      const key = `${trip.route}|${trip.direction}`
      const known = headways.get(key)
      if (headway !== null && (known === undefined || headway.expected < known.expected))
        headways.set(key, headway)
    }
  }
  return [...scheduled, ...headways.values()]
}

function timetabled(
  source: ArrivalSource,
  trip: PlannedTrip,
  stop: PlannedStop,
  day: ServiceDay,
): readonly Expected[] {
  return scheduledTimes(source.plan, trip, stop, day)
    .filter((time) => time >= source.now && time <= source.now + HORIZON_MS)
    .map((time) => ({
      expected: time,
      arrival: { ...tripMembers(trip), scheduled: formatTime(time), basis: 'schedule' as const },
    }))
}

/** The next one by headway: after the last that was seen to leave, else at some time within one headway. */
function byHeadway(
  source: ArrivalSource,
  trip: PlannedTrip,
  stop: PlannedStop,
  day: ServiceDay,
): Expected | null {
  const { now } = source
  if (!source.plan.servicesOn(day.date).has(trip.service)) return null
  const window = trip.frequencies.find(
    ({ exact, startS, endS }) =>
      !exact &&
      day.start + (startS + stop.arrivalS) * SECOND <= now &&
      now < day.start + (endS + stop.arrivalS) * SECOND,
  )
  if (window === undefined) return null
  const headwayMs = window.headwayS * SECOND
  const last = source.runs.lastDeparture(trip, stop.id)
  const isKnown = last !== null && last + headwayMs >= now && last + headwayMs <= now + HORIZON_MS
  return {
    expected: isKnown ? last + headwayMs : now + headwayMs,
    arrival: {
      ...tripMembers(trip),
      trip: null,
      basis: 'headway',
      headway_s: window.headwayS,
      ...(isKnown ? { predicted: formatTime(wholeSecond(last + headwayMs)) } : {}),
    },
  }
}

function tripMembers({ route, headsign, id, direction }: PlannedTrip) {
  return { route, headsign, trip: id, direction }
}
