// The error of a device's clock (domain B13): of its last live messages, the one that was delayed least tells it, as in NTP's
// clock filter (RFC 5905, section 10).

import type { TimeMs } from '../../contract/time.ts'

/** Messages that are looked at. */
export const CLOCK_WINDOW = 60

/** Arrival minus device time of the least delayed message, ms; null when there is none. Negative: the device is ahead. */
export function clockOffsetMs(
  pairs: readonly { readonly deviceTime: TimeMs; readonly arrival: TimeMs }[],
): number | null {
  let least: number | null = null
  for (const { deviceTime, arrival } of pairs.slice(-CLOCK_WINDOW)) {
    const offset = arrival - deviceTime
    if (least === null || offset < least) least = offset
  }
  return least
}
