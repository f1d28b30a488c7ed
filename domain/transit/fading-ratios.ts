// Ratios learned from what comes by, by name: taken over expected, or taken a time. What was learned a while ago weighs less, and where
// little was learned the usual stands: exponential smoothing with a prior.

import type { TimeMs } from '../../contract/time.ts'

interface Sums {
  taken: number
  /** What `taken` is held against: expected seconds, or how many. */
  weight: number
  time: TimeMs
}

export class FadingRatios {
  readonly #fadeMs: number
  readonly #prior: number
  readonly #sums = new Map<string, Sums>()

  /** Weighs less by 1/e after `fadeMs`; the usual counts as if `prior` of the weight had been it. */
  constructor(fadeMs: number, prior: number) {
    this.#fadeMs = fadeMs
    this.#prior = prior
  }

  add(key: string, at: TimeMs, taken: number, weight: number): void {
    const sums = this.#sums.get(key) ?? { taken: 0, weight: 0, time: at }
    const left = this.#left(sums, at)
    sums.taken = sums.taken * left + taken
    sums.weight = sums.weight * left + weight
    sums.time = Math.max(sums.time, at)
    this.#sums.set(key, sums)
  }

  ratio(key: string, at: TimeMs, usual: number): number {
    const sums = this.#sums.get(key)
    if (sums === undefined) return usual
    const left = this.#left(sums, at)
    return (sums.taken * left + usual * this.#prior) / (sums.weight * left + this.#prior)
  }

  #left({ time }: Sums, at: TimeMs): number {
    return Math.exp(-Math.max(0, at - time) / this.#fadeMs)
  }
}
