// What the writers sent and what was acknowledged to them: the writers' side of the comparison, kept apart from all that Pantau
// says. Each acknowledgement is also a line in a file, written after it was received, so that a failed round can be looked into.

import { closeSync, openSync, writeSync } from 'node:fs'
import type { TimeMs } from '../contract/time.ts'

/** One reading: device and time are its identity, since each carries one metric (`METRIC`). */
export interface Reading {
  readonly device: string
  readonly time: TimeMs
  readonly value: number
}

export const METRIC = 'pm2_5'

export class Ledger {
  /** By device: value by time. */
  readonly #sent = new Map<string, Map<TimeMs, number>>()
  readonly #acknowledged = new Map<string, Set<TimeMs>>()
  #file: number | null
  readonly #waiting: { readonly count: number; readonly done: () => void }[] = []
  #count = 0

  /** `path`: file of the acknowledgements, one `device,time` a line; null keeps none. */
  constructor(path: string | null) {
    this.#file = path === null ? null : openSync(path, 'w', 0o600)
  }

  /** How many readings were acknowledged. */
  get acknowledgedCount(): number {
    return this.#count
  }

  send(readings: readonly Reading[]): void {
    for (const { device, time, value } of readings) {
      const sent = this.#sent.get(device) ?? new Map<TimeMs, number>()
      this.#sent.set(device, sent)
      sent.set(time, value)
    }
  }

  acknowledge(readings: readonly Reading[]): void {
    for (const { device, time } of readings) {
      const acknowledged = this.#acknowledged.get(device) ?? new Set<TimeMs>()
      this.#acknowledged.set(device, acknowledged)
      if (acknowledged.has(time)) continue
      acknowledged.add(time)
      this.#count += 1
    }
    if (this.#file !== null)
      writeSync(this.#file, readings.map(({ device, time }) => `${device},${time}\n`).join(''))
    for (let index = this.#waiting.length - 1; index >= 0; index -= 1) {
      if (this.#count >= (this.#waiting[index]?.count ?? 0)) this.#waiting.splice(index, 1)[0]?.done()
    }
  }

  /** Resolves right after the acknowledgement with which `more` further readings are acknowledged. */
  afterMore(more: number): Promise<void> {
    return new Promise((done) => this.#waiting.push({ count: this.#count + more, done }))
  }

  devices(): readonly string[] {
    return [...this.#sent.keys()]
  }

  /** Value by time of what the device sent, whether it was acknowledged or not. */
  sentBy(device: string): ReadonlyMap<TimeMs, number> {
    return this.#sent.get(device) ?? new Map()
  }

  acknowledgedTo(device: string): ReadonlySet<TimeMs> {
    return this.#acknowledged.get(device) ?? new Set()
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file)
    this.#file = null
  }
}
