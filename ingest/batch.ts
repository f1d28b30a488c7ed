// Collects what was decoded until it is written: one batch of the store, with the position behind its last record.

import type { LogPosition, LogRecord } from '../contract/log.ts'
import type { Observation, Quarantined } from '../contract/observation.ts'
import type { TimeMs } from '../contract/time.ts'
import type { Decoded } from './decode/decoder.ts'
import type { WriteBatch } from './store/store.ts'

/** A batch with the arrival of its newest record; null when it holds none. */
export interface TakenBatch extends WriteBatch {
  readonly position: LogPosition
  readonly arrival: TimeMs | null
}

/** A batch that holds this many readings is full. */
const FULL_READINGS = 20_000
/** What is set aside weighs by its text, so that rubbish fills a batch as its bytes fill the memory. */
const LETTERS_PER_READING = 64

export class Batch {
  #observations: Observation[] = []
  #quarantined: Quarantined[] = []
  #counters: Record<string, number> = {}
  #notes: Record<string, string> = {}
  #position: LogPosition | null = null
  #arrival: TimeMs | null = null
  #weight = 0
  #since = 0

  get isFull(): boolean {
    return this.#weight >= FULL_READINGS
  }

  get isEmpty(): boolean {
    return this.#position === null
  }

  /** Behind its last record; null when it is empty. */
  get position(): LogPosition | null {
    return this.#position
  }

  /** ms since its first record was put in, by the monotonic clock. */
  ageMs(monotonicMs: number): number {
    return this.isEmpty ? 0 : monotonicMs - this.#since
  }

  addMessage(record: Extract<LogRecord, { type: 'message' }>, decoded: Decoded, isReading: boolean): void {
    for (const observation of decoded.observations) {
      this.#observations.push(observation)
      this.#weight += Object.keys(observation.values).length
    }
    for (const entry of decoded.quarantined) this.addQuarantined(entry)
    this.count('received', 1)
    if (record.qos > 0) this.count('acknowledged', 1)
    if (record.retain && isReading) this.count('retain_ignored', 1)
    for (const [name, count] of Object.entries(decoded.notes)) this.count(name, count)
    this.#arrival = record.arrival
    // Messages that hold no reading fill it too, slowly.
    this.#weight += 1 / LETTERS_PER_READING
  }

  addQuarantined(entry: Quarantined): void {
    this.#quarantined.push(entry)
    this.#weight += 1 + entry.payload.length / LETTERS_PER_READING
  }

  count(name: string, more: number): void {
    if (more !== 0) this.#counters[name] = (this.#counters[name] ?? 0) + more
  }

  /** Written with the position, in place of what stood under that name. */
  note(name: string, text: string): void {
    this.#notes[name] = text
  }

  /** Its last record ends there. */
  moveTo(position: LogPosition, monotonicMs: number): void {
    if (this.#position === null) this.#since = monotonicMs
    this.#position = position
  }

  /** What is to be written; null when it is empty. The batch begins anew. */
  take(): TakenBatch | null {
    const position = this.#position
    const taken =
      position === null
        ? null
        : {
            observations: this.#observations,
            quarantined: this.#quarantined,
            states: [],
            counters: this.#counters,
            notes: this.#notes,
            position,
            arrival: this.#arrival,
          }
    this.#observations = []
    this.#quarantined = []
    this.#counters = {}
    this.#notes = {}
    this.#position = null
    this.#arrival = null
    this.#weight = 0
    return taken
  }
}
