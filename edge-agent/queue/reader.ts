// Walks the queue's readings from the oldest to the newest, segment by segment, also while the newest is being appended to,
// through a window that is small however long the queue is.

import { MAX_RECORD_BYTES, nextRecord, type QueueRecord, RECORD_HEAD_BYTES } from './record.ts'
import { SEGMENT_HEAD_BYTES } from './segment.ts'
import type { Segment, SegmentFiles } from './segment-files.ts'

/** Two of the longest records: one that begins in the first half is whole in it. */
const WINDOW_BYTES = 2 * MAX_RECORD_BYTES

interface Place {
  readonly segment: Segment
  /** Bytes of the file from `base`, a part of the window. */
  bytes: Buffer
  base: number
  /** In `bytes`, of the next record to look at. */
  offset: number
}

export class QueueReader {
  readonly #files: SegmentFiles
  /** Told of each segment that is read to its end and appended to no more. */
  readonly #onRead: (segment: Segment) => void
  #window: Buffer | null = null
  #place: Place | null = null

  constructor(files: SegmentFiles, onRead: (segment: Segment) => void) {
    this.#files = files
    this.#onRead = onRead
  }

  /** The next whole record, not yet passed, and its segment; null at the end. Damage is skipped. */
  peek(): { readonly record: QueueRecord; readonly segment: Segment } | null {
    for (;;) {
      this.#place ??= this.#beginOf(this.#files.list[0])
      const place = this.#place
      if (place === null) return null
      const record = nextRecord(place.bytes, place.offset)
      if (record !== null) {
        place.offset = record.start
        return { record, segment: place.segment }
      }
      if (this.#slide(place)) continue
      const following = this.#files.list[this.#files.list.indexOf(place.segment) + 1]
      if (following === undefined) return null
      this.#place = this.#beginOf(following)
      this.#onRead(place.segment)
    }
  }

  /** Copies the payload of the record that `peek` gave. */
  copyPayload(record: QueueRecord, target: Buffer, at: number): void {
    this.#place?.bytes.copy(target, at, record.start + RECORD_HEAD_BYTES, record.end)
  }

  /** Passes the record that `peek` gave. */
  pass(record: QueueRecord): void {
    if (this.#place !== null) this.#place.offset = record.end
  }

  /** Starts again at the oldest segment, whose readings are looked at anew, and lets the window go. */
  rewind(): void {
    this.#place = null
    this.#window = null
  }

  /** Starts again when the reader stands in this segment, which is about to go. */
  leave(segment: Segment): void {
    if (this.#place?.segment === segment) this.#place = null
  }

  #beginOf(segment: Segment | undefined): Place | null {
    if (segment === undefined) return null
    return { segment, bytes: this.#read(segment, SEGMENT_HEAD_BYTES), base: SEGMENT_HEAD_BYTES, offset: 0 }
  }

  /** Moves the window on to where no record was found yet; false at the end of what the segment holds. */
  #slide(place: Place): boolean {
    const end = place.base + place.bytes.length
    if (place.segment.bytes <= end) return false
    // A record that the end of the window cut begins in its last part; all before it is damage.
    const next = Math.max(place.base + place.offset, end - MAX_RECORD_BYTES + 1)
    place.base = next
    place.bytes = this.#read(place.segment, next)
    place.offset = 0
    return place.base + place.bytes.length > end
  }

  #read(segment: Segment, from: number): Buffer {
    this.#window ??= Buffer.allocUnsafe(WINDOW_BYTES)
    return this.#files.read(segment, from, this.#window)
  }
}
