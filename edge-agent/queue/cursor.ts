// How far the queue is delivered, and how many readings it has lost: two small slots in one file, written in turn, so that a
// write cut by a power failure leaves the other slot whole. A lost cursor costs only that delivered readings go out again.

import { crc32c } from '../../runtime/log/crc32c.ts'
import { type Disk, readInto } from './segment.ts'

export interface Cursor {
  /** All readings up to this id are delivered. */
  readonly delivered: number
  /** Readings given up since the queue began: thinned out or damaged. */
  readonly lost: number
}

/** Far enough apart that no disk writes both in one sector. */
const SLOT_OFFSETS = [0, 4_096] as const
const SLOT_BYTES = 20

/**
 * The newest whole slot, zeros when there is none, and the turn to write next, which spares that slot. Both numbers only
 * grow, so the newest is the greatest. Creates the file when it is not there.
 */
export function readCursor(disk: Disk, path: string): { cursor: Cursor; turn: number } {
  let newest: Cursor = { delivered: 0, lost: 0 }
  let turn = 0
  const file = disk.openSync(path, 'a+', 0o600)
  disk.closeSync(file)
  const bytes = readInto(disk, path, 0, Buffer.alloc(SLOT_OFFSETS[1] + SLOT_BYTES))
  for (const [index, offset] of SLOT_OFFSETS.entries()) {
    const slot = readSlot(bytes, offset)
    if (slot === null || !isNewer(slot, newest)) continue
    newest = slot
    turn = index + 1
  }
  return { cursor: newest, turn }
}

/** Writes the cursor into the slot of that turn (whole numbers counting up) and syncs it. */
export function writeCursor(disk: Disk, path: string, cursor: Cursor, turn: number): void {
  const slot = Buffer.alloc(SLOT_BYTES)
  slot.writeBigUInt64BE(BigInt(cursor.delivered), 0)
  slot.writeBigUInt64BE(BigInt(cursor.lost), 8)
  slot.writeUInt32BE(crc32c(slot, 0, 16), 16)
  const file = disk.openSync(path, 'r+')
  try {
    const offset = SLOT_OFFSETS[turn % SLOT_OFFSETS.length] ?? 0
    if (disk.fstatSync(file).size < offset) disk.ftruncateSync(file, offset)
    writeAt(disk, file, slot, offset)
    disk.fdatasyncSync(file)
  } finally {
    disk.closeSync(file)
  }
}

function writeAt(disk: Disk, file: number, bytes: Uint8Array, offset: number): void {
  let written = 0
  while (written < bytes.length) {
    written += disk.writeSync(file, bytes, written, bytes.length - written, offset + written)
  }
}

function readSlot(bytes: Buffer, offset: number): Cursor | null {
  if (bytes.length < offset + SLOT_BYTES) return null
  const slot = bytes.subarray(offset, offset + SLOT_BYTES)
  // The CRC of all zeros is not zero, so that a hole in the file is no slot.
  if (slot.readUInt32BE(16) !== crc32c(slot, 0, 16)) return null
  return { delivered: Number(slot.readBigUInt64BE(0)), lost: Number(slot.readBigUInt64BE(8)) }
}

function isNewer(one: Cursor, other: Cursor): boolean {
  return one.delivered > other.delivered || (one.delivered === other.delivered && one.lost > other.lost)
}
