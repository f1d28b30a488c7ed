// Where along its trip each of many vehicles is: matched to the trip's shape as positions come (domain C6).

import type { TimeMs } from '../../contract/time.ts'
import type { LatLon } from '../geo/geodesy.ts'
import { matchToShape, NO_PROGRESS, type Progress } from './match.ts'
import type { ShapeLine } from './shape-line.ts'

export interface TripPlace {
  /** Metres along the shape of the trip; null where the vehicle is off its route, or has not yet told which way it goes. */
  readonly alongM: number | null
  /** Metres from the shape. */
  readonly offsetM: number
  /** False when it is so far from the shape that it is not on the trip that it names. */
  readonly isOnTrip: boolean
}

export class TripPlaces {
  readonly #lineOf: (trip: string) => ShapeLine | undefined
  readonly #runs = new Map<string, { readonly trip: string; readonly progress: Progress }>()

  constructor(lineOf: (trip: string) => ShapeLine | undefined) {
    this.#lineOf = lineOf
  }

  /** The place of a vehicle on the trip that it says it runs, positions in the order in which they come; null when the trip has no shape. */
  placeOf(vehicle: string, trip: string, position: LatLon, time: TimeMs): TripPlace | null {
    const line = this.#lineOf(trip)
    if (line === undefined) {
      this.forget(vehicle)
      return null
    }
    const run = this.#runs.get(vehicle)
    const before = run?.trip === trip ? run.progress : NO_PROGRESS
    const { progress, matched, offsetM, isOnTrip } = matchToShape(line, position, time, before)
    this.#runs.set(vehicle, { trip, progress })
    // On a route that goes out and back one fix does not tell the way: the second does.
    const isPlaced = matched && progress.unsettled === null
    return { alongM: isPlaced ? progress.alongM : null, offsetM, isOnTrip }
  }

  forget(vehicle: string): void {
    this.#runs.delete(vehicle)
  }
}
