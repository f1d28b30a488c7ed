// The log as the broker sees it: a record is appended, and its callback comes when the group it went with is on disk. One group is
// written at a time and one more is handed over already, so that the disk never waits for us; what arrives meanwhile is the next
// (grouped commit). Callbacks come in the order of appending.

import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { PantauError } from '../../contract/errors.ts'
import type { LogPosition, LogRecord } from '../../contract/log.ts'
import type { Clock } from '../../contract/time.ts'
import { RecordBuffer } from '../../runtime/log/record.ts'
import { LogRefusal } from './log-refusal.ts'
import type { LogSize, Opened } from './segment-writer.ts'
import type { LogOpened, LogReply, LogRequest, LogThreadData, Refused } from './serve-log.ts'

/** Null: the record is on disk. */
export type Appended = (refusal: LogRefusal | null) => void

export interface DurableLog {
  append(record: LogRecord, appended: Appended): void
  size(): LogSize
  /** Null while records are taken; otherwise why not. */
  refusal(): LogRefusal | null
  /** Bytes that were appended and are not on disk yet. */
  waitingBytes(): number
  /** How long the disk has been at the group that it writes, ms; 0 when there is none. */
  stalledMs(): number
  readonly opened: Opened
  /** Is told after each group that is on disk. */
  onCommit(listener: (size: LogSize) => void): void
  removeStored(stored: LogPosition, changedBefore: number): void
  /** Waits for what was appended, then closes. */
  close(): Promise<void>
}

export interface LogPlan {
  /** The bundle of `log-thread.ts`. */
  readonly thread: URL
  readonly folder: string
  /** An end that was synced once, as far as it is known. */
  readonly known: LogPosition | null
  readonly clock: Clock
  /** Called when the thread ends by itself: the broker cannot go on without it. */
  readonly onDeath: (error: Error) => void
}

/** The disk is asked this often whether it takes anything, so that its state is known when nothing is published too. */
const PROBE_MS = 1_000
/** The group that is written, and the next. */
const GROUPS_ON_WAY = 2
/** Bytes that may wait for the disk; beyond it a record is refused at once rather than kept in memory. */
const WAITING_BYTES = 64 * 1024 * 1024

/** Throws `log_damaged` and `data_unusable`. A disk without room is no error: the log then refuses. */
export async function openDurableLog(plan: LogPlan): Promise<DurableLog> {
  const worker = new Worker(plan.thread, {
    workerData: { folder: plan.folder, known: plan.known } satisfies LogThreadData,
  })
  const first = await new Promise<LogOpened>((done, fail) => {
    worker.once('error', fail)
    worker.once('message', done)
  })
  worker.removeAllListeners('error')
  if (first.type === 'failed') throw new PantauError(first.code, first.message)
  return new ThreadedLog(worker, first, plan)
}

/** What the thread was asked. */
interface Asked {
  readonly type: LogRequest['type']
  /** Callbacks of a group; taken out when they are answered before the thread does so. */
  appended: readonly Appended[]
  readonly bytes: number
}

class ThreadedLog implements DurableLog {
  readonly opened: Opened
  readonly #worker: Worker
  readonly #clock: Clock
  readonly #listeners: ((size: LogSize) => void)[] = []
  #size: LogSize
  #refusal: LogRefusal | null
  #buffer = new RecordBuffer()
  /** Callbacks of what waits in the buffer. */
  #waiting: Appended[] = []
  /** In order: the thread answers in the same. */
  readonly #asked: Asked[] = []
  #groupsOnWay = 0
  #bytesOnWay = 0
  /** When the disk came to the group that it writes. */
  #writtenSince = 0
  /** Failed commits that were heard of. */
  #failures = 0
  readonly #probe: NodeJS.Timeout
  #closed: (() => void) | null = null

