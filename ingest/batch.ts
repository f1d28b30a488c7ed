// Collects what was decoded until it is written: one batch of the store, with the position behind its last record.

import type { LogPosition, LogRecord } from '../contract/log.ts'
import type { Observation, Quarantined } from '../contract/observation.ts'
import type { TimeMs } from '../contract/time.ts'
import type { Decoded } from './decode/decoder.ts'
import type { WriteBatch } from './store/store.ts'

export class Batch {
  #observations: Observation[] = []
  #quarantined: Quarantined[] = []
  #counters: Record<string, number> = {}
  #position: LogPosition | null = null
  #arrival: TimeMs | null = null
  #readings = 0

  /** Readings so far: what bounds its memory. */
  get readings(): number {
    return this.#readings
  }

  get isEmpty(): boolean {
    return this.#position === null
  }

  /** Arrival of the newest record. */
  get arrival(): TimeMs | null {
    return this.#arrival
  }

  addMessage(record: Extract<LogRecord, { type: 'message' }>, decoded: Decoded, isReading: boolean): void {
    // `push(...)` of a large array overflows the stack; these hold at most a thousand.
    this.#observations.push(...decoded.observations)
    this.#quarantined.push(...decoded.quarantined)
    for (const observation of decoded.observations) this.#readings += Object.keys(observation.values).length
    this.#readings += decoded.quarantined.length
    this.#count('received', 1)
    if (record.qos > 0) this.#count('acknowledged', 1)
    if (record.retain && isReading) this.#count('retain_ignored', 1)
    for (const [name, count] of Object.entries(decoded.notes)) this.#count(name, count)
    this.#arrival = record.arrival
  }

  addQuarantined(entry: Quarantined): void {
    this.#quarantined.push(entry)
  }

  moveTo(position: LogPosition): void {
    this.#position = position
  }

  /** What is to be written; the batch begins anew. */
  take(): WriteBatch {
    const taken: WriteBatch = {
      observations: this.#observations,
      quarantined: this.#quarantined,
      states: [],
      counters: this.#counters,
      position: this.#position,
    }
    this.#observations = []
    this.#quarantined = []
    this.#counters = {}
    this.#position = null
    this.#readings = 0
    return taken
  }

  #count(name: string, more: number): void {
    this.#counters[name] = (this.#counters[name] ?? 0) + more
  }
}
