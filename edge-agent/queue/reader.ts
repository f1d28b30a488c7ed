// Walks the queue's readings from the oldest to the newest, segment by segment, also while the newest is being appended to.

import { nextRecord, type QueueRecord } from './record.ts'
import { SEGMENT_HEAD_BYTES } from './segment.ts'
import type { Segment, SegmentFiles } from './segment-files.ts'

interface Place {
  readonly segment: Segment
  /** Bytes of the file from `base`. */
  buffer: Buffer
  base: number
  /** In `buffer`, of the next record to look at. */
  offset: number
}

export class QueueReader {
  readonly #files: SegmentFiles
  /** Told of each segment that is read to its end and appended to no more. */
  readonly #onRead: (segment: Segment) => void
  #place: Place | null = null

  constructor(files: SegmentFiles, onRead: (segment: Segment) => void) {
    this.#files = files
    this.#onRead = onRead
  }

  /** The next whole record, not yet passed; null at the end. Damage is skipped. */
  peek(): QueueRecord | null {
    for (;;) {
      this.#place ??= this.#beginOf(this.#files.list[0])
      const place = this.#place
      if (place === null) return null
      const record = nextRecord(place.buffer, place.offset)
      if (record !== null) return record
      if (place.segment.bytes > place.base + place.buffer.length) {
        place.base += place.offset
        place.buffer = this.#files.read(place.segment, place.base)
        place.offset = 0
        if (nextRecord(place.buffer, 0) !== null) continue
      }
      const following = this.#files.list[this.#files.list.indexOf(place.segment) + 1]
      if (following === undefined) return null
      this.#place = this.#beginOf(following)
      this.#onRead(place.segment)
    }
  }

  /** Passes the record that `peek` gave. */
  pass(record: QueueRecord): void {
    if (this.#place !== null) this.#place.offset = record.end
  }

  /** Starts again at the oldest segment, whose readings are looked at anew. */
  rewind(): void {
    this.#place = null
  }

  /** Starts again when the reader stands in this segment, which is about to go. */
  leave(segment: Segment): void {
    if (this.#place?.segment === segment) this.#place = null
  }

  #beginOf(segment: Segment | undefined): Place | null {
    if (segment === undefined) return null
    const buffer = this.#files.read(segment, SEGMENT_HEAD_BYTES)
    return { segment, buffer, base: SEGMENT_HEAD_BYTES, offset: 0 }
  }
}
