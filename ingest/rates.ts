// Messages and readings a second, over the last ten seconds.

import { type Clock, SECOND } from '../contract/time.ts'

const SLOTS = 10

export class Rates {
  readonly #clock: Clock
  readonly #messages = new Float64Array(SLOTS)
  readonly #readings = new Float64Array(SLOTS)
  #second: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#second = this.#now()
  }

  count(messages: number, readings: number): void {
    this.#turn()
    const slot = this.#second % SLOTS
    this.#messages[slot] = (this.#messages[slot] ?? 0) + messages
    this.#readings[slot] = (this.#readings[slot] ?? 0) + readings
  }

  perS(): { messagesPerS: number; readingsPerS: number } {
    this.#turn()
    const sum = (slots: Float64Array): number => slots.reduce((total, slot) => total + slot, 0) / SLOTS
    return { messagesPerS: sum(this.#messages), readingsPerS: sum(this.#readings) }
  }

  #now(): number {
    return Math.floor(this.#clock.monotonicMs() / SECOND)
  }

  /** Empties the slots of the seconds that have passed. */
  #turn(): void {
    const now = this.#now()
    for (let second = Math.max(this.#second + 1, now - SLOTS + 1); second <= now; second += 1) {
      this.#messages[second % SLOTS] = 0
      this.#readings[second % SLOTS] = 0
    }
    this.#second = now
  }
}
