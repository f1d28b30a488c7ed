// Appends groups of records to the log's last segment and syncs them: what runs in the log's own thread. The segment is filled with zeros
// a step ahead of the records: to sync what was written over them takes half the time of a file that grows. After a failed sync
// that file is never synced again, since Linux marks its pages clean and a second call would succeed without the data
// (Rebello et al., USENIX ATC 2020); the segment is sealed and a new one opened. No place of the log is ever given twice.

import { comparePositions, type LogPosition } from '../../contract/log.ts'
import { systemCode } from '../../runtime/files.ts'
import { voidRecords } from '../../runtime/log/record.ts'
import { SEGMENT_BYTES, SEGMENT_HEADER_BYTES, segmentHeader } from '../../runtime/log/segment.ts'
import { findSegmentEnd, type SegmentEnd } from '../../runtime/log/segment-end.ts'
import { BOUND_BYTES, BOUND_SHARE, LogRefusal, RESERVE_BYTES, refusalOf } from './log-refusal.ts'

/** The disk, as the log uses it: passed in, so that a test can own its faults. All calls are synchronous and throw. */
export interface LogDisk {
  /** Numbers of the segments that are there, rising. */
  list(): number[]
  size(segment: number): number
  /** Creates the segment durably, its folder's entry included; returns a descriptor. Throws when it is there. */
  create(segment: number): number
  /** Opens a segment to write to it. */
  open(segment: number): number
  truncate(file: number, bytes: number): void
  write(file: number, bytes: Uint8Array, at: number): void
  /** Fills the file with zeros from one offset up to another. */
  zero(file: number, from: number, to: number): void
  sync(file: number): void
  close(file: number): void
  remove(segment: number): void
  /** Time of the last change, ms since 1970. */
  changedAt(segment: number): number
  /** Bytes that are free for us, and bytes of the whole disk. */
  room(): { readonly free: number; readonly total: number }
}

export interface LogSize {
  readonly end: LogPosition
  readonly bytes: number
  readonly segments: number
}

export interface Opened {
  /** Bytes of a group that a crash tore, which were cut off or made void. */
  readonly cutBytes: number
  /** True when the log ends before `known`: part of it is gone. */
  readonly isBehind: boolean
}

/** How far ahead of the records a segment is filled with zeros. */
const STEP_BYTES = 1_048_576

export class SegmentWriter {
  readonly #disk: LogDisk
  readonly #segmentBytes: number
  /** Null when no segment can be written to: the next one is begun before the next group. */
  #file: number | null = null
  #offset = 0
  /** Up to there the segment is filled. */
  #filled = 0
  /** The last segment that was begun, or one that may not be begun again. */
  #segment = 0
  /** Everything before it is on disk. */
  #end: LogPosition = { segment: 1, offset: SEGMENT_HEADER_BYTES }
  /** Bytes of each segment that are in use, rising. */
  readonly #sizes = new Map<number, number>()
  #bytes = 0
  /** What the store has, as last heard. */
  #stored: LogPosition | null = null

  constructor(disk: LogDisk, segmentBytes = SEGMENT_BYTES) {
    this.#disk = disk
    this.#segmentBytes = segmentBytes
  }

