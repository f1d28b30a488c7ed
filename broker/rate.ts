// How fast a device may publish (PANTAU_LIMIT_RATE): a token bucket that answers with a wait, since nothing is ever dropped.

/** The burst is this many seconds' worth. */
const BURST_S = 10

export class RateLimit {
  /** What waits for its turn, in the order in which it came [MQTT-4.6.0-5]. */
  readonly waiting: (() => void)[] = []
  readonly #perS: number
  #tokens: number
  #filledMs: number

  /** `perS` 0: no limit. */
  constructor(perS: number, nowMs: number) {
    this.#perS = perS
    this.#tokens = perS * BURST_S
    this.#filledMs = nowMs
  }

  /** Takes one message; how long it must wait, in ms, 0 when it is within. */
  take(nowMs: number): number {
    if (this.#perS === 0) return 0
    const earned = ((nowMs - this.#filledMs) / 1_000) * this.#perS
    this.#tokens = Math.min(this.#perS * BURST_S, this.#tokens + earned) - 1
    this.#filledMs = nowMs
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#perS) * 1_000
  }
}
