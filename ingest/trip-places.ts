// Where along its trip a vehicle is: matched to the trip's shape as positions come (domain C6).

import type { Observation } from '../contract/observation.ts'
import { matchToShape, NO_PROGRESS, type Progress } from '../domain/transit/match.ts'
import { readTrips, type TripOnLine } from '../runtime/gtfs-trips.ts'

/** Metres along the shape of the trip that the vehicle says it runs; null when it says none, or is not on it. */
export function tripPlaces(gtfsPath: string | null): (observation: Observation) => number | null {
  const trips: ReadonlyMap<string, TripOnLine> = gtfsPath === null ? new Map() : readTrips(gtfsPath, false)
  const runs = new Map<string, { trip: string; progress: Progress }>()
  return ({ device, trip, position, time }) => {
    const line = trip === undefined ? undefined : trips.get(trip)?.line
    if (trip === undefined || line === undefined || position === undefined) {
      runs.delete(device)
      return null
    }
    const run = runs.get(device)
    const before = run?.trip === trip ? run.progress : NO_PROGRESS
    const { progress, matched } = matchToShape(line, position, time, before)
    runs.set(device, { trip, progress })
    return matched ? progress.alongM : null
  }
}
