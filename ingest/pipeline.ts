// The way from the log to the store: read, decode, show, write with the position. While a batch is written the next is decoded. When the
// store is away, or so slow that the map would fall behind, live state reads on alone and the store follows with a reader of its own
// until it has caught up: the log is the queue between the two.

import { setTimeout as sleep } from 'node:timers/promises'
import { comparePositions, type LogPosition, type LogRecord } from '../contract/log.ts'
import type { DeviceEvent, Observation, StatusChange } from '../contract/observation.ts'
import { type Clock, SECOND, type TimeMs } from '../contract/time.ts'
import { parseTopic, type Topic } from '../contract/topics.ts'
import { type LogItem, type LogReader, logStart, openLogReader } from '../runtime/log/reader.ts'
import type { Logger } from '../runtime/logger.ts'
import { Batch, type TakenBatch } from './batch.ts'
import type { Decoded, DecodeLimits } from './decode/decoder.ts'
import { decoderOf } from './decode/index.ts'
import { Sequences } from './sequences.ts'
import { type Store, StoreAwayError, type WriteResult } from './store/store.ts'

/** What is shown as it is decoded; called in the order of the log, once for each message. */
export interface Shown {
  /** One message, with how many readings were taken of it. */
  message(readings: number): void
  observation(observation: Observation): void
  /** An observation was refused for its age; its time tells of the device's clock. */
  refusedTime(topic: Topic, time: TimeMs, arrival: TimeMs): void
  status(status: StatusChange): void
  event(event: DeviceEvent): void
  /** `lastRecord`: arrival of the record before; null when none was read. */
  listening(since: TimeMs, lastRecord: TimeMs | null): void
  stopped(at: TimeMs): void
}

export interface PipelinePlan {
  /** The log's. */
  readonly folder: string
  readonly store: Store
  readonly limits: DecodeLimits
  readonly shown: Shown
  readonly clock: Clock
  readonly logger: Logger
  /** Jitter of the waits while the store is away. */
  readonly random: () => number
  readonly onStored: (batch: TakenBatch, result: WriteResult) => void
  /** A fault of ours: the process ends. */
  readonly onFault: (error: unknown) => void
}

/** A batch waits this long for company: a transaction a message would cost more than all else. */
const LINGER_MS = 50
/** Live state waits no longer than this for a write, and not at all when it is this late already. */
const LIVE_WAIT_MS = SECOND
const LIVE_LATE_MS = 5 * SECOND
const AWAY_FIRST_MS = 500
const AWAY_LONGEST_MS = 15_000
/** The note in the store that holds the sequences of a clean stop. */
const SEQUENCES_NOTE = 'sequences'

export class Pipeline {
  readonly #plan: PipelinePlan
  readonly #front: LogReader
  readonly #sequences: Sequences
  readonly #stop = new AbortController()
  #batch = new Batch()
  #writing: Promise<void> | null = null
  /** The store's own way while it follows; null while both go together. */
  #following: Promise<void> | null = null
  /** Behind the last record that the store has. */
  #stored: LogPosition
  /** Behind the last record that was shown. */
  #shownTo: LogPosition
  #end: LogPosition
  #isEndKnown = false
  #shownArrival: TimeMs | null = null
  #storedArrival: TimeMs | null = null
  #awaySince: TimeMs | null = null
  #wake: (() => void) | null = null
  readonly #running: Promise<void>

  private constructor(plan: PipelinePlan, from: LogPosition, sequences: Sequences) {
    this.#plan = plan
    this.#sequences = sequences
    this.#front = openLogReader(plan.folder, from)
    this.#stored = from
    this.#shownTo = from
    this.#end = from
    this.#running = this.#run().catch(plan.onFault)
  }

  /** Begins at the position that the store has. */
  static async open(plan: PipelinePlan): Promise<Pipeline> {
    const position = await plan.store.position()
    const sequences = new Sequences()
    sequences.restore((await plan.store.notes())[SEQUENCES_NOTE], position)
    return new Pipeline(plan, position ?? logStart(plan.folder), sequences)
  }

