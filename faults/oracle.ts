// The oracle: the ledger must be a part of what is stored, each reading once, with its value, and nothing may be stored that was not
// sent. It sees rows, so that a reading that stands there twice is seen twice.

import type { Ledger, Reading } from './ledger.ts'

export interface Verdict {
  readonly acknowledged: number
  /** Acknowledged, and not stored. */
  readonly lost: readonly Reading[]
  /** Stored more than once: one entry for each row too many. */
  readonly doubled: readonly Reading[]
  /** Stored with another value than was sent. */
  readonly changed: readonly Reading[]
  /** Stored, and never sent. */
  readonly unsent: readonly Reading[]
}

/** `stored`: every row that there is of the ledger's devices. */
export function compare(ledger: Ledger, stored: Iterable<Reading>): Verdict {
  const seen = new Map<string, Set<number>>()
  const doubled: Reading[] = []
  const changed: Reading[] = []
  const unsent: Reading[] = []
  for (const row of stored) {
    const times = seen.get(row.device) ?? new Set<number>()
    seen.set(row.device, times)
    const sent = ledger.sentBy(row.device).get(row.time)
    if (times.has(row.time)) doubled.push(row)
    else if (sent === undefined) unsent.push(row)
    else if (sent !== row.value) changed.push(row)
    times.add(row.time)
  }
  const lost: Reading[] = []
  let acknowledged = 0
  for (const device of ledger.devices()) {
    const times = seen.get(device)
    for (const time of ledger.acknowledgedTo(device)) {
      acknowledged += 1
      const value = ledger.sentBy(device).get(time) ?? Number.NaN
      if (times?.has(time) !== true) lost.push({ device, time, value })
    }
  }
  return { acknowledged, lost, doubled, changed, unsent }
}

/** True when everything that was acknowledged is stored once as it was sent, and nothing else is. */
export function isWhole({ lost, doubled, changed, unsent }: Verdict): boolean {
  return lost.length + doubled.length + changed.length + unsent.length === 0
}

export interface ReadingCounts {
  readonly observations: {
    readonly received: number
    readonly taken: number
    readonly quarantined: Readonly<Record<string, number>>
  }
  readonly readings: { readonly stored: number; readonly duplicates: number; readonly conflicts: number }
}

/**
 * What does not add up in the counters, where every observation has one reading and `rows` readings are stored; null when all does.
 * A reading that was stored twice and stands there once shows here alone.
 */
export function countersFault({ observations, readings }: ReadingCounts, rows: number): string | null {
  const refused = Object.values(observations.quarantined).reduce((sum, count) => sum + count, 0)
  if (observations.received !== observations.taken + refused)
    return `received ${observations.received} is not taken ${observations.taken} + quarantined ${refused}`
  const { stored, duplicates, conflicts } = readings
  if (conflicts !== 0) return `${conflicts} conflicts, though no reading was sent with two values`
  if (observations.taken !== stored + duplicates)
    return `taken ${observations.taken} is not stored ${stored} + duplicates ${duplicates}`
  return stored === rows ? null : `stored is counted as ${stored}, and ${rows} readings are there`
}
