// All ledgers of a village's rounds together, for the comparison at its end.

import type { Ledger, Reading } from './ledger.ts'

export class Tally {
  readonly #acknowledged = new Map<string, Set<number>>()

  add(ledger: Ledger): void {
    for (const device of ledger.devices()) {
      const all = this.#acknowledged.get(device) ?? new Set<number>()
      this.#acknowledged.set(device, all)
      for (const time of ledger.acknowledgedTo(device)) all.add(time)
    }
  }

  /** How many of what was ever acknowledged are missing in `rows`, and how many rows there are too many. */
  compare(rows: Iterable<Reading>): { readonly lost: number; readonly doubled: number } {
    const seen = new Map<string, Set<number>>()
    let doubled = 0
    for (const { device, time } of rows) {
      const times = seen.get(device) ?? new Set<number>()
      seen.set(device, times)
      if (times.has(time)) doubled += 1
      times.add(time)
    }
    let lost = 0
    for (const [device, times] of this.#acknowledged) {
      for (const time of times) if (seen.get(device)?.has(time) !== true) lost += 1
    }
    return { lost, doubled }
  }
}
