// A reading is known by device, metric and millisecond (contract, section 3; domain B13): the same sent again counts once, another
// value for it replaces what was there and is counted as a conflict.

import type { TimeMs } from '../../contract/time.ts'

export interface SentReading {
  readonly device: string
  readonly metric: string
  readonly time: TimeMs
  readonly value: number
}

export interface Stored {
  /** Distinct identities. */
  readonly stored: number
  readonly duplicates: number
  readonly conflicts: number
  /** By `device|metric|ms`. */
  readonly values: ReadonlyMap<string, number>
}

/** What remains of readings in the order of their arrival. stored + duplicates + conflicts is their number. */
export function withoutDuplicates(readings: readonly SentReading[]): Stored {
  const values = new Map<string, number>()
  let [duplicates, conflicts] = [0, 0]
  for (const { device, metric, time, value } of readings) {
    const identity = `${device}|${metric}|${time}`
    const before = values.get(identity)
    if (before === value) duplicates += 1
    else if (before !== undefined) conflicts += 1
    values.set(identity, value)
  }
  return { stored: values.size, duplicates, conflicts, values }
}
