// Is the Wi-Fi near me up? (reference/ui 3): the nearest four within 500 m, and where to go when the nearest is down.

import type { DeviceFeature } from '../../../contract/api.ts'
import type { Freshness } from '../freshness.ts'

export interface NearHotspot {
  readonly feature: DeviceFeature
  readonly distanceM: number
  readonly freshness: Freshness
}

export interface WifiAnswer {
  /** Those counted: at most four within 500 m. */
  readonly near: readonly NearHotspot[]
  readonly up: number
  /** The nearest of all, however far; null without hotspots. */
  readonly nearest: NearHotspot | null
  /** The nearest that works, when the nearest does not. */
  readonly alternative: NearHotspot | null
}

export const NEAR_M = 500
const MOST_NEAR = 4

/** True when a person can use it, as far as is known now; a slow one works. */
export function isWorking({ feature, freshness }: NearHotspot): boolean {
  const { state } = feature.properties
  return (state === 'up' || state === 'degraded') && (freshness === 'live' || freshness === 'late')
}

/** From all hotspots, nearest first. */
export function wifiAnswer(hotspots: readonly NearHotspot[]): WifiAnswer {
  const near = hotspots.filter(({ distanceM }) => distanceM <= NEAR_M).slice(0, MOST_NEAR)
  const nearest = hotspots[0] ?? null
  const working = hotspots.find(isWorking) ?? null
  return {
    near,
    up: near.filter(isWorking).length,
    nearest,
    alternative: nearest !== null && !isWorking(nearest) ? working : null,
  }
}
