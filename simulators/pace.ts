// Simulated time: it begins at a moment and runs `speed` times as fast as the machine's clock.

import type { Clock, TimeMs } from '../contract/time.ts'

export interface Pace {
  readonly speed: number
  now(): TimeMs
}

export function openPace(clock: Clock, speed: number, begin: TimeMs): Pace {
  const startMonotonicMs = clock.monotonicMs()
  // At normal speed the machine's own clock is followed, with its corrections; faster time is counted from the start.
  return {
    speed,
    now: () =>
      speed === 1 ? clock.now() : begin + Math.floor((clock.monotonicMs() - startMonotonicMs) * speed),
  }
}
