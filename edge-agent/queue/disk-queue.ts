// What cannot be sent waits on disk: bounded, oldest first, deleted when the broker acknowledges it. A reading is in memory
// for at most the second until the next flush, and one that is acknowledged within that second never touches the flash.
// When the bound is met the oldest thin out, every second reading of a segment, and are counted as lost; the newest stay.

import { join } from 'node:path'
import { systemCode } from '../../runtime/files.ts'
import { type Cursor, readCursor, writeCursor } from './cursor.ts'
import { IdRanges } from './id-ranges.ts'
import { MessageDraft } from './message-draft.ts'
import { QueueReader } from './reader.ts'
import { MAX_PAYLOAD_BYTES, payloadLength, RECORD_HEAD_BYTES } from './record.ts'
import { type Disk, SEGMENT_HEAD_BYTES } from './segment.ts'
import { type QueueFaults, type Segment, SegmentFiles } from './segment-files.ts'
import { thinningOrder } from './thinning.ts'

export interface QueueOptions {
  readonly folder: string
  /** Bound of all segment files together, at least 1 MiB. */
  readonly maxBytes: number
  readonly disk: Disk
}

/** Readings of one segment that follow one another, or one that is on its way by itself. */
export interface Part {
  readonly from: number
  readonly to: number
  /** Less than the span of ids where readings were thinned out between. */
  readonly count: number
}

export interface Batch {
  readonly parts: readonly Part[]
  /** One reading as it is, several as a JSON array of them. */
  readonly message: Buffer
}

export type FlushResult = { readonly ok: true } | { readonly ok: false; readonly detail: string }

/** What memory holds at most while the disk refuses. */
const MAX_PENDING_BYTES = 4 * 1_048_576

/** A segment is a sixteenth of the bound, so that thinning takes small steps, and at most 1 MiB, which is read whole. */
const MIN_SEGMENT_BYTES = 65_536
const MAX_SEGMENT_BYTES = 1_048_576

export class DiskQueue {
  readonly faults: QueueFaults
  readonly #options: QueueOptions
  readonly #segmentBytes: number
  readonly #files: SegmentFiles
  readonly #cursorPath: string
  #cursor: Cursor
  #savedCursor: Cursor
  #turn: number
  #nextId: number
  /** Not yet on disk, in order of id. */
  readonly #pending = new Map<number, Uint8Array>()
  #pendingBytes = 0
  /** Handed out and not acknowledged. */
  readonly #inFlight = new IdRanges()
  /** Acknowledged above the cursor, in segments that still hold others. */
  readonly #acknowledged = new IdRanges()
  readonly #reader: QueueReader
  #draft: MessageDraft | null = null
  /** The last id that the reader has passed: all up to it are in flight or acknowledged. */
  #passed: number

