// The bytes of a log record; `docs/log-format.md` has the picture. All numbers are little-endian. The checksum covers all that
// follows it, so a flipped bit anywhere makes the record none.

import type { LogRecord } from '../../contract/log.ts'
import { crc32c } from './crc32c.ts'

/** length (4), checksum of all behind it (4); then type (1), flags (1), arrival (8), perhaps a packet id (2), and texts with their lengths. */
export const HEADER_BYTES = 8
const BODY_HEAD_BYTES = 10

/** No record is longer: a packet has at most 1 MiB, client and topic at most 64 KiB each. */
export const MAX_BODY_BYTES = 1_048_576 + 2 * 65_536 + 32

const TYPES = { message: 1, listening: 2, stopped: 3, released: 4 } as const
/** Fills the place of bytes that were cut out of the log, so that no other record moves. */
const VOID_TYPE = 5

/** No void record is shorter. */
export const LEAST_VOID_BYTES = HEADER_BYTES + BODY_HEAD_BYTES

const QOS_BITS = 0b0000_0011
const RETAIN = 0b0000_0100
const DUP = 0b0000_1000
const WILL = 0b0001_0000
const NO_CLIENT = 0b0010_0000
const PACKET_ID = 0b0100_0000
const KNOWN_FLAGS = 0b0111_1111

const CAPACITY = 65_536
const COPIED_BYTES = 16_384
const LARGE_BYTES = 4 * 1_048_576

/** Larger than half of Node's pool, so that the memory is shared with no other buffer and can be transferred. */
function newBytes(capacity: number): Buffer<ArrayBuffer> {
  return Buffer.allocUnsafeSlow(capacity)
}

/** Appends records to a buffer that grows, so that a group goes to the disk in one piece. */
export class RecordBuffer {
  #bytes: Buffer<ArrayBuffer>
  #length = 0

  constructor(capacity = CAPACITY) {
    this.#bytes = newBytes(capacity)
  }

  get length(): number {
    return this.#length
  }

