// Notices that this machine's clock was set, by its monotonic clock, which nobody sets. What arrives from then on has an arrival time that
// may be wrong: until the clock is back where it would have been, or has stood for ten minutes where it was set to and is believed.
// Times in ms; the broker is on the same machine and stamps arrivals by the same clock.

import { type Clock, MINUTE, SECOND, type TimeMs } from '../contract/time.ts'

/** A clock is slewed by less, and set by more (docs/faults.md, row 20). */
const STEP_MS = 2 * SECOND
export const BELIEVED_MS = 10 * MINUTE

/** Arrivals in [from, to) are doubtful; `to` is an estimate while `isOpen`. */
export interface Doubt {
  readonly from: TimeMs
  readonly to: TimeMs
  readonly isOpen: boolean
  /** By how much the clock was set. */
  readonly setMs: number
}

/** What a look at the clock found. */
export type ClockChange =
  | { readonly type: 'set'; readonly doubt: Doubt }
  /** Back, or believed. */
  | { readonly type: 'settled'; readonly doubt: Doubt }

export class ClockSteps {
  readonly #clock: Clock
  #last: { readonly now: TimeMs; readonly monotonicMs: number }
  /** How far the clock is from where it would be had nobody set it. */
  #offsetMs = 0
  #open: { readonly doubt: Doubt; readonly sinceMs: number } | null = null

  constructor(clock: Clock) {
    this.#clock = clock
    this.#last = { now: clock.now(), monotonicMs: clock.monotonicMs() }
  }

  /** To be called often: what a clock was set and set back between two looks is not seen. */
  look(): readonly ClockChange[] {
    const now = this.#clock.now()
    const monotonicMs = this.#clock.monotonicMs()
    const elapsedMs = monotonicMs - this.#last.monotonicMs
    const before = this.#last.now + elapsedMs
    this.#last = { now, monotonicMs }
    const setMs = now - before
    if (Math.abs(setMs) <= STEP_MS) {
      const isBelieved = this.#open !== null && monotonicMs - this.#open.sinceMs >= BELIEVED_MS
      return isBelieved ? this.#settle(now) : []
    }
    this.#offsetMs += setMs
    const settled = this.#settle(before, this.#offsetMs)
    if (Math.abs(this.#offsetMs) <= STEP_MS) return settled
    // It may have been set right after the last look.
    const from = now - elapsedMs
    const doubt: Doubt = { from, to: now + BELIEVED_MS, isOpen: true, setMs }
    this.#open = { doubt, sinceMs: monotonicMs }
    return [...settled, { type: 'set', doubt }]
  }

  /** The doubt that stands ends at `to`. */
  #settle(to: TimeMs, offsetMs = 0): ClockChange[] {
    this.#offsetMs = offsetMs
    if (this.#open === null) return []
    const doubt: Doubt = { ...this.#open.doubt, to: Math.max(to, this.#open.doubt.from), isOpen: false }
    this.#open = null
    return [{ type: 'settled', doubt }]
  }
}
