// A concentration between stations by inverse distance (domain A13). Concentrations are interpolated and then made an index, never
// indices. From three to five low-cost sensors it is an estimate, and is called one where it is shown.

import { HOUR, type TimeMs } from '../../contract/time.ts'
import { haversineM, type LatLon } from '../geo/geodesy.ts'

export interface StationValue extends LatLon {
  /** Null: the station has no valid value now. */
  readonly value: number | null
}

export interface InterpolationRule {
  readonly power: number
  /** Stations further away do not count. */
  readonly radiusM: number
  /** Nothing is drawn when the nearest station is further away. */
  readonly nearestM: number
  /** Nor from fewer stations. */
  readonly minStations: number
}

export const INTERPOLATION: InterpolationRule = {
  power: 2,
  radiusM: 2_000,
  nearestM: 1_000,
  minStations: 3,
}

/** Older values are not interpolated. [rule] */
export const OLDEST_VALUE_MS = 2 * HOUR

/** So near that the station's own value stands. */
const SAME_PLACE_M = 1

export type Interpolated =
  | { readonly value: number }
  | { readonly value: null; readonly reason: 'too_few' | 'too_far' }

/** The value at a place, in the stations' unit, or why nothing is to be drawn there. */
export function interpolate(
  stations: readonly StationValue[],
  place: LatLon,
  rule: InterpolationRule = INTERPOLATION,
): Interpolated {
  const near = stations
    .flatMap((station) =>
      station.value === null ? [] : [{ value: station.value, distanceM: haversineM(station, place) }],
    )
    .filter(({ distanceM }) => distanceM <= rule.radiusM)
    .sort((a, b) => a.distanceM - b.distanceM)
  const nearest = near[0]
  if (nearest === undefined || near.length < rule.minStations) return { value: null, reason: 'too_few' }
  if (nearest.distanceM > rule.nearestM) return { value: null, reason: 'too_far' }
  if (nearest.distanceM < SAME_PLACE_M) return { value: nearest.value }
  const weights = near.map(({ distanceM }) => distanceM ** -rule.power)
  const sum = near.reduce((total, { value }, index) => total + value * (weights[index] ?? 0), 0)
  return { value: sum / weights.reduce((total, weight) => total + weight, 0) }
}

/** The values that are recent enough to be interpolated at `now`; the others without a value. */
export function recentValues(
  stations: readonly (StationValue & { readonly time: TimeMs })[],
  now: TimeMs,
): readonly StationValue[] {
  return stations.map(({ lat, lon, value, time }) => ({
    lat,
    lon,
    value: now - time > OLDEST_VALUE_MS ? null : value,
  }))
}
