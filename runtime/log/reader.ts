// Reads records from a position up to an end that the writer has synced, never beyond. Before that end all bytes are records: what
// is not is damage, reported with its place and size, and reading goes on at the next record whose checksum holds.

import { type FileHandle, open } from 'node:fs/promises'
import { PantauError } from '../../contract/errors.ts'
import { comparePositions, type LogPosition, type LogRecord } from '../../contract/log.ts'
import { isMissing } from '../files.ts'
import { decodeRecord, HEADER_BYTES, MAX_BODY_BYTES } from './record.ts'
import { headerFault, listSegments, SEGMENT_HEADER_BYTES, segmentPath } from './segment.ts'

export type LogItem =
  /** `bytes`: of the record, which ends at `next`. */
  | {
      readonly type: 'record'
      readonly record: LogRecord
      readonly bytes: number
      readonly next: LogPosition
    }
  /** Bytes that hold no record; reading goes on at `next`. */
  | {
      readonly type: 'damaged'
      readonly at: LogPosition
      readonly bytes: number
      readonly detail: string
      readonly next: LogPosition
    }

const CHUNK_BYTES = 1024 * 1024

export interface LogReader {
  /**
   * Items from the position on that lie before `end`, at most about a megabyte of them; empty when there is none.
   * Payloads are views of a buffer that later calls leave alone. Throws `log_damaged` for a segment of a newer format.
   */
  read(end: LogPosition): Promise<readonly LogItem[]>
  position(): LogPosition
  close(): Promise<void>
}

/** The first place of a log: behind the header of its first segment. */
export function logStart(folder: string): LogPosition {
  return startOf(listSegments(folder)[0] ?? 1)
}

function startOf(segment: number): LogPosition {
  return { segment, offset: SEGMENT_HEADER_BYTES }
}

export function openLogReader(folder: string, from: LogPosition): LogReader {
  let position = from.offset < SEGMENT_HEADER_BYTES ? startOf(from.segment) : from
  let file: FileHandle | null = null

  async function leaveSegment(next: LogPosition): Promise<void> {
    await file?.close()
    file = null
    position = next
  }

  /** Opens the position's segment; null, or what is wrong with it. */
  async function openSegment(end: LogPosition): Promise<LogItem | null> {
    const { segment } = position
    try {
      file = await open(segmentPath(folder, segment), 'r')
    } catch (error) {
      if (!isMissing(error)) throw error
      const fault = missingSegments(folder, position, end)
      position = fault.next
      return fault
    }
    const header = Buffer.alloc(SEGMENT_HEADER_BYTES)
    const { bytesRead } = await file.read(header, 0, SEGMENT_HEADER_BYTES, 0)
    const fault = headerFault(header.subarray(0, bytesRead), segment)
    if (fault?.kind === 'newer') {
      throw new PantauError(
        'log_damaged',
        `${segmentPath(folder, segment)} ${fault.detail}; start the newer Pantau that wrote it`,
      )
    }
    // Told once, by who comes from the segment's begin.
    if (fault === null || position.offset > SEGMENT_HEADER_BYTES) return null
    return {
      type: 'damaged',
      at: { segment, offset: 0 },
      bytes: bytesRead,
      detail: `segment ${segment} ${fault.detail}`,
      next: position,
    }
  }

  return {
    position: () => position,
    async read(end) {
      while (comparePositions(position, end) < 0) {
        if (file === null) {
          const fault = await openSegment(end)
          if (fault !== null) return [fault]
          continue
        }
        const isLast = position.segment === end.segment
        const { items, next } = await readChunk(
          file,
          position,
          isLast ? end.offset : (await file.stat()).size,
        )
        const isFurther = next.offset > position.offset
        position = next
        if (items.length > 0) return items
        if (isFurther) continue
        if (isLast) return []
        await leaveSegment(startOf(position.segment + 1))
      }
      return []
    },
    async close() {
      await leaveSegment(position)
    },
  }
}

/** Reading goes on at the next segment that is there, or at the end. */
function missingSegments(folder: string, at: LogPosition, end: LogPosition): LogItem {
  const present = listSegments(folder).find((other) => other > at.segment && other <= end.segment)
  const last = present === undefined ? end.segment : present - 1
  const detail =
    last > at.segment ? `segments ${at.segment} to ${last} are missing` : `segment ${last} is missing`
  return { type: 'damaged', at, bytes: 0, detail, next: present === undefined ? end : startOf(present) }
}

/** What stands in a part of a segment, and where reading goes on. */
interface Chunk {
  readonly items: LogItem[]
  readonly next: LogPosition
}

/** Items of one segment from `at` up to `limit`. No further than `at`: the segment holds no more before it. */
async function readChunk(file: FileHandle, at: LogPosition, limit: number): Promise<Chunk> {
  let wanted = CHUNK_BYTES
  for (;;) {
    const length = Math.min(wanted, limit - at.offset)
    if (length <= 0) return { items: [], next: at }
    const bytes = Buffer.allocUnsafe(length)
    const { bytesRead } = await file.read(bytes, 0, length, at.offset)
    if (bytesRead === 0) return { items: [cutShort(at, limit)], next: { ...at, offset: limit } }
    const isEnd = at.offset + bytesRead >= limit || bytesRead < length
    const chunk = decodeAll(bytes.subarray(0, bytesRead), at, isEnd)
    // A record larger than the chunk needs a larger one.
    if (chunk.next.offset > at.offset || isEnd) return chunk
    wanted = Math.max(2 * wanted, HEADER_BYTES + MAX_BODY_BYTES)
  }
}

/** The file ends before what was synced of it. */
function cutShort(at: LogPosition, limit: number): LogItem {
  const bytes = limit - at.offset
  return { type: 'damaged', at, bytes, detail: `${bytes} bytes are missing`, next: { ...at, offset: limit } }
}

/** Decodes from the buffer's begin. `isEnd`: nothing follows the buffer, so what is cut short is damage. */
function decodeAll(bytes: Buffer, start: LogPosition, isEnd: boolean): Chunk {
  const items: LogItem[] = []
  const placeOf = (at: number): LogPosition => ({ segment: start.segment, offset: start.offset + at })
  let at = 0
  while (at < bytes.length) {
    const decoded = decodeRecord(bytes, at)
    if (decoded.kind === 'void') {
      at += decoded.bytes
      continue
    }
    if (decoded.kind === 'record') {
      at += decoded.bytes
      items.push({ type: 'record', record: decoded.record, bytes: decoded.bytes, next: placeOf(at) })
      continue
    }
    if (decoded.kind === 'short' && !isEnd) break
    const until = nextBegin(bytes, at + 1, isEnd)
    items.push({
      type: 'damaged',
      at: placeOf(at),
      bytes: until - at,
      detail: `no record for ${until - at} bytes`,
      next: placeOf(until),
    })
    at = until
  }
  return { items, next: placeOf(at) }
}

/** Where the next record begins, or, when more bytes follow, may begin; the buffer's end when none does. */
function nextBegin(bytes: Buffer, from: number, isEnd: boolean): number {
  for (let at = from; at < bytes.length; at += 1) {
    const { kind } = decodeRecord(bytes, at)
    if (kind === 'record' || kind === 'void' || (kind === 'short' && !isEnd)) return at
  }
  return bytes.length
}