  /** Opens the queue, cutting a torn tail and counting damage. Throws what the disk does: without its folder there is no queue. */
  constructor(options: QueueOptions) {
    this.#options = options
    this.#segmentBytes = Math.min(MAX_SEGMENT_BYTES, Math.max(MIN_SEGMENT_BYTES, options.maxBytes / 16))
    options.disk.mkdirSync(options.folder, { recursive: true, mode: 0o700 })
    this.#cursorPath = join(options.folder, 'cursor')
    const { cursor, turn } = readCursor(options.disk, this.#cursorPath)
    this.#files = new SegmentFiles(options.disk, options.folder, cursor.delivered)
    this.faults = this.#files.faults
    this.#reader = new QueueReader(this.#files, (segment) => this.#settle(segment))
    this.#savedCursor = cursor
    this.#cursor = { ...cursor, lost: cursor.lost + this.faults.damaged }
    this.#turn = turn
    this.#passed = cursor.delivered
    this.#nextId = Math.max(cursor.delivered, this.#files.list.at(-1)?.lastId ?? 0) + 1
  }

  /** Readings that are not acknowledged. */
  get length(): number {
    return this.#files.list.reduce((sum, segment) => sum + segment.left, this.#pending.size)
  }

  /** Readings given up since the queue began: thinned out, or damaged on disk. */
  get lost(): number {
    return this.#cursor.lost
  }

  /** Bytes on disk. */
  get bytes(): number {
    return this.#files.bytes
  }

  /** True when a flush has something to write. */
  get isDirty(): boolean {
    return this.#pending.size > 0 || this.#cursorMoved()
  }

  /**
   * Takes a reading in; it is on disk after the next flush that succeeds. Throws RangeError for one that is empty or above
   * 64 KiB. Returns what `markInFlight` and `acknowledge` want when it is sent at once.
   */
  append(payload: Uint8Array): Part {
    if (payload.length === 0 || payload.length > MAX_PAYLOAD_BYTES) {
      throw new RangeError(`a reading has 1 to ${MAX_PAYLOAD_BYTES} bytes, not ${payload.length}`)
    }
    const id = this.#nextId
    this.#nextId += 1
    this.#pending.set(id, payload)
    this.#pendingBytes += payload.length
    return { from: id, to: id, count: 1 }
  }

  /** Says that a reading just appended is on its way by itself, so that `next` passes it by. */
  markInFlight(part: Part): void {
    this.#inFlight.add(part.from, part.to)
  }

  /**
   * The oldest readings on disk that are neither acknowledged nor in flight, which they now are: at most `maxCount`, and at
   * most `maxBytes` as one message, but at least one. Null when there is none.
   */
  next(maxCount: number, maxBytes: number): Batch | null {
    this.#draft ??= new MessageDraft()
    const draft = this.#draft
    const parts: { from: number; to: number; count: number; segment: Segment }[] = []
    let isUnbroken = false
    for (let found = this.#reader.peek(); found !== null; found = this.#reader.peek()) {
      const { record, segment } = found
      const takes = this.#isWaiting(record.id)
      if (takes) {
        const length = payloadLength(record)
        if (draft.count >= maxCount || !draft.hasRoom(length, maxBytes)) break
        draft.add(length, (target, at) => this.#reader.copyPayload(record, target, at))
        segment.inFlight += 1
        const last = parts.at(-1)
        if (isUnbroken && last?.segment === segment) {
          last.to = record.id
          last.count += 1
        } else parts.push({ from: record.id, to: record.id, count: 1, segment })
      }
      isUnbroken = takes
      this.#reader.pass(record)
      this.#passed = Math.max(this.#passed, record.id)
    }
    for (const { from, to } of parts) this.#inFlight.add(from, to)
    if (parts.length > 0) return { parts, message: draft.take() }
    this.#draft = null
    return null
  }

  /** The broker has these readings: they are deleted. What is not in flight, or no longer, is passed over. */
  acknowledge(parts: readonly Part[]): void {
    for (const { from, to, count } of parts) {
      if (!this.#inFlight.has(from)) continue
      this.#inFlight.remove(from, to)
      const pending = this.#pending.get(from)
      const segment = this.#files.holding(from)
      if (pending !== undefined) {
        this.#pending.delete(from)
        this.#pendingBytes -= pending.length
      } else if (segment !== null) {
        this.#acknowledged.add(from, to)
        segment.inFlight -= count
        segment.left -= count
        if (segment.left <= 0) this.#remove(segment)
      }
    }
  }

  /** The connection is gone: what was in flight is to be sent again, oldest first. */
  release(): void {
    this.#moveCursor()
    this.#inFlight.clear()
    for (const segment of this.#files.list) segment.inFlight = 0
    this.#reader.rewind()
    this.#passed = this.#cursor.delivered
  }

  /** Writes what is not on disk and syncs it. Not ok when the disk refuses: the readings stay in memory, up to 4 MiB. */
  flush(): FlushResult {
    try {
      this.#makeRoom()
      this.#writePending()
      this.#moveCursor()
      this.#saveCursor()
      return { ok: true }
    } catch (error) {
      const code = systemCode(error)
      if (code === null) throw error
      this.#thinPending()
      return { ok: false, detail: `${this.#options.folder} cannot be written (${code})` }
    }
  }

  /** Flushes and closes the files. */
  close(): FlushResult {
    const result = this.flush()
    this.#files.seal()
    return result
  }

  #isWaiting(id: number): boolean {
    return id > this.#cursor.delivered && !this.#acknowledged.has(id) && !this.#inFlight.has(id)
  }

  /** At the end of a segment all its readings are in flight or acknowledged; what is missing was damaged since the start. */
  #settle(segment: Segment): void {
    const missing = segment.left - segment.inFlight
    if (missing <= 0) return
    this.#lose(missing)
    segment.left = segment.inFlight
    if (segment.left === 0) this.#remove(segment)
  }

  #remove(segment: Segment): void {
    this.#reader.leave(segment)
    this.#files.remove(segment)
    this.#acknowledged.remove(segment.firstId, segment.lastId)
  }

  #lose(count: number): void {
    this.#cursor = { ...this.#cursor, lost: this.#cursor.lost + count }
  }

