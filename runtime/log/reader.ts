// Reads records from a position up to an end that the writer has synced. A damaged middle is reported with its place and size,
// and reading goes on at the next record whose checksum holds; a torn tail is the end.

import { type FileHandle, open } from 'node:fs/promises'
import { comparePositions, type LogPosition, type LogRecord } from '../../contract/log.ts'
import { isMissing } from '../files.ts'
import { decodeRecord, HEADER_BYTES, MAX_BODY_BYTES } from './record.ts'
import { headerFault, listSegments, SEGMENT_HEADER_BYTES, segmentPath } from './segment.ts'

export type LogItem =
  | { readonly type: 'record'; readonly record: LogRecord; readonly next: LogPosition }
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
   * Payloads are views of a buffer that later calls leave alone.
   */
  read(end: LogPosition): Promise<readonly LogItem[]>
  position(): LogPosition
  close(): Promise<void>
}

/** The first place of a log: behind the header of its first segment. */
export function logStart(folder: string): LogPosition {
  return { segment: listSegments(folder)[0] ?? 1, offset: SEGMENT_HEADER_BYTES }
}

export function openLogReader(folder: string, from: LogPosition): LogReader {
  let position = from.offset < SEGMENT_HEADER_BYTES ? { ...from, offset: SEGMENT_HEADER_BYTES } : from
  let file: FileHandle | null = null

  async function openSegment(): Promise<FileHandle | null> {
    try {
      return await open(segmentPath(folder, position.segment), 'r')
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  }

  async function nextSegment(): Promise<void> {
    await file?.close()
    file = null
    position = { segment: position.segment + 1, offset: SEGMENT_HEADER_BYTES }
  }

  /** Skips what cannot be read as a segment at all; null when it can. */
  async function segmentFault(handle: FileHandle): Promise<LogItem | null> {
    if (position.offset !== SEGMENT_HEADER_BYTES) return null
    const header = Buffer.alloc(SEGMENT_HEADER_BYTES)
    const { bytesRead } = await handle.read(header, 0, SEGMENT_HEADER_BYTES, 0)
    const fault = headerFault(header.subarray(0, bytesRead), position.segment)
    if (fault === null) return null
    const at = position
    const { size } = await handle.stat()
    await nextSegment()
    return { type: 'damaged', at, bytes: size, detail: `segment ${at.segment} ${fault}`, next: position }
  }

  return {
    position: () => position,
    async read(end) {
      while (comparePositions(position, end) < 0) {
        file ??= await openSegment()
        if (file === null) {
          const at = position
          await nextSegment()
          return [
            { type: 'damaged', at, bytes: 0, detail: `segment ${at.segment} is missing`, next: position },
          ]
        }
        const fault = await segmentFault(file)
        if (fault !== null) return [fault]
        const items = await readChunk(file, position, position.segment === end.segment ? end.offset : null)
        const last = items.at(-1)
        if (last !== undefined) {
          position = last.next
          return items
        }
        if (position.segment >= end.segment) return []
        await nextSegment()
      }
      return []
    },
    async close() {
      await file?.close()
      file = null
    },
  }
}

/** Items of one segment from `at` up to `limit` (null: the file's end). Empty: the segment holds no more. */
async function readChunk(file: FileHandle, at: LogPosition, limit: number | null): Promise<LogItem[]> {
  const size = limit ?? (await file.stat()).size
  let wanted = CHUNK_BYTES
  for (;;) {
    const length = Math.min(wanted, size - at.offset)
    if (length <= 0) return []
    const bytes = Buffer.allocUnsafe(length)
    const { bytesRead } = await file.read(bytes, 0, length, at.offset)
    const items = decodeAll(bytes.subarray(0, bytesRead), at, at.offset + bytesRead >= size)
    // A record larger than the chunk needs a larger one.
    if (items.length > 0 || at.offset + bytesRead >= size || bytesRead < length) return items
    wanted = Math.max(2 * wanted, HEADER_BYTES + MAX_BODY_BYTES)
  }
}

/** Decodes from the buffer's begin. `isEnd`: nothing follows the buffer, so what is short is torn or damaged. */
function decodeAll(bytes: Buffer, start: LogPosition, isEnd: boolean): LogItem[] {
  const items: LogItem[] = []
  const placeOf = (at: number): LogPosition => ({ segment: start.segment, offset: start.offset + at })
  for (let at = 0; at < bytes.length; ) {
    const decoded = decodeRecord(bytes, at)
    if (decoded.kind === 'record') {
      at += decoded.bytes
      items.push({ type: 'record', record: decoded.record, next: placeOf(at) })
      continue
    }
    if (decoded.kind === 'short' && !isEnd) break
    const next = findRecord(bytes, at + 1)
    // A tail without a whole record in it is torn when it was cut short, and damage when it was not.
    if (next === null && !isEnd) {
      if (bytes.length - at <= HEADER_BYTES + MAX_BODY_BYTES) break
    }
    if (next === null && decoded.kind === 'short') break
    const until = next ?? bytes.length
    items.push({
      type: 'damaged',
      at: placeOf(at),
      bytes: until - at,
      detail: `no record for ${until - at} bytes`,
      next: placeOf(until),
    })
    at = until
  }
  return items
}

/** Where the next whole record begins; null when none does. */
function findRecord(bytes: Buffer, from: number): number | null {
  for (let at = from; at + HEADER_BYTES <= bytes.length; at += 1) {
    if (decodeRecord(bytes, at).kind === 'record') return at
  }
  return null
}
