// How fresh what is shown of a device is: one model for every layer, list and panel (reference/ui 2.2).

import type { DeviceFeature } from '../../contract/api.ts'
import type { TimeMs } from '../../contract/time.ts'

export type Freshness = 'live' | 'late' | 'stale' | 'unknown'

/** Up to so many intervals, and at least for so long, what was heard is live, then late (reference/ui 2.2). */
export const FRESHNESS_RULE = {
  live: { intervals: 2, leastMs: 10_000 },
  late: { intervals: 5, leastMs: 60_000 },
} as const

/** By age and by the interval at which the device is expected to report, both in milliseconds. */
export function freshnessOfAge(ageMs: number, everyMs: number): Exclude<Freshness, 'unknown'> {
  const { live, late } = FRESHNESS_RULE
  if (ageMs <= Math.max(live.intervals * everyMs, live.leastMs)) return 'live'
  if (ageMs <= Math.max(late.intervals * everyMs, late.leastMs)) return 'late'
  return 'stale'
}

/**
 * Freshness of a device now. `down` and `maintenance` are what the server says at this moment, though the device itself is
 * silent: they age with the feed (`feedTime`, the last word of the server) and not with the device [rule]. Null for a server that was
 * not heard in this visit: whatever was kept from an earlier one is old.
 */
export function freshnessOf(feature: DeviceFeature, now: TimeMs, feedTime: TimeMs | null): Freshness {
  const { properties } = feature
  if (properties.state === 'unknown') return 'unknown'
  if (feedTime === null) return 'stale'
  const everyMs = properties.expect_every_s * 1_000
  if (properties.state === 'down' || properties.state === 'maintenance') {
    return freshnessOfAge(now - feedTime, everyMs)
  }
  if (properties.transit?.stale === true) return 'stale'
  const time = seenAt(feature)
  return time === null ? 'unknown' : freshnessOfAge(now - time, everyMs)
}

/** Times read once: a feature never changes, what is new is another object. */
const seen = new WeakMap<DeviceFeature, TimeMs | null>()

/** When the device was last heard: of a vehicle its last position. Null when never. */
export function seenAt(feature: DeviceFeature): TimeMs | null {
  const kept = seen.get(feature)
  if (kept !== undefined) return kept
  const time = feature.properties.transit?.time ?? feature.properties.lastSeen
  const read = time === null ? null : Date.parse(time)
  seen.set(feature, read)
  return read
}
