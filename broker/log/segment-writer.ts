// Appends groups of records to the log's last segment and syncs them: what runs in the log's own thread. After a failed sync
// that file is never synced again, since Linux marks its pages clean and a second call would succeed without the data
// (Rebello et al., USENIX ATC 2020); the segment is sealed and a new one opened.

import type { LogPosition } from '../../contract/log.ts'
import { comparePositions } from '../../contract/log.ts'
import { openLogReader } from '../../runtime/log/reader.ts'
import { SEGMENT_BYTES, SEGMENT_HEADER_BYTES, segmentHeader } from '../../runtime/log/segment.ts'

/** The disk, as the log uses it: passed in, so that a test can own its faults. All calls are synchronous and throw. */
export interface LogDisk {
  /** Numbers of the segments that are there, rising. */
  list(): number[]
  size(segment: number): number
  /** Creates the segment durably, its folder's entry included; returns a descriptor. */
  create(segment: number): number
  /** Opens a segment to append to it. */
  open(segment: number): number
  truncate(file: number, bytes: number): void
  write(file: number, bytes: Uint8Array): void
  sync(file: number): void
  close(file: number): void
  remove(segment: number): void
  /** Time of the last change, ms since 1970. */
  changedAt(segment: number): number
  /** Bytes that are free for us. */
  freeBytes(): number
  totalBytes(): number
}

export interface LogSize {
  readonly end: LogPosition
  readonly bytes: number
  readonly segments: number
}

/** Below this nothing more is acknowledged, so that the store and the registry still have room. */
export const RESERVE_BYTES = 256 * 1024 * 1024
const BOUND_BYTES = 10 * 1024 * 1024 * 1024
const BOUND_SHARE = 0.8

/** Why the log takes nothing: counted under `reason`. */
export class LogRefusal extends Error {
  readonly reason: 'disk_full' | 'log_full' | 'disk_error'

  constructor(reason: LogRefusal['reason'], message: string, options?: { cause: unknown }) {
    super(message, options)
    this.name = 'LogRefusal'
    this.reason = reason
  }
}

export class SegmentWriter {
  readonly #disk: LogDisk
  readonly #segmentBytes: number
  #file: number | null = null
  #segment = 0
  #offset = 0
  /** Bytes of the segments before the last. */
  #bytesBefore = 0
  #segments: number[] = []

  constructor(disk: LogDisk, segmentBytes = SEGMENT_BYTES) {
    this.#disk = disk
    this.#segmentBytes = segmentBytes
  }

  /** Opens the log in `folder` (the disk's) and cuts a torn tail; says how many bytes were cut. */
  async open(folder: string): Promise<{ cutBytes: number }> {
    this.#segments = this.#disk.list()
    const last = this.#segments.at(-1)
    if (last === undefined) {
      this.#begin(1)
      return { cutBytes: 0 }
    }
    const size = this.#disk.size(last)
    const end = await lastRecordEnd(folder, last, size)
    this.#bytesBefore = this.#segments
      .slice(0, -1)
      .reduce((sum, segment) => sum + this.#disk.size(segment), 0)
    if (end === null) {
      // Not even a whole header: nothing of it was ever acknowledged.
      this.#bytesBefore += size
      this.#begin(last + 1)
      return { cutBytes: size }
    }
    this.#file = this.#disk.open(last)
    this.#segment = last
    if (end < size) {
      this.#disk.truncate(this.#file, end)
      this.#disk.sync(this.#file)
    }
    this.#offset = end
    return { cutBytes: size - end }
  }

  size(): LogSize {
    return {
      end: { segment: this.#segment, offset: this.#offset },
      bytes: this.#bytesBefore + this.#offset,
      segments: this.#segments.length,
    }
  }

  /** Appends and syncs a group. Throws `LogRefusal`: then none of it may be acknowledged. */
  commit(group: Uint8Array): void {
    this.#checkRoom(group.length)
    try {
      if (this.#file === null || this.#offset + group.length > this.#segmentBytes) this.#roll()
      const file = this.#file
      if (file === null) throw new Error('no segment is open')
      this.#disk.write(file, group)
      this.#disk.sync(file)
      this.#offset += group.length
    } catch (error) {
      this.#seal()
      throw refusalOf(error)
    }
  }

  /** Removes segments that lie wholly before `stored` and were last written before `changedBefore`. */
  removeStored(stored: LogPosition, changedBefore: number): number {
    let removed = 0
    for (const segment of [...this.#segments]) {
      if (segment >= stored.segment || segment === this.#segment) break
      if (this.#disk.changedAt(segment) >= changedBefore) break
      this.#bytesBefore -= this.#disk.size(segment)
      this.#disk.remove(segment)
      this.#segments = this.#segments.filter((other) => other !== segment)
      removed += 1
    }
    return removed
  }

  /** Whether there is room again; throws `LogRefusal` as long as there is not. */
  probe(): void {
    this.#checkRoom(0)
    try {
      if (this.#file === null) this.#roll()
    } catch (error) {
      throw refusalOf(error)
    }
  }

  close(): void {
    if (this.#file !== null) this.#disk.close(this.#file)
    this.#file = null
  }

  #checkRoom(bytes: number): void {
    if (this.#disk.freeBytes() - bytes < RESERVE_BYTES) {
      throw new LogRefusal(
        'disk_full',
        `the disk has less than ${RESERVE_BYTES / 1_048_576} MiB free; make room`,
      )
    }
    const bound = Math.min(BOUND_BYTES, BOUND_SHARE * this.#disk.totalBytes())
    if (this.size().bytes + bytes > bound) {
      throw new LogRefusal(
        'log_full',
        'the log has reached its bound, since the store does not take it; mend the store',
      )
    }
  }

  #roll(): void {
    if (this.#file !== null) this.#disk.close(this.#file)
    this.#file = null
    if (this.#segment > 0) this.#bytesBefore += this.#offset
    this.#offset = 0
    this.#begin(this.#segment + 1)
  }

  #begin(segment: number): void {
    const file = this.#disk.create(segment)
    this.#segment = segment
    this.#segments.push(segment)
    this.#disk.write(file, segmentHeader(segment))
    this.#disk.sync(file)
    this.#file = file
    this.#offset = SEGMENT_HEADER_BYTES
  }

  /** Gives the segment up as it is: what was acknowledged of it stays, what was not is cut by no one but counted by the reader. */
  #seal(): void {
    const file = this.#file
    this.#file = null
    if (file === null) return
    this.#disk.close(file)
  }
}

function refusalOf(error: unknown): LogRefusal {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'EIO'
  if (error instanceof LogRefusal) return error
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new LogRefusal('disk_full', 'the disk is full; make room', { cause: error })
  }
  return new LogRefusal('disk_error', `the log cannot be written (${code}); look at the disk`, {
    cause: error,
  })
}

/** Offset behind the last whole record of a segment; null when it has not even a header. */
async function lastRecordEnd(folder: string, segment: number, size: number): Promise<number | null> {
  if (size < SEGMENT_HEADER_BYTES) return null
  const reader = openLogReader(folder, { segment, offset: SEGMENT_HEADER_BYTES })
  const end = { segment, offset: size }
  let last = SEGMENT_HEADER_BYTES
  for (;;) {
    const items = await reader.read(end)
    if (items.length === 0) break
    for (const item of items) {
      // Damage at the very end is a torn tail; damage before a record is left for the reader to report.
      if (item.type === 'record' && item.next.segment === segment) last = item.next.offset
    }
    if (comparePositions(reader.position(), end) >= 0) break
  }
  await reader.close()
  return last
}
