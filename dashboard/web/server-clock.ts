// The server's clock as far as the page knows it: ages are counted by it, since the clock of a phone may be wrong.

import type { Clock, TimeMs } from '../../contract/time.ts'

export class ServerClock {
  readonly #clock: Clock
  /** Server time minus monotonic time; null before the server was heard. */
  #offsetMs: number | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The server said that it is `time`. What was least delayed is nearest the truth, and is kept. */
  heard(time: TimeMs): void {
    if (!Number.isFinite(time)) return
    const offset = time - this.#clock.monotonicMs()
    const isFirst = this.#offsetMs === null
    // A clock that was set, or a laptop that slept: far from what was known, the new one stands.
    const isSet = this.#offsetMs !== null && Math.abs(offset - this.#offsetMs) > 5_000
    if (isFirst || isSet || offset > (this.#offsetMs ?? offset)) this.#offsetMs = offset
  }

  now(): TimeMs {
    return this.#offsetMs === null ? this.#clock.now() : this.#clock.monotonicMs() + this.#offsetMs
  }
}
