// Devices by their distance from a place.

import type { DeviceFeature } from '../../contract/api.ts'
import { haversineM } from '../../domain/geo/geodesy.ts'

export interface Position {
  readonly lat: number
  readonly lon: number
}

export function positionOf(feature: DeviceFeature): Position | null {
  const [lon, lat] = feature.geometry?.coordinates ?? []
  return lat === undefined || lon === undefined ? null : { lat, lon }
}

/** Devices with their distance from a place, nearest first; those without a position are left out. */
export function byDistance(
  features: Iterable<DeviceFeature>,
  place: Position,
): { readonly feature: DeviceFeature; readonly distanceM: number }[] {
  const found: { feature: DeviceFeature; distanceM: number }[] = []
  for (const feature of features) {
    const distanceM = distanceFrom(feature, place)
    if (distanceM !== null) found.push({ feature, distanceM })
  }
  return found.sort((a, b) => a.distanceM - b.distanceM || (a.feature.id < b.feature.id ? -1 : 1))
}

/** Measured once for a place: a feature never changes, what is new is another object. */
const distances = new WeakMap<DeviceFeature, { readonly place: object; readonly distanceM: number | null }>()

function distanceFrom(feature: DeviceFeature, place: Position): number | null {
  const kept = distances.get(feature)
  if (kept?.place === place) return kept.distanceM
  const position = positionOf(feature)
  const distanceM = position === null ? null : haversineM(position, place)
  distances.set(feature, { place, distanceM })
  return distanceM
}
