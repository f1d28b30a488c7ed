// The neighbour test over a village: which stations stand apart in an hour from those around them (domain A7). A station is judged by the
// hourly means of those near it, whatever they are flagged themselves, so that the order of judging does not matter.

import type { TimeMs } from '../../contract/time.ts'
import { haversineM, type LatLon } from '../geo/geodesy.ts'
import { SUSPECT } from './flags.ts'
import { NEIGHBOUR_RADIUS_M, type NeighbourRule, neighbourFlag } from './neighbour.ts'

export interface NeighbourStation {
  readonly id: string
  readonly position: LatLon
  /** Mean of each hour that has one, by the hour's start, in the metric's unit. */
  readonly means: ReadonlyMap<TimeMs, number>
}

/** The hours of `hours`, by station, in which it stands apart from its neighbours; stations without such an hour are absent. */
export function hoursApart(
  stations: readonly NeighbourStation[],
  hours: readonly TimeMs[],
  rule: NeighbourRule,
): ReadonlyMap<string, readonly TimeMs[]> {
  const apart = new Map<string, readonly TimeMs[]>()
  for (const station of stations) {
    const near = neighboursOf(station, stations)
    if (near.length < rule.minNeighbours) continue
    const found = hours.filter((hour) => {
      const mean = station.means.get(hour)
      if (mean === undefined) return false
      const around = near.map(({ means }) => means.get(hour) ?? null)
      return neighbourFlag(mean, around, rule) === SUSPECT
    })
    if (found.length > 0) apart.set(station.id, found)
  }
  return apart
}

/** Stations within the radius of one, itself not among them. */
export function neighboursOf<Station extends Pick<NeighbourStation, 'id' | 'position'>>(
  station: Pick<NeighbourStation, 'id' | 'position'>,
  stations: readonly Station[],
): Station[] {
  return stations.filter(
    ({ id, position }) => id !== station.id && haversineM(station.position, position) <= NEIGHBOUR_RADIUS_M,
  )
}