  /**
   * Opens the log in `folder` (the disk's): what is there ends behind its last whole record, and writing goes on in a new segment, so that
   * no place is given twice even when some of the end went missing and nobody knows. `known`: an end that was synced once, null when there
   * is none. Throws `LogRefusal` when there is no room to begin a segment: `probe` tries again.
   */
  async open(folder: string, known: LogPosition | null): Promise<Opened> {
    for (const segment of this.#disk.list()) this.#setSize(segment, this.#disk.size(segment))
    const last = [...this.#sizes.keys()].at(-1) ?? 0
    const size = this.#sizes.get(last) ?? 0
    this.#segment = last
    const found = size === 0 ? null : await findSegmentEnd(folder, last)
    const end = found?.end ?? null
    if (end === null && last > 0 && size <= SEGMENT_HEADER_BYTES) {
      // Its begin was cut off before anybody was told of it, so it is begun again.
      this.#forget(last)
      this.#segment = last - 1
    }
    const isBehind = known !== null && comparePositions({ segment: last, offset: end ?? size }, known) < 0
    const cutBytes = found === null || end === null ? 0 : this.#settle(last, size, end, found)
    if (isBehind) this.#segment = Math.max(this.#segment, known.segment)
    this.#beginOrRefuse()
    return { cutBytes, isBehind }
  }

  size(): LogSize {
    return { end: this.#end, bytes: this.#bytes, segments: this.#sizes.size }
  }

  /** Appends and syncs a group. Throws `LogRefusal`: then none of it may be acknowledged. */
  commit(group: Uint8Array): void {
    const isWithin = this.#file !== null && this.#offset + group.length <= this.#filled
    // What is filled needs no more room.
    if (!isWithin) this.#checkRoom(group.length)
    if (this.#file === null || this.#offset + group.length > this.#segmentBytes) this.#roll()
    const file = this.#file
    if (file === null) throw new LogRefusal('disk_error', 'no segment is open')
    try {
      this.#disk.write(file, group, this.#offset)
    } catch (error) {
      this.#takeBack(file, error)
      throw refusalOf(error)
    }
    this.#fillAhead(file, this.#offset + group.length)
    try {
      this.#disk.sync(file)
    } catch (error) {
      this.#seal()
      throw refusalOf(error)
    }
    this.#moveTo(this.#offset + group.length)
  }

  /** Removes segments that lie wholly before `stored` and were last written before `changedBefore`; how many. */
  removeStored(stored: LogPosition, changedBefore: number): number {
    this.#stored = stored
    let removed = 0
    for (const segment of [...this.#sizes.keys()]) {
      if (segment >= stored.segment || segment >= this.#end.segment) break
      if (this.#disk.changedAt(segment) >= changedBefore) break
      this.#forget(segment)
      removed += 1
    }
    return removed
  }

  /** Whether groups can be written; throws `LogRefusal` as long as they cannot. */
  probe(): void {
    this.#checkRoom(0)
    if (this.#file === null) this.#beginOrRefuse()
  }

  close(): void {
    this.#finish()
  }

  #checkRoom(bytes: number): void {
    const refusal = this.#lackOfRoom(bytes)
    if (refusal === null) return
    // What the store has is kept for a day only while there is room for it.
    const isFreed = this.#stored !== null && this.removeStored(this.#stored, Number.POSITIVE_INFINITY) > 0
    const still = isFreed ? this.#lackOfRoom(bytes) : refusal
    if (still !== null) throw still
  }

  #lackOfRoom(bytes: number): LogRefusal | null {
    const { free, total } = this.#disk.room()
    if (free - bytes < RESERVE_BYTES) {
      const reserveMb = RESERVE_BYTES / 1_048_576
      return new LogRefusal('disk_full', `the disk has less than ${reserveMb} MiB free; make room`)
    }
    if (this.#bytes + bytes <= Math.min(BOUND_BYTES, BOUND_SHARE * total)) return null
    return new LogRefusal(
      'log_full',
      'the log has reached its bound, since the store does not take it; mend the store',
    )
  }

  /** Makes the end of what is there certain; how many bytes of a torn group were cut off or made void. */
  #settle(segment: number, size: number, end: number, { used, unwritten }: SegmentEnd): number {
    const file = this.#disk.open(segment)
    // A group that the power cut tore in its middle was not acknowledged; where nothing of it was written there is no damage.
    for (const { at, bytes, before } of unwritten) this.#disk.write(file, voidRecords(bytes, before), at)
    if (size > end) this.#disk.truncate(file, end)
    // What a killed process wrote may not be on disk yet, though it is read and told from now on.
    this.#disk.sync(file)
    this.#letGo(file)
    this.#moveTo(end)
    return used - end + unwritten.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  #roll(): void {
    this.#finish()
    this.#beginOrRefuse()
  }

  /** Ends the segment behind its last record. */
  #finish(): void {
    const file = this.#file
    this.#file = null
    if (file === null) return
    try {
      this.#disk.truncate(file, this.#offset)
      this.#disk.sync(file)
    } catch (error) {
      // All of it that is a record is synced; the zeros behind are told as damage.
      if (systemCode(error) === null) throw error
    }
    this.#letGo(file)
  }

  /** Fills the segment ahead of `end` when there is nothing left that is filled. */
  #fillAhead(file: number, end: number): void {
    if (end <= this.#filled) return
    const to = Math.min(end + STEP_BYTES, this.#segmentBytes)
    this.#filled = Math.max(end, to)
    try {
      if (to > end) this.#disk.zero(file, end, to)
    } catch (error) {
      // A disk that has no room ahead may have had it for the group.
      if (systemCode(error) === null) throw error
      this.#filled = end
    }
  }

  #beginOrRefuse(): void {
    const segment = this.#segment + 1
    let file: number | null = null
    try {
      file = this.#disk.create(segment)
      this.#disk.write(file, segmentHeader(segment), 0)
      this.#disk.sync(file)
    } catch (error) {
      // A name that cannot be had back is not tried again.
      if (!this.#giveUp(file, segment)) this.#segment = segment
      throw refusalOf(error)
    }
    this.#file = file
    this.#segment = segment
    this.#filled = 0
    this.#moveTo(SEGMENT_HEADER_BYTES)
    // Behind the sync, so that a header that is on disk comes before any zeros.
    this.#fillAhead(file, SEGMENT_HEADER_BYTES)
  }

  /** Removes a segment whose begin failed; whether that was possible. */
  #giveUp(file: number | null, segment: number): boolean {
    try {
      if (file !== null) this.#disk.close(file)
      this.#disk.remove(segment)
    } catch (error) {
      return systemCode(error) === 'ENOENT'
    }
    return true
  }

  /** After a write that failed: a full disk leaves the segment as it was, for anything else it is given up. */
  #takeBack(file: number, error: unknown): void {
    if (refusalOf(error).reason === 'disk_full') {
      try {
        this.#disk.truncate(file, this.#offset)
        this.#filled = this.#offset
        return
      } catch {
        // Then the segment ends in half a group, which is what sealing is for.
      }
    }
    this.#seal()
  }

  /** Gives the segment up, cut behind what was acknowledged where the disk still does so. It is never synced again. */
  #seal(): void {
    const file = this.#file
    this.#file = null
    if (file === null) return
    try {
      this.#disk.truncate(file, this.#offset)
    } catch {
      // The reader then finds records that were not acknowledged, whole or torn: sent again, they count once.
    }
    this.#letGo(file)
  }

  #letGo(file: number): void {
    try {
      this.#disk.close(file)
    } catch {
      // All that was acknowledged of it is synced; of the rest nothing is promised.
    }
  }

  #moveTo(offset: number): void {
    this.#offset = offset
    this.#end = { segment: this.#segment, offset }
    this.#setSize(this.#segment, offset)
  }

  #setSize(segment: number, bytes: number): void {
    this.#bytes += bytes - (this.#sizes.get(segment) ?? 0)
    this.#sizes.set(segment, bytes)
  }

  #forget(segment: number): void {
    this.#disk.remove(segment)
    this.#setSize(segment, 0)
    this.#sizes.delete(segment)
  }
}
