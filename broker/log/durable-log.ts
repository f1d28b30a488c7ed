// The log as the broker sees it: a record is appended, and its callback comes when the group it went with is on disk. One
// group is on its way at a time; what arrives meanwhile is the next (grouped commit). Callbacks come in the order of appending.

import { Worker } from 'node:worker_threads'
import type { LogPosition, LogRecord } from '../../contract/log.ts'
import { RecordBuffer } from '../../runtime/log/record.ts'
import type { LogReply, LogRequest, LogThreadData } from './log-thread.ts'
import { LogRefusal, type LogSize } from './segment-writer.ts'

/** Null: the record is on disk. */
export type Appended = (refusal: LogRefusal | null) => void

export interface DurableLog {
  append(record: LogRecord, appended: Appended): void
  size(): LogSize
  /** Null while records are taken; otherwise why not. */
  refusal(): LogRefusal | null
  /** Bytes of a torn tail that were cut at the start. */
  readonly cutBytes: number
  /** Is told after each group that is on disk. */
  onCommit(listener: (size: LogSize) => void): void
  removeStored(stored: LogPosition, changedBefore: number): void
  /** Waits for what was appended, then closes. */
  close(): Promise<void>
}

/** While the disk refuses, it is asked again this often. */
const PROBE_MS = 1_000
/** Bytes that may wait while a group is on its way; beyond it a record is refused at once rather than kept in memory. */
const WAITING_BYTES = 64 * 1024 * 1024

/** `onDeath` is called when the thread ends by itself: the broker cannot go on without it. */
export async function openDurableLog(
  thread: URL,
  folder: string,
  onDeath: (error: Error) => void,
): Promise<DurableLog> {
  const worker = new Worker(thread, { workerData: { folder } satisfies LogThreadData })
  const opened = await new Promise<Extract<LogReply, { type: 'opened' }>>((done, fail) => {
    worker.once('error', fail)
    worker.once('message', (reply: LogReply) => {
      if (reply.type === 'opened') done(reply)
    })
  })
  worker.removeAllListeners('error')
  return new ThreadedLog(worker, opened, onDeath)
}

class ThreadedLog implements DurableLog {
  readonly cutBytes: number
  readonly #worker: Worker
  readonly #listeners: ((size: LogSize) => void)[] = []
  #size: LogSize
  #refusal: LogRefusal | null = null
  #buffer = new RecordBuffer()
  /** Callbacks of what waits in the buffer, and of the group on its way. */
  #waiting: Appended[] = []
  #onWay: Appended[] = []
  /** What the thread was asked, in order: it answers in the same. */
  #asked: LogRequest['type'][] = []
  #probe: NodeJS.Timeout | null = null
  #closed: (() => void) | null = null

  constructor(
    worker: Worker,
    opened: Extract<LogReply, { type: 'opened' }>,
    onDeath: (error: Error) => void,
  ) {
    this.#worker = worker
    this.#size = opened.size
    this.cutBytes = opened.cutBytes
    worker.on('message', (reply: LogReply) => this.#onReply(reply))
    worker.on('error', onDeath)
    worker.on('exit', () => {
      if (this.#closed === null) onDeath(new Error("the log's thread ended"))
      else this.#closed()
    })
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
    this.#commitIfFree()
  }

  size(): LogSize {
    return this.#size
  }

  refusal(): LogRefusal | null {
    return this.#refusal
  }

  onCommit(listener: (size: LogSize) => void): void {
    this.#listeners.push(listener)
  }

  removeStored(stored: LogPosition, changedBefore: number): void {
    this.#ask({ type: 'remove', stored, changedBefore })
  }

  async close(): Promise<void> {
    if (this.#probe !== null) clearInterval(this.#probe)
    while (this.#onWay.length > 0 || this.#waiting.length > 0)
      await new Promise((done) => setTimeout(done, 5))
    await new Promise<void>((done) => {
      this.#closed = done
      this.#ask({ type: 'close' })
    })
  }

  #overflow(): LogRefusal | null {
    return this.#buffer.length > WAITING_BYTES
      ? new LogRefusal('disk_error', 'the disk is too slow: 64 MiB wait to be written')
      : null
  }

  #commitIfFree(): void {
    if (this.#onWay.length > 0 || this.#waiting.length === 0) return
    this.#onWay = this.#waiting
    this.#waiting = []
    this.#ask({ type: 'commit', group: this.#buffer.take() })
  }

  #ask(request: LogRequest): void {
    this.#asked.push(request.type)
    this.#worker.postMessage(request)
  }

  #onReply(reply: LogReply): void {
    const asked = this.#asked.shift()
    if (reply.type === 'done') this.#size = reply.size
    if (asked !== 'remove') {
      this.#refusal = reply.type === 'refused' ? new LogRefusal(reply.reason, reply.detail) : null
    }
    if (asked === 'commit') {
      const answered = this.#onWay
      this.#onWay = []
      if (this.#refusal === null) for (const listener of this.#listeners) listener(this.#size)
      for (const appended of answered) appended(this.#refusal)
      if (this.#refusal !== null) this.#refuseWaiting(this.#refusal)
      this.#commitIfFree()
    }
    this.#watchDisk()
  }

  /** What waited behind a failed group may not be written before it is asked for again. */
  #refuseWaiting(refusal: LogRefusal): void {
    const waiting = this.#waiting
    this.#waiting = []
    this.#buffer.take()
    for (const appended of waiting) appended(refusal)
  }

  #watchDisk(): void {
    if (this.#refusal === null && this.#probe !== null) {
      clearInterval(this.#probe)
      this.#probe = null
    }
    if (this.#refusal !== null && this.#probe === null) {
      this.#probe = setInterval(() => this.#ask({ type: 'probe' }), PROBE_MS)
    }
  }
}
