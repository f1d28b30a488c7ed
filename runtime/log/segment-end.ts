// Where the records of a segment end. The writer fills the space ahead of them with zeros, so that writing into it changes no length and
// a sync has nothing but the records to bring to the disk; a segment that nobody closed still ends in such zeros.

import { type FileHandle, open } from 'node:fs/promises'
import type { TimeMs } from '../../contract/time.ts'
import { openLogReader } from './reader.ts'
import { SEGMENT_HEADER_BYTES, segmentPath } from './segment.ts'

export interface SegmentEnd {
  /** Offset behind the last whole record, or behind the header of a segment without any; null when its header is damaged. */
  readonly end: number | null
  /** Offset behind the last byte that is not zero, and not before `end`: what lies between them is a torn record. */
  readonly used: number
  /** Parts before `end` that were never written though what follows them was: a power cut in the middle of a group leaves them. */
  readonly unwritten: readonly Unwritten[]
}

export interface Unwritten {
  readonly at: number
  readonly bytes: number
  /** Arrival of the record behind it. */
  readonly before: TimeMs
}

/**
 * Reads the segment through. While it is being written, all before `end` was written by the time this resolves. Throws `log_damaged` for
 * one of a newer format.
 */
export async function findSegmentEnd(folder: string, segment: number): Promise<SegmentEnd> {
  const file = await open(segmentPath(folder, segment), 'r')
  try {
    const { size } = await file.stat()
    const { end, damaged } = await readThrough(folder, segment, size)
    const unwritten: Unwritten[] = []
    for (const range of damaged) if (await isUnwritten(file, range)) unwritten.push(range)
    return { end, used: await usedBytes(file, size, end ?? 0), unwritten }
  } finally {
    await file.close()
  }
}

interface ReadThrough {
  readonly end: number | null
  /** Damage that a record follows. */
  readonly damaged: readonly Unwritten[]
}

async function readThrough(folder: string, segment: number, size: number): Promise<ReadThrough> {
  const reader = openLogReader(folder, { segment, offset: SEGMENT_HEADER_BYTES })
  // A byte more, so that the header of a segment without records is looked at too.
  const limit = { segment, offset: Math.max(size, SEGMENT_HEADER_BYTES) + 1 }
  const damaged: Unwritten[] = []
  /** Damage since the last record. */
  let at = 0
  let bytes = 0
  let end: number | null = SEGMENT_HEADER_BYTES
  try {
    for (let items = await reader.read(limit); items.length > 0; items = await reader.read(limit)) {
      for (const item of items) {
        if (item.type === 'record') {
          if (bytes > 0) damaged.push({ at, bytes, before: item.record.arrival })
          bytes = 0
          end = end === null ? null : item.next.offset
        } else if (item.at.offset === 0) end = null
        else {
          if (bytes === 0) at = item.at.offset
          bytes += item.bytes
        }
      }
    }
  } finally {
    await reader.close()
  }
  return { end, damaged }
}

/** Disks write sectors whole or not at all. */
const SECTOR_BYTES = 512

/** Whether one of its sectors, up to where the next begins, is zeros as it was before a group was written over it. */
async function isUnwritten(file: FileHandle, { at, bytes }: Unwritten): Promise<boolean> {
  const { buffer } = await file.read(Buffer.alloc(bytes), 0, bytes, at)
  for (let from = 0; from < bytes; ) {
    const to = from + SECTOR_BYTES - ((at + from) % SECTOR_BYTES)
    if (to <= bytes && isZeros(buffer.subarray(from, to))) return true
    from = to
  }
  return false
}

const CHUNK_BYTES = 65_536

/** Offset behind the last byte from `from` on that is not zero; `from` when all are. */
async function usedBytes(file: FileHandle, size: number, from: number): Promise<number> {
  const chunk = Buffer.alloc(CHUNK_BYTES)
  for (let to = size; to > from; ) {
    const at = Math.max(from, to - CHUNK_BYTES)
    const { bytesRead } = await file.read(chunk, 0, to - at, at)
    const read = chunk.subarray(0, bytesRead)
    if (!isZeros(read)) return at + read.findLastIndex((byte) => byte !== 0) + 1
    to = at
  }
  return from
}

const isZeros = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0)
