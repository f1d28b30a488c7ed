// The way from the log to the store: read, decode, show, write with the position. While a batch is written the next is decoded.
// When the store is away the log is read on for live state alone, and read again for the store once it is back: the log is the
// queue, and live state does not wait for it.

import { setTimeout as sleep } from 'node:timers/promises'
import { comparePositions, type LogPosition, type LogRecord } from '../contract/log.ts'
import type { DeviceEvent, Observation, StatusChange } from '../contract/observation.ts'
import { type Clock, SECOND, type TimeMs } from '../contract/time.ts'
import { parseTopic } from '../contract/topics.ts'
import { type LogItem, type LogReader, logStart, openLogReader } from '../runtime/log/reader.ts'
import type { Logger } from '../runtime/logger.ts'
import { Batch } from './batch.ts'
import type { Decoded, DecodeLimits } from './decode/decoder.ts'
import { decoderOf } from './decode/index.ts'
import { type Store, StoreAwayError, type WriteBatch, type WriteResult } from './store/store.ts'

/** What is shown as it is decoded; called in the order of the log, once for each message. */
export interface Shown {
  observation(observation: Observation): void
  status(status: StatusChange): void
  event(event: DeviceEvent): void
  listening(since: TimeMs): void
  stopped(at: TimeMs): void
}

export interface PipelinePlan {
  readonly folder: string
  readonly store: Store
  readonly limits: DecodeLimits
  readonly shown: Shown
  readonly clock: Clock
  readonly logger: Logger
  /** Jitter of the waits while the store is away. */
  readonly random: () => number
  readonly onStored: (position: LogPosition, result: WriteResult, arrival: TimeMs | null) => void
  /** A fault of ours: the process ends. */
  readonly onFault: (error: unknown) => void
}

/** A batch is written when it holds this many readings, or when nothing more is to be read. */
const BATCH_READINGS = 20_000
const AWAY_FIRST_MS = 500
const AWAY_LONGEST_MS = 15_000

export class Pipeline {
  readonly #plan: PipelinePlan
  #reader: LogReader
  /** Behind the last record that the store has. */
  #stored: LogPosition
  /** Behind the last record that was shown. */
  #shownTo: LogPosition
  #end: LogPosition
  #lastArrival: TimeMs | null = null
  #storedArrival: TimeMs | null = null
  #awaySince: TimeMs | null = null
  #wake: (() => void) | null = null
  #stopping = false
  readonly #done: Promise<void>

  private constructor(plan: PipelinePlan, from: LogPosition) {
    this.#plan = plan
    this.#reader = openLogReader(plan.folder, from)
    this.#stored = from
    this.#shownTo = from
    this.#end = from
    this.#done = this.#run().catch(plan.onFault)
  }

  /** Begins at the position that the store has. */
  static async open(plan: PipelinePlan): Promise<Pipeline> {
    return new Pipeline(plan, (await plan.store.position()) ?? logStart(plan.folder))
  }

