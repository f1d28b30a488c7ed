// A queue is a row of segment files of up to 1 MiB, appended to and never changed in place. A segment's head holds its
// thinning level; the rest is records. Reading tells whole records from damage between them and from a torn tail.

import type * as fs from 'node:fs'
import { crc32c } from '../../runtime/log/crc32c.ts'
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
  head.writeUInt32BE(crc32c(head, 0, 12), 12)
  return head
}

/**
 * Looks through a segment's bytes, calling `visit` with each whole record. A damaged head costs only the level. Not ok, with
 * the version, when the head is whole and of another version: such a file is not ours to touch.
 */
export function readSegment(bytes: Buffer, visit: (record: QueueRecord) => void): SegmentReading {
  const head = readHead(bytes)
  if (head !== null && head.version !== VERSION) return { ok: false, version: head.version }
  let damaged = 0
  let end = head === null ? 0 : SEGMENT_HEAD_BYTES
  for (let record = nextRecord(bytes, end); record !== null; record = nextRecord(bytes, end)) {
    // A damaged head is a damaged stretch too, yet no reading is lost with it.
    const isHead = head === null && end === 0 && record.start === SEGMENT_HEAD_BYTES
    if (record.start !== end && !isHead) damaged += 1
    visit(record)
    end = record.end
  }
  return { ok: true, level: head?.level ?? 0, damaged, end }
}

function readHead(bytes: Buffer): { version: number; level: number } | null {
  if (bytes.length < SEGMENT_HEAD_BYTES || MAGIC.compare(bytes, 0, 3) !== 0) return null
  if (bytes.readUInt32BE(12) !== crc32c(bytes, 0, 12)) return null
  return { version: bytes.readUInt8(3), level: bytes.readUInt32BE(4) }
}

/** Reads the file from `from` into `target`, until either is full or at its end; returns the part that was filled. */
export function readInto(disk: Disk, path: string, from: number, target: Buffer): Buffer {
  const file = disk.openSync(path, 'r')
  try {
    let read = 0
    while (read < target.length) {
      const count = disk.readSync(file, target, read, target.length - read, from + read)
      if (count === 0) break
      read += count
    }
    return target.subarray(0, read)
  } finally {
    disk.closeSync(file)
  }
}

export function sizeOf(disk: Disk, path: string): number {
  const file = disk.openSync(path, 'r')
  try {
    return disk.fstatSync(file).size
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
