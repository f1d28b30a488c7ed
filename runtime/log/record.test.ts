import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LogRecord } from '../../contract/log.ts'
import { decodeRecord, RecordBuffer } from './record.ts'

const message = fc.record({
  type: fc.constant('message' as const),
  arrival: fc.integer({ min: 0, max: 2 ** 52 }),
  client: fc.option(fc.string({ unit: 'grapheme', maxLength: 40 }), { nil: null }),
  topic: fc.string({ unit: 'grapheme', maxLength: 200 }),
  payload: fc.uint8Array({ maxLength: 2_000 }),
  qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
  retain: fc.boolean(),
  dup: fc.boolean(),
  will: fc.boolean(),
})
const withPacketId = fc
  .tuple(message, fc.integer({ min: 1, max: 65_535 }))
  .map(([sent, packetId]) => ({ ...sent, packetId }))
const released = fc.record({
  type: fc.constant('released' as const),
  arrival: fc.integer({ min: 0, max: 2 ** 52 }),
  client: fc.string({ unit: 'grapheme', maxLength: 40 }),
  packetId: fc.integer({ min: 1, max: 65_535 }),
})
const mark = fc.record({
  type: fc.constantFrom('listening' as const, 'stopped' as const),
  arrival: fc.integer({ min: 0, max: 2 ** 52 }),
})

function encoded(...records: readonly LogRecord[]): Buffer {
  const buffer = new RecordBuffer(16)
  for (const record of records) buffer.append(record)
  return Buffer.from(buffer.take())
}

const plain = (record: LogRecord): unknown =>
  record.type === 'message' ? { ...record, payload: [...record.payload] } : record

describe('a record', () => {
  it('is decoded as it was encoded, whatever stands in it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(message, withPacketId, released, mark), { minLength: 1, maxLength: 5 }),
        (records) => {
          const bytes = encoded(...records)
          let at = 0
          for (const record of records) {
            const decoded = decodeRecord(bytes, at)
            if (decoded.kind !== 'record') throw new Error(decoded.kind)
            expect(plain(decoded.record)).toEqual(plain(record))
            at += decoded.bytes
          }
          expect(at).toBe(bytes.length)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('cut at any byte is short, never a record', () => {
    const bytes = encoded(sample())
    for (let length = 0; length < bytes.length; length += 1) {
      expect(decodeRecord(bytes.subarray(0, length), 0).kind).toBe('short')
    }
  })

  it('with any one bit flipped is no record', () => {
    const bytes = encoded(sample())
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = Buffer.from(bytes)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect([bit, decodeRecord(flipped, 0).kind]).not.toEqual([bit, 'record'])
    }
  })

  it('is not found in zeros', () => {
    expect(decodeRecord(Buffer.alloc(1_000), 0).kind).toBe('damaged')
  })

  it('is a view of the bytes, not a copy', () => {
    const bytes = encoded(sample())
    const decoded = decodeRecord(bytes, 0)
    if (decoded.kind !== 'record' || decoded.record.type !== 'message') throw new Error(decoded.kind)
    expect(decoded.record.payload.buffer).toBe(bytes.buffer)
  })
})

describe('a buffer of records', () => {
  it('hands over memory of its own, which nothing later changes', () => {
    const buffer = new RecordBuffer()
    buffer.append(sample())
    const first = buffer.take()
    const before = Buffer.from(first)
    buffer.append({ type: 'stopped', arrival: 1 })
    expect(Buffer.compare(first, before)).toBe(0)
    expect(first.byteOffset).toBe(0)
    expect(buffer.take().buffer).not.toBe(first.buffer)
  })
})

function sample(): LogRecord {
  return {
    type: 'message',
    arrival: 1_795_000_000_000,
    client: 's-1',
    topic: 'pantau/cideng/sensor/s-1/reading',
    payload: Buffer.from('{"values":{"pm2_5":12.5}}'),
    qos: 1,
    retain: false,
    dup: false,
    will: false,
  }
}