  /** Appends one record; returns how many bytes it has. */
  append(record: LogRecord): number {
    const start = this.#length
    const client = 'client' in record ? (record.client ?? '') : ''
    const packetId = 'packetId' in record ? record.packetId : undefined
    const topic = record.type === 'message' ? record.topic : ''
    const payload = record.type === 'message' ? record.payload : null
    this.#reserve(
      HEADER_BYTES + BODY_HEAD_BYTES + 10 + 3 * (client.length + topic.length) + (payload?.length ?? 0),
    )
    const bytes = this.#bytes
    let at = start + HEADER_BYTES
    at = bytes.writeUInt8(TYPES[record.type], at)
    at = bytes.writeUInt8(flagsOf(record), at)
    at = bytes.writeDoubleLE(record.arrival, at)
    if (packetId !== undefined) at = bytes.writeUInt16LE(packetId, at)
    if (record.type === 'released') at = writeText(bytes, client, at)
    if (payload !== null) {
      at = writeText(bytes, client, at)
      at = writeText(bytes, topic, at)
      bytes.set(payload, at)
      at += payload.length
    }
    bytes.writeUInt32LE(at - start - HEADER_BYTES, start)
    bytes.writeUInt32LE(crc32c(bytes, start + HEADER_BYTES, at), start + 4)
    this.#length = at
    return at - start
  }

  /** The bytes so far, in memory of their own that may be handed to another thread; the buffer begins anew. */
  take(): Uint8Array<ArrayBuffer> {
    const length = this.#length
    this.#length = 0
    // To copy a few records costs less than memory for the next ones.
    if (length <= COPIED_BYTES) return new Uint8Array(this.#bytes.buffer.slice(0, length))
    const taken = this.#bytes.subarray(0, length)
    // The next group is likely as large as this one.
    this.#bytes = newBytes(Math.max(CAPACITY, Math.min(length, LARGE_BYTES)))
    return taken
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const grown = newBytes(Math.max(2 * this.#bytes.length, this.#length + more))
    this.#bytes.copy(grown, 0, 0, this.#length)
    this.#bytes = grown
  }
}

function writeText(bytes: Buffer, text: string, at: number): number {
  const length = bytes.write(text, at + 4, 'utf8')
  bytes.writeUInt32LE(length, at)
  return at + 4 + length
}

function flagsOf(record: LogRecord): number {
  if (record.type === 'released') return PACKET_ID
  if (record.type !== 'message') return 0
  return (
    record.qos |
    (record.retain ? RETAIN : 0) |
    (record.dup ? DUP : 0) |
    (record.will ? WILL : 0) |
    (record.client === null ? NO_CLIENT : 0) |
    (record.packetId === undefined ? 0 : PACKET_ID)
  )
}

/** Void records that fill `bytes` bytes exactly, at least `LEAST_VOID_BYTES`. `cutAt`: when what was there was cut out. */
export function voidRecords(bytes: number, cutAt: number): Buffer {
  const filled = Buffer.alloc(bytes)
  for (let at = 0; at < bytes; ) {
    const left = bytes - at
    const most = HEADER_BYTES + MAX_BODY_BYTES
    // What is left over is never too short for one more.
    const length = left <= most ? left : Math.min(most, left - LEAST_VOID_BYTES)
    filled.writeUInt32LE(length - HEADER_BYTES, at)
    filled.writeUInt8(VOID_TYPE, at + HEADER_BYTES)
    filled.writeDoubleLE(cutAt, at + HEADER_BYTES + 2)
    filled.writeUInt32LE(crc32c(filled, at + HEADER_BYTES, at + length), at + 4)
    at += length
  }
  return filled
}

export type Decoded =
  | { readonly kind: 'record'; readonly record: LogRecord; readonly bytes: number }
  /** Whole, and holds nothing. */
  | { readonly kind: 'void'; readonly bytes: number }
  /** A record may begin here, but the bytes end before it does. */
  | { readonly kind: 'short' }
  /** No record begins here. */
  | { readonly kind: 'damaged' }

const SHORT: Decoded = { kind: 'short' }
const DAMAGED: Decoded = { kind: 'damaged' }

/** The record that begins at `at`. Its payload is a view of `bytes`, not a copy. */
export function decodeRecord(bytes: Buffer, at: number): Decoded {
  if (at + HEADER_BYTES > bytes.length) return SHORT
  const length = bytes.readUInt32LE(at)
  if (length < BODY_HEAD_BYTES || length > MAX_BODY_BYTES) return DAMAGED
  const body = at + HEADER_BYTES
  // Looked at before the checksum is computed, so that a search through damage is quick.
  if (body + BODY_HEAD_BYTES <= bytes.length && !isBodyHead(bytes, body)) return DAMAGED
  const end = body + length
  if (end > bytes.length) return SHORT
  if (crc32c(bytes, body, end) !== bytes.readUInt32LE(at + 4)) return DAMAGED
  if (bytes.readUInt8(body) === VOID_TYPE) return { kind: 'void', bytes: HEADER_BYTES + length }
  const record = readBody(bytes, body, end)
  return record === null ? DAMAGED : { kind: 'record', record, bytes: HEADER_BYTES + length }
}

function isBodyHead(bytes: Buffer, body: number): boolean {
  const type = bytes.readUInt8(body)
  const flags = bytes.readUInt8(body + 1)
  return type >= TYPES.message && type <= VOID_TYPE && (flags & ~KNOWN_FLAGS) === 0 && (flags & QOS_BITS) < 3
}

function readBody(bytes: Buffer, body: number, end: number): LogRecord | null {
  const type = bytes.readUInt8(body)
  const flags = bytes.readUInt8(body + 1)
  const arrival = bytes.readDoubleLE(body + 2)
  if (type === TYPES.listening) return { type: 'listening', arrival }
  if (type === TYPES.stopped) return { type: 'stopped', arrival }
  const idBytes = (flags & PACKET_ID) === 0 ? 0 : 2
  const clientAt = body + BODY_HEAD_BYTES + idBytes
  if (clientAt + 4 > end) return null
  const packetId = idBytes === 0 ? undefined : bytes.readUInt16LE(clientAt - idBytes)
  const topicAt = clientAt + 4 + bytes.readUInt32LE(clientAt)
  if (type === TYPES.released) {
    if (topicAt !== end || packetId === undefined) return null
    return { type: 'released', arrival, client: bytes.toString('utf8', clientAt + 4, topicAt), packetId }
  }
  if (topicAt + 4 > end) return null
  const payloadAt = topicAt + 4 + bytes.readUInt32LE(topicAt)
  if (payloadAt > end) return null
  return {
    type: 'message',
    arrival,
    client: flags & NO_CLIENT ? null : bytes.toString('utf8', clientAt + 4, topicAt),
    topic: bytes.toString('utf8', topicAt + 4, payloadAt),
    payload: bytes.subarray(payloadAt, end),
    qos: (flags & QOS_BITS) as 0 | 1 | 2,
    retain: (flags & RETAIN) !== 0,
    dup: (flags & DUP) !== 0,
    will: (flags & WILL) !== 0,
    ...(packetId === undefined ? null : { packetId }),
  }
}
