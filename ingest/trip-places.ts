// Where along its trip a vehicle is, out of what it sends (domain C6).

import type { Observation } from '../contract/observation.ts'
import type { ShapeLine } from '../domain/transit/shape-line.ts'
import { type TripPlace, TripPlaces } from '../domain/transit/trip-places.ts'

/** The place of a vehicle on the trip that it says it runs; null when it says none that has a shape in `lines`. */
export function tripPlaces(
  lines: ReadonlyMap<string, ShapeLine>,
): (observation: Observation) => TripPlace | null {
  const places = new TripPlaces((trip) => lines.get(trip))
  return ({ device, trip, position, time }) => {
    if (trip !== undefined && position !== undefined) return places.placeOf(device, trip, position, time)
    places.forget(device)
    return null
  }
}
