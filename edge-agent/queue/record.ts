// One reading in a queue file: marker, length, id, CRC-32C, payload. The marker's bytes cannot occur in UTF-8, so that
// after damage the next whole record is found again, and no text inside a payload is ever taken for a record.

import { crc32c } from './crc32c.ts'

const MARKER = Buffer.from([0xf5, 0xfe, 0xf5, 0xff])

/** Marker 4, length 4, id 8, CRC 4. */
export const RECORD_HEAD_BYTES = 20

/** What one message of the contract may hold is the most that one record may. */
export const MAX_PAYLOAD_BYTES = 65_536

export interface QueueRecord {
  /** Counts up over the life of the queue; whole number below 2^53. */
  readonly id: number
  readonly payload: Buffer
  /** Offset of the byte after the record. */
  readonly end: number
}

/** The bytes of a record. Throws RangeError for a payload that is empty or above 64 KiB: that is a fault of ours. */
export function encodeRecord(id: number, payload: Uint8Array): Buffer {
  if (payload.length === 0 || payload.length > MAX_PAYLOAD_BYTES) {
    throw new RangeError(`a queued reading has 1 to ${MAX_PAYLOAD_BYTES} bytes, not ${payload.length}`)
  }
  const bytes = Buffer.alloc(RECORD_HEAD_BYTES + payload.length)
  MARKER.copy(bytes)
  bytes.writeUInt32BE(payload.length, 4)
  bytes.writeBigUInt64BE(BigInt(id), 8)
  bytes.set(payload, RECORD_HEAD_BYTES)
  bytes.writeUInt32BE(checksum(bytes, 0, payload.length), 16)
  return bytes
}

/** The whole record that begins at `offset`, its payload a view into `bytes`; null when there is none. */
export function recordAt(bytes: Buffer, offset: number): QueueRecord | null {
  if (offset + RECORD_HEAD_BYTES > bytes.length) return null
  if (MARKER.compare(bytes, offset, offset + 4) !== 0) return null
  const length = bytes.readUInt32BE(offset + 4)
  const end = offset + RECORD_HEAD_BYTES + length
  if (length === 0 || length > MAX_PAYLOAD_BYTES || end > bytes.length) return null
  if (bytes.readUInt32BE(offset + 16) !== checksum(bytes, offset, length)) return null
  const id = Number(bytes.readBigUInt64BE(offset + 8))
  return { id, payload: bytes.subarray(offset + RECORD_HEAD_BYTES, end), end }
}

/** The first whole record at or after `offset`; null when only damage, or nothing, is left. */
export function nextRecord(bytes: Buffer, offset: number): (QueueRecord & { readonly start: number }) | null {
  for (let start = bytes.indexOf(MARKER, offset); start >= 0; start = bytes.indexOf(MARKER, start + 1)) {
    const record = recordAt(bytes, start)
    if (record !== null) return { ...record, start }
  }
  return null
}

/** Over length, id and payload; the marker guards itself. */
function checksum(bytes: Buffer, offset: number, length: number): number {
  const head = crc32c(bytes.subarray(offset + 4, offset + 16))
  return crc32c(bytes.subarray(offset + RECORD_HEAD_BYTES, offset + RECORD_HEAD_BYTES + length), head)
}
