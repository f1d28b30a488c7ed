// Arrivals of the stops that are looked at: asked for again every 20 s, the last answer kept while a new one is on its way.

import type { ArrivalsAnswer } from '../../contract/api.ts'
import { type Clock, SECOND } from '../../contract/time.ts'
import { type Fault, getJson } from './api.ts'

export interface StopBoard {
  readonly answer: ArrivalsAnswer | null
  readonly fault: Fault | null
}

const AGAIN_MS = 20 * SECOND
const MOST_KEPT = 20

export class Arrivals {
  readonly #clock: Clock
  readonly #onChange: () => void
  readonly #boards = new Map<string, StopBoard & { readonly askedMs: number }>()

  constructor(clock: Clock, onChange: () => void) {
    this.#clock = clock
    this.#onChange = onChange
  }

  /** What is known of a stop; asks when that is old. */
  of(stop: string): StopBoard {
    const kept = this.#boards.get(stop)
    const now = this.#clock.monotonicMs()
    if (kept === undefined || now - kept.askedMs > AGAIN_MS) {
      if (this.#boards.size > MOST_KEPT) this.#boards.clear()
      this.#boards.set(stop, { answer: kept?.answer ?? null, fault: kept?.fault ?? null, askedMs: now })
      void this.#ask(stop, now)
    }
    return this.#boards.get(stop) ?? { answer: null, fault: null }
  }

  /** The next look asks anew. */
  retry(stop: string): void {
    this.#boards.delete(stop)
    this.#onChange()
  }

  async #ask(stop: string, askedMs: number): Promise<void> {
    const answer = await getJson<ArrivalsAnswer>(`/api/v1/transit/stops/${encodeURIComponent(stop)}/arrivals`)
    const before = this.#boards.get(stop)?.answer ?? null
    this.#boards.set(
      stop,
      answer.ok
        ? { answer: answer.value, fault: null, askedMs }
        : { answer: before, fault: answer.fault, askedMs },
    )
    this.#onChange()
  }
}