  #writePending(): void {
    let portion: [number, Uint8Array][] = []
    let bytes = 0
    for (const [id, payload] of [...this.#pending]) {
      portion.push([id, payload])
      bytes += RECORD_HEAD_BYTES + payload.length
      if (bytes < this.#segmentBytes) continue
      this.#writePortion(portion)
      portion = []
      bytes = 0
    }
    this.#writePortion(portion)
  }

  #writePortion(portion: readonly [number, Uint8Array][]): void {
    try {
      this.#files.append(portion, this.#segmentBytes)
    } catch {
      // Once more in a new file: the old one may be the only thing that is wrong.
      this.#files.abandon()
      this.#reader.rewind()
      try {
        this.#files.append(portion, this.#segmentBytes)
      } catch (again) {
        this.#files.abandon()
        throw again
      }
    }
    const segment = this.#files.list.at(-1)
    for (const [id, payload] of portion) {
      this.#pending.delete(id)
      this.#pendingBytes -= payload.length
      if (segment !== undefined && this.#inFlight.has(id)) segment.inFlight += 1
    }
  }

  #makeRoom(): void {
    const coming = this.#pendingBytes + RECORD_HEAD_BYTES * this.#pending.size + SEGMENT_HEAD_BYTES
    while (this.#files.bytes + coming > this.#options.maxBytes) if (!this.#thinOldest()) return
  }

  /** Takes every second reading out of one segment, but none that is in flight. False when nothing could be taken. */
  #thinOldest(): boolean {
    for (const segment of thinningOrder(this.#files.list, this.#options.maxBytes)) {
      const before = this.#files.bytes
      let index = 0
      let lost = 0
      this.#files.rewrite(segment, (id) => {
        if (this.#inFlight.has(id)) return true
        if (!this.#isWaiting(id)) return false
        index += 1
        const keeps = index % 2 === 0
        if (!keeps) lost += 1
        return keeps
      })
      this.#reader.rewind()
      this.#lose(lost)
      if (this.#files.bytes < before) return true
    }
    return false
  }

  /** While the disk refuses, memory is bounded in the same way: the oldest half loses every second reading. */
  #thinPending(): void {
    while (this.#pendingBytes > MAX_PENDING_BYTES) {
      const ids = [...this.#pending.keys()].filter((id) => !this.#inFlight.has(id))
      const older = ids.slice(0, Math.ceil(ids.length / 2)).filter((_, index) => index % 2 === 0)
      if (older.length === 0) return
      for (const id of older) {
        this.#pendingBytes -= this.#pending.get(id)?.length ?? 0
        this.#pending.delete(id)
      }
      this.#lose(older.length)
    }
  }

  #moveCursor(): void {
    const delivered = Math.min(this.#passed, (this.#inFlight.least ?? Number.MAX_SAFE_INTEGER) - 1)
    if (delivered <= this.#cursor.delivered) return
    this.#cursor = { ...this.#cursor, delivered }
    this.#acknowledged.remove(0, delivered)
  }

  #cursorMoved(): boolean {
    const { delivered, lost } = this.#savedCursor
    return lost !== this.#cursor.lost || delivered !== this.#cursor.delivered
  }

  /** An empty folder needs no cursor: there is nothing that could go out twice. A loss is always written down. */
  #saveCursor(): void {
    if (!this.#cursorMoved()) return
    if (this.#files.list.length > 0 || this.#cursor.lost !== this.#savedCursor.lost) {
      writeCursor(this.#options.disk, this.#cursorPath, this.#cursor, this.#turn)
      this.#turn += 1
    }
    this.#savedCursor = this.#cursor
  }
}
