// How long to wait before the next connection. Full jitter over a doubling bound spreads a village's devices after an outage
// instead of bringing them all back in one second; refused credentials wait long, since only a person mends them.

import { MINUTE, SECOND } from '../contract/time.ts'

const FIRST_MS = SECOND
const LONGEST_MS = MINUTE
const FIRST_REFUSED_MS = MINUTE
const LONGEST_REFUSED_MS = 10 * MINUTE

/** Milliseconds before attempt number `attempt` (from 0) after a failure; `chance` is from 0 to below 1. */
export function retryDelayMs(attempt: number, chance: number): number {
  return chance * doubled(FIRST_MS, LONGEST_MS, attempt)
}

/** The same after the broker refused the credentials: between half of the bound and the bound. */
export function refusedDelayMs(attempt: number, chance: number): number {
  return (0.5 + chance / 2) * doubled(FIRST_REFUSED_MS, LONGEST_REFUSED_MS, attempt)
}

function doubled(first: number, longest: number, attempt: number): number {
  return Math.min(longest, first * 2 ** Math.min(attempt, 30))
}
