// How much data measuring throughput may use a day, kept on disk: a hotspot's uplink is often paid by the gigabyte. What a test
// may use at most is written down before it starts, so that no restart or kill gives it back.

import { join } from 'node:path'
import { type Clock, DAY, formatTime } from '../contract/time.ts'
import { readIfPresent, writeFileAtomic } from '../runtime/files.ts'

interface Usage {
  /** `2026-11-24`, UTC. */
  readonly day: string
  readonly usedBytes: number
}

export class DataBudget {
  readonly #path: string
  readonly #clock: Clock

  constructor(folder: string, clock: Clock) {
    this.#path = join(folder, 'throughput.json')
    this.#clock = clock
  }

  /** Bytes left today of `dailyBytes`. */
  leftBytes(dailyBytes: number): number {
    return Math.max(0, dailyBytes - this.#usage().usedBytes)
  }

  /** Takes up to `bytes` of what is left today; returns how many it got. Durable when it returns. */
  take(bytes: number, dailyBytes: number): number {
    const usage = this.#usage()
    const got = Math.min(bytes, Math.max(0, dailyBytes - usage.usedBytes))
    if (got > 0) this.#save({ ...usage, usedBytes: usage.usedBytes + got })
    return got
  }

  /** Gives back what was taken and not used; below 0 when more was used, as the last packet may bring. */
  giveBack(bytes: number): void {
    const usage = this.#usage()
    if (bytes !== 0) this.#save({ ...usage, usedBytes: Math.max(0, usage.usedBytes - bytes) })
  }

  /** Today's usage; that of the stored day while the clock stands before it, so that a clock set back gives nothing back. */
  #usage(): Usage {
    const today = formatTime(this.#clock.now()).slice(0, 10)
    const stored = parseUsage(readIfPresent(this.#path))
    if (stored === null) return { day: today, usedBytes: 0 }
    // More than a day ahead is a clock that was wrong when it was written.
    const tomorrow = formatTime(this.#clock.now() + DAY).slice(0, 10)
    return stored.day >= today && stored.day <= tomorrow ? stored : { day: today, usedBytes: 0 }
  }

  #save(usage: Usage): void {
    writeFileAtomic(this.#path, `${JSON.stringify(usage)}\n`)
  }
}

function parseUsage(text: string | null): Usage | null {
  const match = /^\{"day":"(\d{4}-\d\d-\d\d)","usedBytes":(\d{1,15})\}\s*$/.exec(text ?? '')
  return match === null ? null : { day: match[1] ?? '', usedBytes: Number(match[2]) }
}
