// Records of the log on their way into the store: decoded, counted and collected into a batch, in the order of the log.

import type { LogPosition, LogRecord } from '../contract/log.ts'
import type { Clock, TimeMs } from '../contract/time.ts'
import { parseTopic, type Topic } from '../contract/topics.ts'
import type { LogItem } from '../runtime/log/reader.ts'
import { Batch, type TakenBatch } from './batch.ts'
import { CLONES_NOTE, type Clones, readClones, suspicionIn } from './clones.ts'
import type { Decoded, DecodeLimits } from './decode/decoder.ts'
import { decoderOf } from './decode/index.ts'
import { Sequences } from './sequences.ts'

export interface DecodedMessage {
  readonly topic: Topic
  readonly decoded: Decoded
}

/** What a record says; null when it is no message, or one of no topic of ours: the broker admits none, another origin may. */
export function decodeRecord(record: LogRecord, limits: DecodeLimits): DecodedMessage | null {
  if (record.type !== 'message') return null
  const parsed = parseTopic(record.topic)
  if (parsed === null) return null
  const message = { topic: record.topic, parsed, payload: record.payload, arrival: record.arrival }
  return { topic: parsed, decoded: decoderOf(parsed).decode(message, limits) }
}

/** The note in the store that holds the sequences of a clean stop. */
const SEQUENCES_NOTE = 'sequences'

export class Collector {
  readonly #clock: Clock
  readonly #sequences = new Sequences()
  #batch = new Batch()
  #clones: Clones = readClones(undefined)
  #oldest: TimeMs | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get isFull(): boolean {
    return this.#batch.isFull
  }

  get isEmpty(): boolean {
    return this.#batch.isEmpty
  }

  /** Behind the last record of the batch; null when it is empty. */
  get position(): LogPosition | null {
    return this.#batch.position
  }

  /** Arrival of the first record since the start. */
  get oldest(): TimeMs | null {
    return this.#oldest
  }

  /** ms that the batch's first record has waited. */
  ageMs(): number {
    return this.#batch.ageMs(this.#clock.monotonicMs())
  }

  add(record: LogRecord, message: DecodedMessage | null, next: LogPosition): void {
    this.#batch.moveTo(next, this.#clock.monotonicMs())
    this.#oldest ??= record.arrival
    if (record.type !== 'message') return
    if (message === null) {
      this.#batch.count('foreign_topic', 1)
      return
    }
    const { decoded, topic } = message
    this.#batch.addMessage(record, decoded, topic.channel === 'reading')
    for (const observation of decoded.observations) {
      this.#batch.count('lost_by_device', this.#sequences.lostBy(observation))
    }
    if (decoded.event !== null) this.#sequences.note(decoded.event)
    const suspicion = suspicionIn(record, decoded.event)
    if (suspicion === null) return
    this.#clones.add(topic.device, suspicion)
    this.#batch.note(CLONES_NOTE, this.#clones.save())
  }

  /** A part of the log that holds no record; `arrival`: when the last one before it came, as far as is known. */
  addDamaged({ at, detail, next }: Extract<LogItem, { type: 'damaged' }>, arrival: TimeMs): void {
    this.#batch.moveTo(next, this.#clock.monotonicMs())
    this.#batch.addQuarantined({
      reason: 'damaged',
      detail: `${detail}, at segment ${at.segment}, offset ${at.offset}`,
      topic: '',
      device: null,
      arrival,
      payload: '',
    })
  }

  /** What is to be written; null when there is nothing. */
  take(): TakenBatch | null {
    return this.#batch.take()
  }

  /** The last batch of a clean stop, with what the next start goes on from; `stored`: where the store is if there is nothing more. */
  takeLast(stored: LogPosition): TakenBatch {
    const empty = {
      observations: [],
      quarantined: [],
      states: [],
      counters: {},
      notes: {},
      position: stored,
      arrival: null,
    }
    const batch = this.#batch.take() ?? empty
    return { ...batch, notes: { ...batch.notes, [SEQUENCES_NOTE]: this.#sequences.save(batch.position) } }
  }

  /** Goes on from what the store holds; from the last batch of a clean stop, when the store is still where it was. */
  resume(notes: Readonly<Record<string, string>>, position: LogPosition | null): void {
    this.#sequences.restore(notes[SEQUENCES_NOTE], position)
    this.#clones = readClones(notes[CLONES_NOTE])
  }

  /** Drops what it holds: the log is read again from where the store is. */
  restart(): void {
    this.#batch = new Batch()
    this.#sequences.forget()
  }
}
