// How fresh what is shown of a device is: one model for every layer, list and panel (reference/ui 2.2).

import type { DeviceFeature } from '../../contract/api.ts'
import type { TimeMs } from '../../contract/time.ts'

export type Freshness = 'live' | 'late' | 'stale' | 'unknown'

/** By age and by the interval at which the device is expected to report, both in milliseconds. */
export function freshnessOfAge(ageMs: number, everyMs: number): Exclude<Freshness, 'unknown'> {
  if (ageMs <= Math.max(2 * everyMs, 10_000)) return 'live'
  if (ageMs <= Math.max(5 * everyMs, 60_000)) return 'late'
  return 'stale'
}

/**
 * Freshness of a device now. `down` and `maintenance` are what the server says at this moment, though the device itself is
 * silent: they age with the feed (`feedTime`, the last word of the server) and not with the device [rule].
 */
export function freshnessOf(feature: DeviceFeature, now: TimeMs, feedTime: TimeMs): Freshness {
  const { properties } = feature
  if (properties.state === 'unknown') return 'unknown'
  const everyMs = properties.expect_every_s * 1_000
  if (properties.state === 'down' || properties.state === 'maintenance') {
    return freshnessOfAge(now - feedTime, everyMs)
  }
  if (properties.transit?.stale === true) return 'stale'
  const seen = seenAt(feature)
  return seen === null ? 'unknown' : freshnessOfAge(now - seen, everyMs)
}

/** When the device was last heard: of a vehicle its last position. Null when never. */
export function seenAt({ properties }: DeviceFeature): TimeMs | null {
  const time = properties.transit?.time ?? properties.lastSeen
  return time === null ? null : Date.parse(time)
}
