// When something was. A router has no clock of its own at power-up and learns the time from the network, perhaps hours later;
// until then only the span since is known, and the time is told when it can be.

import type { Clock, TimeMs } from '../contract/time.ts'

/** 2026-01-01T00:00:00Z: a clock that stands before it has not been set. */
const EARLIEST: TimeMs = 1_767_225_600_000

export interface Stamp {
  /** Null when the clock was not set. */
  readonly time: TimeMs | null
  readonly monotonicMs: number
}

export function isClockSet(clock: Clock): boolean {
  return clock.now() >= EARLIEST
}

export function stamp(clock: Clock): Stamp {
  return { time: isClockSet(clock) ? clock.now() : null, monotonicMs: clock.monotonicMs() }
}

/** The time of the stamp; null while the clock is not set and was not then. */
export function timeOf({ time, monotonicMs }: Stamp, clock: Clock): TimeMs | null {
  if (time !== null) return time
  return isClockSet(clock) ? Math.round(clock.now() - (clock.monotonicMs() - monotonicMs)) : null
}
