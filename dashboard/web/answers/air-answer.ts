// Is the air all right? (reference/ui 3): the nearest station with a value within 2 km, else the village's median, named as
// such; an old value is no guide.

import type { DeviceFeature, IndexAnswer } from '../../../contract/api.ts'
import type { Freshness } from '../freshness.ts'

export interface NearStation {
  readonly feature: DeviceFeature
  readonly index: IndexAnswer | null
  readonly distanceM: number
  readonly freshness: Freshness
}

export type AirAnswer =
  | { readonly type: 'none' }
  /** No station has a value; the nearest says why. */
  | { readonly type: 'no-value'; readonly station: NearStation }
  | {
      readonly type: 'station'
      readonly station: NearStation
      readonly value: number
      readonly isOld: boolean
    }
  | { readonly type: 'median'; readonly value: number; readonly count: number; readonly isOld: boolean }

const NEAR_M = 2_000

/** From all air stations, nearest first. */
export function airAnswer(stations: readonly NearStation[]): AirAnswer {
  const [nearest] = stations
  if (nearest === undefined) return { type: 'none' }
  const valued = stations.flatMap((station) =>
    station.index?.value == null ? [] : [{ station, value: station.index.value }],
  )
  const fresh = valued.filter(({ station }) => !isOld(station))
  const usable = fresh.length > 0 ? fresh : valued
  const near = usable.find(({ station }) => station.distanceM <= NEAR_M)
  if (near !== undefined) {
    return { type: 'station', station: near.station, value: near.value, isOld: isOld(near.station) }
  }
  const sorted = usable.map(({ value }) => value).sort((a, b) => a - b)
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]]
  if (low === undefined || high === undefined) return { type: 'no-value', station: nearest }
  return {
    type: 'median',
    value: Math.round((low + high) / 2),
    count: sorted.length,
    isOld: usable.every(({ station }) => isOld(station)),
  }
}

function isOld({ freshness }: NearStation): boolean {
  return freshness === 'stale' || freshness === 'unknown'
}
