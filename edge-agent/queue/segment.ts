// A queue is a row of segment files of up to 1 MiB, appended to and never changed in place. A segment's head holds its
// thinning level; the rest is records. Reading tells whole records from damage between them and from a torn tail.

import type * as fs from 'node:fs'
import { crc32c } from './crc32c.ts'
import { nextRecord, type QueueRecord } from './record.ts'

/** The calls the queue makes of the disk; `node:fs` itself, or one that fails on purpose. */
export type Disk = Pick<
  typeof fs,
  | 'openSync'
  | 'closeSync'
  | 'readSync'
  | 'writeSync'
  | 'fstatSync'
  | 'fdatasyncSync'
  | 'fsyncSync'
  | 'ftruncateSync'
  | 'renameSync'
  | 'unlinkSync'
  | 'readdirSync'
  | 'mkdirSync'
>

const MAGIC = Buffer.from('PEQ')
const VERSION = 1

/** Magic 3, version 1, level 4, reserved 4, CRC-32C of these 4. */
export const SEGMENT_HEAD_BYTES = 16

export interface SegmentContent {
  /** How often every second reading was taken out; 0 when the head is damaged. */
  readonly level: number
  readonly records: readonly QueueRecord[]
  /** Damaged stretches with a whole record after them: at least one reading lost each. */
  readonly damaged: number
  /** Offset after the last whole record: what follows is torn. */
  readonly end: number
}

export type SegmentReading =
  | ({ readonly ok: true } & SegmentContent)
  | { readonly ok: false; readonly version: number }

export function segmentHead(level: number): Buffer {
  const head = Buffer.alloc(SEGMENT_HEAD_BYTES)
  MAGIC.copy(head)
  head.writeUInt8(VERSION, 3)
  head.writeUInt32BE(level, 4)
  head.writeUInt32BE(crc32c(head.subarray(0, 12)), 12)
  return head
}

/**
 * What a segment's bytes hold. A damaged head costs only the level. Not ok, with the version, when the head is whole and of
 * another version: such a file is not ours to touch.
 */
export function readSegment(bytes: Buffer): SegmentReading {
  const head = readHead(bytes)
  if (head !== null && head.version !== VERSION) return { ok: false, version: head.version }
  const records: QueueRecord[] = []
  let damaged = 0
  let end = head === null ? 0 : SEGMENT_HEAD_BYTES
  for (let record = nextRecord(bytes, end); record !== null; record = nextRecord(bytes, end)) {
    // A damaged head is a damaged stretch too, yet no reading is lost with it.
    const isHead = head === null && end === 0 && record.start === SEGMENT_HEAD_BYTES
    if (record.start !== end && !isHead) damaged += 1
    records.push({ id: record.id, payload: record.payload, end: record.end })
    end = record.end
  }
  return { ok: true, level: head?.level ?? 0, records, damaged, end }
}

function readHead(bytes: Buffer): { version: number; level: number } | null {
  if (bytes.length < SEGMENT_HEAD_BYTES || MAGIC.compare(bytes, 0, 3) !== 0) return null
  if (bytes.readUInt32BE(12) !== crc32c(bytes.subarray(0, 12))) return null
  return { version: bytes.readUInt8(3), level: bytes.readUInt32BE(4) }
}

/** The bytes of the file from `from` to `to`, or to its end when that comes first. */
export function readFrom(disk: Disk, path: string, from: number, to = Number.MAX_SAFE_INTEGER): Buffer {
  const file = disk.openSync(path, 'r')
  try {
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(to, disk.fstatSync(file).size) - from))
    let read = 0
    while (read < bytes.length) {
      const count = disk.readSync(file, bytes, read, bytes.length - read, from + read)
      if (count === 0) break
      read += count
    }
    return bytes.subarray(0, read)
  } finally {
    disk.closeSync(file)
  }
}

/** Writes all of `bytes` at the file's position. */
export function writeAll(disk: Disk, file: number, bytes: Uint8Array): void {
  let written = 0
  while (written < bytes.length) written += disk.writeSync(file, bytes, written, bytes.length - written)
}

/** Makes creations, renames and removals in `folder` durable. */
export function syncDirectory(disk: Disk, folder: string): void {
  const handle = disk.openSync(folder, 'r')
  try {
    disk.fsyncSync(handle)
  } finally {
    disk.closeSync(handle)
  }
}

/** Replaces `path` by `content` so that after a crash there is the old file or the new one. */
export function replaceFile(disk: Disk, path: string, content: Uint8Array, folder: string): void {
  const beside = `${path}.new`
  const file = disk.openSync(beside, 'w', 0o600)
  try {
    writeAll(disk, file, content)
    disk.fdatasyncSync(file)
  } finally {
    disk.closeSync(file)
  }
  disk.renameSync(beside, path)
  syncDirectory(disk, folder)
}