  constructor(worker: Worker, first: Extract<LogOpened, { type: 'opened' }>, plan: LogPlan) {
    this.#worker = worker
    this.#clock = plan.clock
    this.#size = first.size
    this.opened = first.opened
    this.#refusal = first.refusal === null ? null : refusalFrom(first.refusal)
    worker.on('message', (reply: LogReply) => this.#onReply(reply))
    worker.on('error', plan.onDeath)
    worker.on('exit', () => {
      if (this.#closed === null) plan.onDeath(new Error("the log's thread ended"))
      else this.#closed()
    })
    this.#probe = setInterval(() => {
      if (!this.#asked.some(({ type }) => type === 'probe')) this.#ask({ type: 'probe' })
    }, PROBE_MS)
  }

  append(record: LogRecord, appended: Appended): void {
    const refusal = this.#refusal ?? this.#overflow()
    if (refusal !== null) {
      // Later, as every other answer, so that the caller sees one order of events.
      setImmediate(appended, refusal)
      return
    }
    this.#buffer.append(record)
    this.#waiting.push(appended)
    if (this.#waiting.length > 1) return
    // At the end of this turn of the event loop: what all sockets brought in it goes together.
    setImmediate(() => this.#handOver())
  }

  size(): LogSize {
    return this.#size
  }

  refusal(): LogRefusal | null {
    return this.#refusal
  }

  waitingBytes(): number {
    return this.#bytesOnWay + this.#buffer.length
  }

  stalledMs(): number {
    return this.#groupsOnWay === 0 ? 0 : this.#clock.monotonicMs() - this.#writtenSince
  }

  onCommit(listener: (size: LogSize) => void): void {
    this.#listeners.push(listener)
  }

  removeStored(stored: LogPosition, changedBefore: number): void {
    this.#ask({ type: 'remove', stored, changedBefore })
  }

  async close(): Promise<void> {
    while (this.#groupsOnWay > 0 || this.#waiting.length > 0) await sleep(2)
    clearInterval(this.#probe)
    await new Promise<void>((done) => {
      this.#closed = done
      this.#ask({ type: 'close' })
    })
  }

  #overflow(): LogRefusal | null {
    return this.waitingBytes() > WAITING_BYTES
      ? new LogRefusal('disk_error', 'the disk is too slow: 64 MiB wait to be written')
      : null
  }

  #handOver(): void {
    if (this.#groupsOnWay === GROUPS_ON_WAY || this.#waiting.length === 0) return
    if (this.#groupsOnWay === 0) this.#writtenSince = this.#clock.monotonicMs()
    const appended = this.#waiting
    this.#waiting = []
    const group = this.#buffer.take()
    this.#groupsOnWay += 1
    this.#bytesOnWay += group.length
    this.#ask({ type: 'commit', group, failures: this.#failures }, appended, [group.buffer])
  }

  #ask(request: LogRequest, appended: readonly Appended[] = [], handedOver: ArrayBuffer[] = []): void {
    // Before the group is handed over: then it has no length any more.
    const bytes = request.type === 'commit' ? request.group.length : 0
    this.#asked.push({ type: request.type, appended, bytes })
    this.#worker.postMessage(request, handedOver)
  }

  #onReply(reply: LogReply): void {
    const asked = this.#asked.shift()
    if (asked === undefined) return
    if (reply.type === 'done') this.#size = reply.size
    // Segments that cannot be removed only take room.
    if (asked.type !== 'remove') this.#refusal = reply.type === 'refused' ? refusalFrom(reply) : null
    if (asked.type === 'commit') this.#answerGroup(asked)
  }

  #answerGroup({ appended, bytes }: Asked): void {
    this.#groupsOnWay -= 1
    this.#bytesOnWay -= bytes
    this.#writtenSince = this.#clock.monotonicMs()
    const refusal = this.#refusal
    if (refusal === null) {
      // The disk goes on with what waits while the answers go out.
      this.#handOver()
      for (const listener of this.#listeners) listener(this.#size)
      for (const one of appended) one(null)
    } else if (appended.length > 0) this.#refuseAll(appended, refusal)
  }

  /** What was appended behind a failed group may not be written before that is sent again. */
  #refuseAll(appended: readonly Appended[], refusal: LogRefusal): void {
    this.#failures += 1
    const refused = [...appended]
    for (const asked of this.#asked) {
      refused.push(...asked.appended)
      asked.appended = []
    }
    refused.push(...this.#waiting)
    this.#waiting = []
    this.#buffer.take()
    for (const one of refused) one(refusal)
  }
}

function refusalFrom({ reason, detail }: Refused): LogRefusal {
  return new LogRefusal(reason, detail)
}
