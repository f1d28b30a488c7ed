// Appends groups of records to the log's last segment and syncs them: what runs in the log's own thread. After a failed sync
// that file is never synced again, since Linux marks its pages clean and a second call would succeed without the data
// (Rebello et al., USENIX ATC 2020); the segment is sealed and a new one opened. No place of the log is ever given twice.

import { comparePositions, type LogPosition } from '../../contract/log.ts'
import { systemCode } from '../../runtime/files.ts'
import { openLogReader } from '../../runtime/log/reader.ts'
import { SEGMENT_BYTES, SEGMENT_HEADER_BYTES, segmentHeader } from '../../runtime/log/segment.ts'
import { BOUND_BYTES, BOUND_SHARE, LogRefusal, RESERVE_BYTES, refusalOf } from './log-refusal.ts'

/** The disk, as the log uses it: passed in, so that a test can own its faults. All calls are synchronous and throw. */
export interface LogDisk {
  /** Numbers of the segments that are there, rising. */
  list(): number[]
  size(segment: number): number
  /** Creates the segment durably, its folder's entry included; returns a descriptor. Throws when it is there. */
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
  /** Bytes that are free for us, and bytes of the whole disk. */
  room(): { readonly free: number; readonly total: number }
}

export interface LogSize {
  readonly end: LogPosition
  readonly bytes: number
  readonly segments: number
}

export interface Opened {
  /** Bytes of a torn tail that were cut. */
  readonly cutBytes: number
  /** True when the log ends before `known`: part of it is gone. */
  readonly isBehind: boolean
}

export class SegmentWriter {
  readonly #disk: LogDisk
  readonly #segmentBytes: number
  /** Null when no segment can be written to: the next one is begun before the next group. */
  #file: number | null = null
  #offset = 0
  /** The last segment that was begun, or one that may not be begun again. */
  #segment = 0
  /** Everything before it is on disk. */
  #end: LogPosition = { segment: 1, offset: SEGMENT_HEADER_BYTES }
  /** Bytes of each segment, rising. */
  readonly #sizes = new Map<number, number>()
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
    for (const segment of this.#disk.list()) this.#sizes.set(segment, this.#disk.size(segment))
    const last = [...this.#sizes.keys()].at(-1) ?? 0
    const size = this.#sizes.get(last) ?? 0
    this.#segment = last
    let end: number | null = null
    if (size >= SEGMENT_HEADER_BYTES) end = await lastRecordEnd(folder, last, size)
    else if (last > 0) {
      // Its begin was cut off before anybody was told of it, so it is begun again.
      this.#forget(last)
      this.#segment = last - 1
    }
    const cutBytes = end === null ? 0 : size - end
    const isBehind = known !== null && comparePositions({ segment: last, offset: end ?? size }, known) < 0
    if (end !== null) this.#settle(last, end, cutBytes)
    if (isBehind) this.#segment = Math.max(this.#segment, known.segment)
    this.#beginOrRefuse()
    return { cutBytes, isBehind }
  }

  size(): LogSize {
    let bytes = 0
    for (const size of this.#sizes.values()) bytes += size
    return { end: this.#end, bytes, segments: this.#sizes.size }
  }

  /** Appends and syncs a group. Throws `LogRefusal`: then none of it may be acknowledged. */
  commit(group: Uint8Array): void {
    this.#checkRoom(group.length)
    if (this.#file === null || this.#offset + group.length > this.#segmentBytes) this.#roll()
    const file = this.#file
    if (file === null) throw new LogRefusal('disk_error', 'no segment is open')
    try {
      this.#disk.write(file, group)
    } catch (error) {
      this.#takeBack(file, error)
      throw refusalOf(error)
    }
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
    if (this.#file !== null) this.#letGo(this.#file)
    this.#file = null
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
    if (this.size().bytes + bytes <= Math.min(BOUND_BYTES, BOUND_SHARE * total)) return null
    return new LogRefusal(
      'log_full',
      'the log has reached its bound, since the store does not take it; mend the store',
    )
  }

  /** Makes the end of what is there certain. */
  #settle(segment: number, end: number, cutBytes: number): void {
    const file = this.#disk.open(segment)
    if (cutBytes > 0) this.#disk.truncate(file, end)
    // What a killed process wrote may not be on disk yet, though it is read and told from now on.
    this.#disk.sync(file)
    this.#letGo(file)
    this.#moveTo(end)
  }

  #roll(): void {
    const file = this.#file
    this.#file = null
    if (file !== null) this.#letGo(file)
    this.#beginOrRefuse()
  }

  #beginOrRefuse(): void {
    const segment = this.#segment + 1
    let file: number | null = null
    try {
      file = this.#disk.create(segment)
      this.#disk.write(file, segmentHeader(segment))
      this.#disk.sync(file)
    } catch (error) {
      // A name that cannot be had back is not tried again.
      if (!this.#giveUp(file, segment)) this.#segment = segment
      throw refusalOf(error)
    }
    this.#file = file
    this.#segment = segment
    this.#moveTo(SEGMENT_HEADER_BYTES)
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
    this.#sizes.set(this.#segment, offset)
  }

  #forget(segment: number): void {
    this.#disk.remove(segment)
    this.#sizes.delete(segment)
  }
}

/**
 * Offset behind the last whole record of a segment, or behind its header; null when the header is damaged. Damage before a record is
 * left to the reader to report.
 */
async function lastRecordEnd(folder: string, segment: number, size: number): Promise<number | null> {
  const reader = openLogReader(folder, { segment, offset: SEGMENT_HEADER_BYTES })
  // A byte more, so that the header of a segment without records is looked at too.
  const end = { segment, offset: size + 1 }
  let last: number | null = SEGMENT_HEADER_BYTES
  try {
    for (let items = await reader.read(end); items.length > 0; items = await reader.read(end)) {
      for (const item of items) {
        if (item.type === 'record') last = last === null ? null : item.next.offset
        else if (item.at.offset === 0) last = null
      }
    }
  } finally {
    await reader.close()
  }
  return last
}
