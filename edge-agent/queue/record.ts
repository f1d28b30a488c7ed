// One reading in a queue file: marker, CRC-32C, length, id, payload. The marker's bytes cannot occur in UTF-8, so that
// after damage the next whole record is found again, and no text inside a payload is ever taken for a record.

import { crc32c } from '../../runtime/log/crc32c.ts'

const MARKER = Buffer.from([0xf5, 0xfe, 0xf5, 0xff])

/** Marker 4, CRC-32C of all after it 4, length 4, id 8. */
export const RECORD_HEAD_BYTES = 20

/** What one message of the contract may hold is the most that one record may. */
export const MAX_PAYLOAD_BYTES = 65_536
export const MAX_RECORD_BYTES = RECORD_HEAD_BYTES + MAX_PAYLOAD_BYTES

export interface QueueRecord {
  /** Counts up over the life of the queue; whole number below 2^53. */
  readonly id: number
  /** Offset of its marker in the bytes it was found in. */
  readonly start: number
  /** Offset of the byte after it. Between head and end lies the payload. */
  readonly end: number
}

export function payloadLength(record: QueueRecord): number {
  return record.end - record.start - RECORD_HEAD_BYTES
}

/** The bytes of a record. Throws RangeError for a payload that is empty or above 64 KiB: that is a fault of ours. */
export function encodeRecord(id: number, payload: Uint8Array): Buffer {
  if (payload.length === 0 || payload.length > MAX_PAYLOAD_BYTES) {
    throw new RangeError(`a queued reading has 1 to ${MAX_PAYLOAD_BYTES} bytes, not ${payload.length}`)
  }
  const bytes = Buffer.alloc(RECORD_HEAD_BYTES + payload.length)
  MARKER.copy(bytes)
  bytes.writeUInt32BE(payload.length, 8)
  bytes.writeBigUInt64BE(BigInt(id), 12)
  bytes.set(payload, RECORD_HEAD_BYTES)
  bytes.writeUInt32BE(crc32c(bytes, 8), 4)
  return bytes
}

/** The whole record that begins at `offset`; null when there is none. */
export function recordAt(bytes: Buffer, offset: number): QueueRecord | null {
  if (offset + RECORD_HEAD_BYTES > bytes.length) return null
  if (MARKER.compare(bytes, offset, offset + 4) !== 0) return null
  const length = bytes.readUInt32BE(offset + 8)
  const end = offset + RECORD_HEAD_BYTES + length
  if (length === 0 || length > MAX_PAYLOAD_BYTES || end > bytes.length) return null
  if (bytes.readUInt32BE(offset + 4) !== crc32c(bytes, offset + 8, end)) return null
  const id = bytes.readUInt32BE(offset + 12) * 2 ** 32 + bytes.readUInt32BE(offset + 16)
  return { id, start: offset, end }
}

/** The first whole record at or after `offset`; null when only damage, or nothing, is left. */
export function nextRecord(bytes: Buffer, offset: number): QueueRecord | null {
  for (let start = bytes.indexOf(MARKER, offset); start >= 0; start = bytes.indexOf(MARKER, start + 1)) {
    const record = recordAt(bytes, start)
    if (record !== null) return record
  }
  return null
}