  /** The log is on disk up to there. */
  moveEnd(end: LogPosition): void {
    this.#isEndKnown = true
    if (comparePositions(end, this.#end) <= 0) return
    this.#end = end
    this.#wake?.()
  }

  stored(): LogPosition {
    return this.#stored
  }

  /** ms that the store is behind the log, by arrivals; 0 when it has all. */
  lagMs(now: TimeMs): number {
    const hasNothingLeft = this.#following === null && this.#writing === null && this.#batch.isEmpty
    if (hasNothingLeft && comparePositions(this.#front.position(), this.#end) >= 0) return 0
    const newest = this.#shownArrival ?? now
    return Math.max(1, newest - (this.#storedArrival ?? newest))
  }

  /** Since when the store does not answer; null while it does. */
  awaySince(): TimeMs | null {
    return this.#awaySince
  }

  /** True when live state has seen all that is on disk. A new segment that is still empty holds nothing to see. */
  isCaughtUp(): boolean {
    return this.#isEndKnown && comparePositions(this.#front.position(), this.#end) >= 0
  }

  /** How far state may be judged: now, or while the log is being read, the arrival of the last record shown. Null: not yet. */
  judgedUntil(now: TimeMs): TimeMs | null {
    return this.isCaughtUp() ? now : this.#shownArrival
  }

  /** Finishes the batch at hand; what the store has not got by then is in the log. */
  async stop(): Promise<void> {
    this.#stop.abort()
    this.#wake?.()
    await this.#running
    const wasTogether = this.#following === null
    await this.#following
    await this.#writing
    if (wasTogether && this.#awaySince === null) {
      const rest = this.#batch.take()
      const position = rest?.position ?? this.#stored
      await this.#write({
        ...(rest ?? { ...EMPTY, arrival: null }),
        position,
        notes: { [SEQUENCES_NOTE]: this.#sequences.save(position) },
      })
    }
    await this.#front.close()
  }

  get #isStopping(): boolean {
    return this.#stop.signal.aborted
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      const items = await this.#front.read(this.#end)
      for (const item of items) this.#takeInFront(item)
      if (this.#following === null) await this.#handOver()
      if (items.length === 0) await this.#nextTurn()
    }
  }

  /** Waits for more of the log, for the write under way, or until the batch has waited long enough. */
  async #nextTurn(): Promise<void> {
    if (this.#isStopping || comparePositions(this.#front.position(), this.#end) < 0) return
    const lingers = this.#following === null && this.#writing === null && !this.#batch.isEmpty
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((done) => {
      this.#wake = done
      if (lingers) timer = setTimeout(done, Math.max(1, LINGER_MS - this.#batchAgeMs()))
    })
    clearTimeout(timer)
    this.#wake = null
  }

  #batchAgeMs(): number {
    return this.#batch.ageMs(this.#plan.clock.monotonicMs())
  }

  /** Starts to write the batch when it is due and the one before is written: positions only rise. */
  async #handOver(): Promise<void> {
    if (this.#batch.isEmpty) return
    if (this.#writing !== null) {
      if (!this.#batch.isFull) return
      const isLate = this.#plan.clock.now() - (this.#shownArrival ?? 0) > LIVE_LATE_MS
      if (isLate || !(await settlesWithin(this.#writing, LIVE_WAIT_MS))) this.#fallBehind()
      return
    }
    if (!this.#batch.isFull && this.#batchAgeMs() < LINGER_MS) return
    const batch = this.#batch.take()
    if (batch === null) return
    this.#writing = this.#write(batch).then((isWritten) => {
      this.#writing = null
      if (!isWritten) this.#fallBehind()
      this.#wake?.()
    }, this.#plan.onFault)
  }

  #takeInFront(item: LogItem): void {
    const isTogether = this.#following === null
    if (item.type === 'damaged') {
      this.#plan.logger.error(
        { at: item.at, bytes: item.bytes },
        `a damaged part of the log was set aside: ${item.detail}`,
      )
      if (isTogether) this.#store(item, null)
    } else {
      const decoded = this.#decode(item.record)
      this.#show(item.record, decoded)
      if (isTogether) this.#store(item, decoded)
      this.#shownArrival = item.record.arrival
    }
    this.#shownTo = item.next
  }

  #decode(record: LogRecord): DecodedMessage | null {
    if (record.type !== 'message') return null
    const parsed = parseTopic(record.topic)
    // The broker admits no other topics; a log of another origin may hold some.
    if (parsed === null) return null
    const message = { topic: record.topic, parsed, payload: record.payload, arrival: record.arrival }
    return { topic: parsed, decoded: decoderOf(parsed).decode(message, this.#plan.limits) }
  }

  #show(record: LogRecord, message: DecodedMessage | null): void {
    const { shown } = this.#plan
    if (record.type === 'listening') shown.listening(record.arrival, this.#shownArrival)
    else if (record.type === 'stopped') shown.stopped(record.arrival)
    if (message === null) return
    const { observations, status, event, refusedTimes } = message.decoded
    let readings = 0
    for (const observation of observations) {
      shown.observation(observation)
      readings += Object.keys(observation.values).length
    }
    shown.message(readings)
    for (const time of refusedTimes) shown.refusedTime(message.topic, time, record.arrival)
    if (status !== null) shown.status(status)
    if (event !== null) shown.event(event)
  }

  /** Puts an item of the log into the batch; called in the order of the log. */
  #store(item: LogItem, message: DecodedMessage | null): void {
    const batch = this.#batch
    batch.moveTo(item.next, this.#plan.clock.monotonicMs())
    if (item.type === 'damaged') {
      const { segment, offset } = item.at
      const detail = `${item.detail}, at segment ${segment}, offset ${offset}`
      const arrival = this.#shownArrival ?? this.#plan.clock.now()
      batch.addQuarantined({ reason: 'damaged', detail, topic: '', device: null, arrival, payload: '' })
      return
    }
    const { record } = item
    this.#storedArrival ??= record.arrival
    if (record.type !== 'message') return
    if (message === null) {
      batch.count('foreign_topic', 1)
      return
    }
    const { decoded, topic } = message
    batch.addMessage(record, decoded, topic.channel === 'reading')
    for (const observation of decoded.observations) {
      batch.count('lost_by_device', this.#sequences.lostBy(observation))
    }
    if (decoded.event !== null) this.#sequences.note(decoded.event)
  }

  /** From here on live state reads alone, and the store follows. */
  #fallBehind(): void {
    this.#following ??= this.#follow().catch(this.#plan.onFault)
  }

  async #follow(): Promise<void> {
    await this.#writing
    while (!this.#isStopping) {
      if (this.#awaySince !== null) {
        await this.#awaitStore()
        if (this.#isStopping) return
        // The batches that were on their way are in the log alone.
        this.#batch = new Batch()
        this.#sequences.forget()
        this.#awaySince = null
        this.#plan.logger.info({ from: this.#stored }, 'the store is back; it catches up')
      }
      if (await this.#catchUp(this.#batch.position ?? this.#stored)) return
    }
  }

  /** Waits, longer each time and never in step with others, until the store answers. */
  async #awaitStore(): Promise<void> {
    const { store, logger, random } = this.#plan
    for (let waitMs = AWAY_FIRST_MS; !this.#isStopping; waitMs = Math.min(2 * waitMs, AWAY_LONGEST_MS)) {
      // Cut short by a stop.
      await sleep(waitMs * (0.5 + random()), undefined, { signal: this.#stop.signal }).catch(() => undefined)
      const { ok, detail } = await store.health()
      if (ok) return
      logger.debug(`the store is still away: ${detail}`)
    }
  }

  /** Reads for the store up to where live state is. True when both go together again, false when the store is away. */
  async #catchUp(from: LogPosition): Promise<boolean> {
    const reader = openLogReader(this.#plan.folder, from)
    let writing = Promise.resolve(true)
    try {
      while (!this.#isStopping) {
        const items = await reader.read(this.#shownTo)
        for (const item of items) this.#store(item, item.type === 'record' ? this.#decode(item.record) : null)
        if (items.length > 0 && !this.#batch.isFull) continue
        if (!(await writing)) return false
        const batch = this.#batch.take()
        if (batch !== null) writing = this.#write(batch)
        // Between this look and the next item in front nothing else runs.
        else if (comparePositions(reader.position(), this.#shownTo) >= 0) {
          this.#following = null
          return true
        }
      }
      return true
    } finally {
      await writing
      await reader.close()
    }
  }

  /** False when the store is away: nothing of the batch counts as written. */
  async #write(batch: TakenBatch): Promise<boolean> {
    let result: WriteResult
    try {
      result = await this.#plan.store.write(batch)
    } catch (error) {
      if (!(error instanceof StoreAwayError)) throw error
      this.#awaySince ??= this.#plan.clock.now()
      this.#plan.logger.warn(`the store is away: ${error.message}`)
      return false
    }
    this.#stored = batch.position
    this.#storedArrival = batch.arrival ?? this.#storedArrival
    this.#plan.onStored(batch, result)
    return true
  }
}

interface DecodedMessage {
  readonly topic: Topic
  readonly decoded: Decoded
}

const EMPTY = { observations: [], quarantined: [], states: [], counters: {} }

async function settlesWithin(work: Promise<void>, withinMs: number): Promise<boolean> {
  const given = new AbortController()
  const tooLong = sleep(withinMs, false, { signal: given.signal }).catch(() => true)
  const settled = await Promise.race([work.then(() => true), tooLong])
  given.abort()
  return settled
}
