// The routes that simulated vehicles run on: of each route the longest trip out and the longest back.

import { placeAlong } from '../domain/transit/shape-line.ts'
import { readTrips, type TripOnLine } from '../runtime/gtfs-trips.ts'
import type { Fleet } from './vehicle.ts'

export function fleetsOf(gtfsPath: string): readonly Fleet[] {
  const trips = readTrips(gtfsPath)
  const byRoute = new Map<string, TripOnLine[]>()
  for (const trip of trips.values()) {
    if (trip.stops.length < 2) continue
    byRoute.set(trip.route, [...(byRoute.get(trip.route) ?? []), trip])
  }
  return [...byRoute].map(([route, own]) => ({
    route,
    patterns: ([0, 1] as const).flatMap((direction) => {
      const longest = own
        .filter((trip) => trip.direction === direction)
        .sort((a, b) => b.stops.length - a.stops.length || (a.trip < b.trip ? -1 : 1))[0]
      return longest === undefined ? [] : [longest]
    }),
    placeAt(trip, alongM) {
      const line = trips.get(trip)?.line
      return line === undefined ? { lat: Number.NaN, lon: Number.NaN, bearing: 0 } : placeAlong(line, alongM)
    },
  }))
}
