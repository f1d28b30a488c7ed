// Where a vehicle stands overnight is where its driver lives: a vehicle that stays in one place off its route, or is near a depot,
// is not shown to the public until it drives on (reliability 7). What counts is what this process has seen, by its own clock, so
// that a past that comes late hides nobody.

import type { LatLon } from '../../contract/api.ts'
import type { LiveDevice } from '../../contract/feed.ts'
import { type Clock, MINUTE } from '../../contract/time.ts'
import { haversineM } from '../../domain/geo/geodesy.ts'
import type { LiveMirror } from './live-mirror.ts'

export const PARKED_MS = 15 * MINUTE
/** A place by satellite wanders by so much between high houses. */
const ONE_PLACE_M = 100
const DEPOT_RADIUS_M = 200

export interface Depot extends LatLon {
  /** 200 without it. */
  readonly radius_m?: number
}

export interface ParkedVehicles {
  /** True when the public is not shown the device now. */
  isHidden(device: LiveDevice): boolean
  /** Counts up with every change of who is hidden, which time alone can bring about. */
  version(): number
}

interface Stay {
  readonly place: LatLon
  readonly sinceMs: number
}

/** Follows the vehicles of `mirror`; simulated ones have no driver. */
export function followParkedVehicles(
  mirror: Pick<LiveMirror, 'devices' | 'onChange'>,
  clock: Clock,
  depots: readonly Depot[],
): ParkedVehicles {
  const stays = new Map<string, Stay>()
  let hiddenBefore = ''
  let version = 0

  const see = ({ id, kind, position, transit }: LiveDevice): void => {
    if (kind !== 'vehicle' || position === null) return
    const isOnRoute = transit !== undefined && transit.trip !== null && transit.alongM !== null
    const stay = stays.get(id)
    if (isOnRoute) stays.delete(id)
    else if (stay === undefined || haversineM(stay.place, position) > ONE_PLACE_M) {
      stays.set(id, { place: { lat: position.lat, lon: position.lon }, sinceMs: clock.monotonicMs() })
    }
  }
  const isHidden = ({ id, kind, simulated, position }: LiveDevice): boolean => {
    if (kind !== 'vehicle' || simulated || position === null) return false
    const isNear = (depot: Depot): boolean =>
      haversineM(depot, position) <= (depot.radius_m ?? DEPOT_RADIUS_M)
    if (depots.some(isNear)) return true
    const stay = stays.get(id)
    return stay !== undefined && clock.monotonicMs() - stay.sinceMs > PARKED_MS
  }

  mirror.onChange(({ changed, removed }) => {
    for (const device of changed) see(device)
    for (const id of removed) stays.delete(id)
  })
  return {
    isHidden,
    version() {
      const hidden = mirror
        .devices()
        .filter(isHidden)
        .map(({ id }) => id)
        .join()
      if (hidden !== hiddenBefore) version += 1
      hiddenBefore = hidden
      return version
    },
  }
}
