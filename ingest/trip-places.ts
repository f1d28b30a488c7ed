// Where along its trip a vehicle is: matched to the trip's shape as positions come (domain C6).

import type { Observation } from '../contract/observation.ts'
import { matchToShape, NO_PROGRESS, type Progress } from '../domain/transit/match.ts'
import type { ShapeLine } from '../domain/transit/shape-line.ts'

export interface TripPlace {
  /** Metres along the shape of the trip; null where the vehicle is off its route, or has not yet told which way it goes. */
  readonly alongM: number | null
  /** Metres from the shape. */
  readonly offsetM: number
  /** False when it is so far from the shape that it is not on the trip that it names. */
  readonly isOnTrip: boolean
}

/** The place of a vehicle on the trip that it says it runs; null when it says none that has a shape in `lines`. */
export function tripPlaces(
  lines: ReadonlyMap<string, ShapeLine>,
): (observation: Observation) => TripPlace | null {
  const runs = new Map<string, { readonly trip: string; readonly progress: Progress }>()
  return ({ device, trip, position, time }) => {
    const line = trip === undefined ? undefined : lines.get(trip)
    if (trip === undefined || line === undefined || position === undefined) {
      runs.delete(device)
      return null
    }
    const run = runs.get(device)
    const before = run?.trip === trip ? run.progress : NO_PROGRESS
    const { progress, matched, offsetM, isOnTrip } = matchToShape(line, position, time, before)
    runs.set(device, { trip, progress })
    // On a route that goes out and back one fix does not tell the way: the second does.
    const isPlaced = matched && progress.unsettled === null
    return { alongM: isPlaced ? progress.alongM : null, offsetM, isOnTrip }
  }
}