  /** The log is on disk up to there. */
  moveEnd(end: LogPosition): void {
    if (comparePositions(end, this.#end) <= 0) return
    this.#end = end
    this.#wake?.()
  }

  stored(): LogPosition {
    return this.#stored
  }

  /** ms that the store is behind the log, by arrivals; 0 when it has all. */
  lagMs(now: TimeMs): number {
    if (comparePositions(this.#stored, this.#end) >= 0) return 0
    return Math.max(1, (this.#lastArrival ?? now) - (this.#storedArrival ?? this.#lastArrival ?? now))
  }

  /** Since when the store does not answer; null while it does. */
  awaySince(): TimeMs | null {
    return this.#awaySince
  }

  /** How far state may be judged: now, or while the log is being caught up, the arrival of the last record shown. */
  judgedUntil(now: TimeMs): TimeMs | null {
    return comparePositions(this.#shownTo, this.#end) >= 0 ? now : this.#lastArrival
  }

  async stop(): Promise<void> {
    this.#stopping = true
    this.#wake?.()
    await this.#done
    await this.#reader.close()
  }

  async #run(): Promise<void> {
    const batch = new Batch()
    let writing: Promise<boolean> = Promise.resolve(true)
    while (!this.#stopping) {
      const items = await this.#reader.read(this.#end)
      for (const item of items) this.#take(item, batch)
      const isFull = batch.readings >= BATCH_READINGS
      if (items.length > 0 && !isFull) continue
      // The one before has to be written first: positions only rise.
      if (!(await writing)) {
        await this.#awaitStore(batch)
        writing = Promise.resolve(true)
      } else if (!batch.isEmpty) {
        const { arrival } = batch
        writing = this.#write(batch.take(), arrival)
      } else await this.#nextEnd()
    }
    await writing
    if (!batch.isEmpty && this.#awaySince === null) await this.#write(batch.take(), this.#lastArrival)
  }

  async #nextEnd(): Promise<void> {
    if (comparePositions(this.#reader.position(), this.#end) < 0 || this.#stopping) return
    await new Promise<void>((done) => {
      this.#wake = done
    })
    this.#wake = null
  }

  #take(item: LogItem, batch: Batch): void {
    const isNew = comparePositions(item.next, this.#shownTo) > 0
    batch.moveTo(item.next)
    if (item.type === 'damaged') {
      this.#takeDamaged(item, batch)
    } else if (item.record.type === 'message') this.#takeMessage(item.record, batch, isNew)
    else if (isNew && item.record.type === 'listening') this.#plan.shown.listening(item.record.arrival)
    else if (isNew) this.#plan.shown.stopped(item.record.arrival)
    if (isNew) this.#shownTo = item.next
  }

  #takeDamaged(item: Extract<LogItem, { type: 'damaged' }>, batch: Batch): void {
    const detail = `${item.detail}, at segment ${item.at.segment}, offset ${item.at.offset}`
    this.#plan.logger.error(
      { at: item.at, bytes: item.bytes },
      `a damaged part of the log was set aside: ${detail}`,
    )
    const arrival = this.#lastArrival ?? this.#plan.clock.now()
    batch.addQuarantined({ reason: 'damaged', detail, topic: '', device: null, arrival, payload: '' })
  }

  #takeMessage(record: Extract<LogRecord, { type: 'message' }>, batch: Batch, isNew: boolean): void {
    this.#lastArrival = record.arrival
    const parsed = parseTopic(record.topic)
    // The broker admits no other topics; a log of another origin may hold some.
    if (parsed === null) return
    const decoded = decoderOf(parsed).decode(
      { topic: record.topic, parsed, payload: record.payload, arrival: record.arrival },
      this.#plan.limits,
    )
    batch.addMessage(record, decoded, parsed.channel === 'reading')
    if (isNew) this.#show(decoded)
  }

  #show({ observations, status, event }: Decoded): void {
    const { shown } = this.#plan
    for (const observation of observations) shown.observation(observation)
    if (status !== null) shown.status(status)
    if (event !== null) shown.event(event)
  }

  /** False when the store is away: nothing of the batch counts as written. */
  async #write(batch: WriteBatch, arrival: TimeMs | null): Promise<boolean> {
    const { position } = batch
    if (position === null) return true
    let result: WriteResult
    try {
      result = await this.#plan.store.write(batch)
    } catch (error) {
      if (!(error instanceof StoreAwayError)) throw error
      this.#awaySince ??= this.#plan.clock.now()
      this.#plan.logger.warn(`the store is away: ${error.message}`)
      return false
    }
    this.#stored = position
    this.#storedArrival = arrival
    this.#plan.onStored(position, result, arrival)
    return true
  }

  /**
   * Waits until the store answers, while the log is read on for live state; then goes back to what the store has. What the batch
   * holds is dropped: it is in the log.
   */
  async #awaitStore(batch: Batch): Promise<void> {
    const { store, logger, clock, random } = this.#plan
    batch.take()
    for (let waitMs = AWAY_FIRST_MS; !this.#stopping; waitMs = Math.min(2 * waitMs, AWAY_LONGEST_MS)) {
      const until = clock.monotonicMs() + waitMs * (0.5 + random())
      while (clock.monotonicMs() < until && !this.#stopping) {
        const items = await this.#reader.read(this.#end)
        for (const item of items) this.#take(item, batch)
        batch.take()
        if (items.length === 0) await sleep(Math.min(SECOND / 4, Math.max(1, until - clock.monotonicMs())))
      }
      const { ok, detail } = await store.health()
      if (ok) break
      logger.debug(`the store is still away: ${detail}`)
    }
    await this.#reader.close()
    this.#reader = openLogReader(this.#plan.folder, this.#stored)
    if (!this.#stopping) {
      logger.info({ from: this.#stored }, 'the store is back; it catches up')
      this.#awaySince = null
    }
  }
}
