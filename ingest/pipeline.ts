// The way from the log to the store: read, decode, show, write with the position. While a batch is written the next is decoded. When the
// store is away, or so slow that the map would fall behind, live state reads on alone and the store follows with a reader of its own
// until it has caught up: the log is the queue between the two.

import { setTimeout as sleep } from 'node:timers/promises'
import type { CloneSuspicion } from '../contract/feed.ts'
import { comparePositions, type LogPosition, type LogRecord } from '../contract/log.ts'
import type { DeviceEvent, Observation, StatusChange } from '../contract/observation.ts'
import { type Clock, SECOND, type TimeMs } from '../contract/time.ts'
import type { Topic } from '../contract/topics.ts'
import { type LogItem, type LogReader, logStart, openLogReader } from '../runtime/log/reader.ts'
import type { Logger } from '../runtime/logger.ts'
import type { TakenBatch } from './batch.ts'
import { suspicionIn } from './clones.ts'
import { Collector, type DecodedMessage, decodeRecord } from './collector.ts'
import type { DecodeLimits } from './decode/decoder.ts'
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
  /** The broker suspects two behind the device's credentials. */
  clone(topic: Topic, suspicion: CloneSuspicion): void
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
const LINGER_MS = 200
/** Live state waits no longer than this for a write, and not at all when it is this late already. */
const LIVE_WAIT_MS = SECOND
const LIVE_LATE_MS = 5 * SECOND
const AWAY_FIRST_MS = 500
const AWAY_LONGEST_MS = 15_000

export class Pipeline {
  readonly #plan: PipelinePlan
  readonly #front: LogReader
  readonly #collector: Collector
  readonly #stop = new AbortController()
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

  private constructor(plan: PipelinePlan, from: LogPosition, collector: Collector) {
    this.#plan = plan
    this.#collector = collector
    this.#front = openLogReader(plan.folder, from)
    this.#stored = from
    this.#shownTo = from
    this.#end = from
    this.#running = this.#run().catch(plan.onFault)
  }

  /** Begins at the position that the store has. */
  static async open(plan: PipelinePlan): Promise<Pipeline> {
    const position = await plan.store.position()
    const collector = new Collector(plan.clock)
    collector.resume(await plan.store.notes(), position)
    return new Pipeline(plan, position ?? logStart(plan.folder), collector)
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
    const hasNothingLeft = this.#following === null && this.#writing === null && this.#collector.isEmpty
    if (hasNothingLeft && comparePositions(this.#front.position(), this.#end) >= 0) return 0
    const newest = this.#shownArrival ?? now
    return Math.max(1, newest - (this.#storedArrival ?? this.#collector.oldest ?? newest))
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
      await this.#write(this.#collector.takeLast(this.#stored))
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
    const lingers = this.#following === null && this.#writing === null && !this.#collector.isEmpty
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((done) => {
      this.#wake = done
      if (lingers) timer = setTimeout(done, Math.max(1, LINGER_MS - this.#collector.ageMs()))
    })
    clearTimeout(timer)
    this.#wake = null
  }

  /** Starts to write the batch when it is due and the one before is written: positions only rise. */
  async #handOver(): Promise<void> {
    if (this.#collector.isEmpty) return
    if (this.#writing !== null) {
      if (!this.#collector.isFull) return
      const isLate = this.#plan.clock.now() - (this.#shownArrival ?? 0) > LIVE_LATE_MS
      if (isLate || !(await settlesWithin(this.#writing, LIVE_WAIT_MS))) this.#fallBehind()
      return
    }
    if (!this.#collector.isFull && this.#collector.ageMs() < LINGER_MS) return
    const batch = this.#collector.take()
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
      if (isTogether) this.#collector.addDamaged(item, this.#shownArrival ?? this.#plan.clock.now())
    } else {
      const message = decodeRecord(item.record, this.#plan.limits)
      this.#show(item.record, message)
      if (isTogether) this.#collector.add(item.record, message, item.next)
      this.#shownArrival = item.record.arrival
    }
    this.#shownTo = item.next
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
    const suspicion = suspicionIn(record, event)
    if (suspicion !== null) shown.clone(message.topic, suspicion)
  }

  /** From here on live state reads alone, and the store follows. */
  #fallBehind(): void {
    this.#following ??= this.#follow().catch(this.#plan.onFault)
  }

  async #follow(): Promise<void> {
    await this.#writing
    let tries = 0
    while (!this.#isStopping) {
      if (this.#awaySince !== null) {
        await this.#waitToTryAgain(tries)
        if (this.#isStopping) return
        tries += 1
        // The batches that were on their way are in the log alone.
        this.#collector.restart()
      }
      if (await this.#catchUp(this.#collector.position ?? this.#stored)) return
      if (this.#awaySince === null) tries = 0
    }
  }

  /**
   * Waits longer each time and never in step with others. The next write is the question whether the store is back: a server may answer
   * every other question and take no points.
   */
  async #waitToTryAgain(tries: number): Promise<void> {
    const waitMs = Math.min(AWAY_FIRST_MS * 2 ** tries, AWAY_LONGEST_MS) * (0.5 + this.#plan.random())
    // Cut short by a stop.
    await sleep(waitMs, undefined, { signal: this.#stop.signal }).catch(() => undefined)
  }

  /** Reads for the store up to where live state is. True when both go together again, false when the store is away. */
  async #catchUp(from: LogPosition): Promise<boolean> {
    const reader = openLogReader(this.#plan.folder, from)
    let writing = Promise.resolve(true)
    try {
      while (!this.#isStopping) {
        const items = await reader.read(this.#shownTo)
        for (const item of items) {
          if (item.type === 'damaged')
            this.#collector.addDamaged(item, this.#shownArrival ?? this.#plan.clock.now())
          else this.#collector.add(item.record, decodeRecord(item.record, this.#plan.limits), item.next)
        }
        if (items.length > 0 && !this.#collector.isFull) continue
        if (!(await writing)) return false
        const batch = this.#collector.take()
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
      const level = this.#awaySince === null ? 'warn' : 'debug'
      this.#awaySince ??= this.#plan.clock.now()
      this.#plan.logger[level](`the store is away: ${error.message}`)
      return false
    }
    if (this.#awaySince !== null) {
      this.#awaySince = null
      this.#plan.logger.info({ from: this.#stored }, 'the store is back; it catches up')
    }
    this.#stored = batch.position
    this.#storedArrival = batch.arrival ?? this.#storedArrival
    this.#plan.onStored(batch, result)
    return true
  }
}

async function settlesWithin(work: Promise<void>, withinMs: number): Promise<boolean> {
  const given = new AbortController()
  const tooLong = sleep(withinMs, false, { signal: given.signal }).catch(() => true)
  const settled = await Promise.race([work.then(() => true), tooLong])
  given.abort()
  return settled
}
