// The error of a device's clock (domain B13): of its last live messages, the one that was delayed least tells it, as in NTP's
// clock filter (RFC 5905, section 10). Nothing is corrected silently.

import { SECOND, type TimeMs } from '../../contract/time.ts'

/** Messages that are looked at. */
export const CLOCK_WINDOW = 60

/** A clock further off than this is reported. */
export const CLOCK_WARN_MS = 30 * SECOND

export interface ClockPair {
  readonly deviceTime: TimeMs
  readonly arrival: TimeMs
}

/** Arrival minus device time of the least delayed message, ms; null when there is none. Negative: the device is ahead. */
export function clockOffsetMs(pairs: readonly ClockPair[]): number | null {
  let least: number | null = null
  for (const { deviceTime, arrival } of pairs.slice(-CLOCK_WINDOW)) {
    const offset = arrival - deviceTime
    if (least === null || offset < least) least = offset
  }
  return least
}

/**
 * How much the device's clock gains, parts per million: minus the least-squares slope of (arrival - device time) over device time;
 * positive when it runs fast. Null of fewer than two different device times.
 */
export function clockDriftPpm(pairs: readonly ClockPair[]): number | null {
  const used = pairs.slice(-CLOCK_WINDOW)
  const first = used[0]
  if (first === undefined) return null
  // From the first pair on, since squares of milliseconds since 1970 have no room for the milliseconds.
  const points = used.map(({ deviceTime, arrival }) => ({
    x: deviceTime - first.deviceTime,
    y: arrival - deviceTime - (first.arrival - first.deviceTime),
  }))
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / points.length
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / points.length
  const spread = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0)
  if (spread === 0) return null
  const slope = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread
  return slope === 0 ? 0 : -slope * 1e6
}

/** True when the clock is so wrong that people should be told. */
export function isClockWrong(offsetMs: number): boolean {
  return Math.abs(offsetMs) > CLOCK_WARN_MS
}
