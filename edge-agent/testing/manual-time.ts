// Time for tests that goes on only when told to, so that an hour's outage takes no hour.

import type { Clock, TimeMs } from '../../contract/time.ts'
import type { Timers } from '../timers.ts'

export class ManualTime implements Clock, Timers {
  #now: TimeMs
  #elapsedMs = 0
  #waiting: { readonly due: number; readonly action: () => void }[] = []

  constructor(now: TimeMs) {
    this.#now = now
  }

  now(): TimeMs {
    return this.#now + this.#elapsedMs
  }

  monotonicMs(): number {
    return this.#elapsedMs
  }

  after(delayMs: number, action: () => void): () => void {
    const timer = { due: this.#elapsedMs + delayMs, action }
    this.#waiting.push(timer)
    return () => {
      this.#waiting = this.#waiting.filter((one) => one !== timer)
    }
  }

  /**
   * Goes on, calling what falls due in its order. Each ten seconds, and between any two timers, the machine gets a real
   * millisecond for its sockets and files.
   */
  async advance(byMs: number): Promise<void> {
    const until = this.#elapsedMs + byMs
    for (;;) {
      await realMillisecond()
      const horizon = Math.min(until, this.#elapsedMs + 10_000)
      const [next] = this.#waiting
        .filter(({ due }) => due <= horizon)
        .sort((one, other) => one.due - other.due)
      if (next !== undefined) {
        this.#waiting = this.#waiting.filter((one) => one !== next)
        this.#elapsedMs = Math.max(this.#elapsedMs, next.due)
        next.action()
      } else if (horizon < until) this.#elapsedMs = horizon
      else break
    }
    this.#elapsedMs = until
  }

  /** Sets the wall clock; spans are measured as before. */
  setClock(now: TimeMs): void {
    this.#now = now - this.#elapsedMs
  }

  /** Goes on in small steps until the condition holds; throws when a simulated day was not enough. */
  async advanceUntil(condition: () => boolean, stepMs = 250): Promise<void> {
    for (let elapsed = 0; !condition(); elapsed += stepMs) {
      if (elapsed > 86_400_000) throw new Error('the condition did not come true in a day')
      await this.advance(stepMs)
    }
  }
}

function realMillisecond(): Promise<void> {
  return new Promise((done) => setTimeout(done, 1))
}
