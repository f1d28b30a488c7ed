// What the live stream tells of vehicles beyond the moment: when each began its run of a trip, and when each stop was last
// left. A trip that runs by headway has no other start than the one observed (domain C3, GTFS-realtime TripDescriptor).

import type { LiveDevice } from '../../contract/feed.ts'
import { HOUR, MINUTE, type TimeMs } from '../../contract/time.ts'
import type { LiveMirror } from './live-mirror.ts'
import { offsetAt, type PlannedTrip, type TransitPlan } from './transit-plan.ts'

export interface VehicleRuns {
  /** When the vehicle began the trip it is on, to the minute; null while it is on none. */
  startOf(vehicle: string): TimeMs | null
  /** When a vehicle of this trip's route and direction last left the stop; null when none was seen to. */
  lastDeparture(trip: PlannedTrip, stopId: string): TimeMs | null
}

interface Run {
  readonly trip: string
  readonly start: TimeMs
  readonly alongM: number
}

/** Falling back by more than this on the same trip is another run of it. */
const NEW_RUN_M = 500
/** A departure that is older says nothing of the next. */
const FORGOTTEN_MS = 3 * HOUR

export function followVehicleRuns(mirror: LiveMirror, plan: TransitPlan): VehicleRuns {
  const runs = new Map<string, Run>()
  const departures = new Map<string, TimeMs>()

  const see = (device: LiveDevice): void => {
    const { transit } = device
    const trip = transit?.trip == null ? undefined : plan.trips.get(transit.trip)
    if (transit == null || trip === undefined || transit.alongM === null) {
      if (transit?.trip == null) runs.delete(device.id)
      return
    }
    const { alongM, time } = transit
    const before = runs.get(device.id)
    const goesOn = before !== undefined && before.trip === trip.id && before.alongM - alongM < NEW_RUN_M
    if (goesOn) {
      for (const stop of trip.stops) {
        if (stop.alongM > before.alongM && stop.alongM <= alongM)
          departures.set(departureKey(trip, stop.id), time)
      }
    }
    const start = goesOn
      ? before.start
      : Math.floor((time - offsetAt(trip, alongM) * 1_000) / MINUTE) * MINUTE
    runs.set(device.id, { trip: trip.id, start, alongM: goesOn ? Math.max(alongM, before.alongM) : alongM })
  }

  mirror.onChange(({ changed, removed, time }) => {
    for (const device of changed) if (device.kind === 'vehicle') see(device)
    for (const id of removed) runs.delete(id)
    for (const [key, left] of departures) if (time - left > FORGOTTEN_MS) departures.delete(key)
  })
  return {
    startOf: (vehicle) => runs.get(vehicle)?.start ?? null,
    lastDeparture: (trip, stopId) => departures.get(departureKey(trip, stopId)) ?? null,
  }
}

function departureKey(trip: PlannedTrip, stopId: string): string {
  return `${trip.route}|${trip.direction}|${stopId}`
}
