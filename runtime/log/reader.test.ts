import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LogPosition, LogRecord } from '../../contract/log.ts'
import { type LogItem, openLogReader } from './reader.ts'
import { RecordBuffer } from './record.ts'
import { SEGMENT_HEADER_BYTES, segmentHeader, segmentPath } from './segment.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pantau-log-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const START: LogPosition = { segment: 1, offset: SEGMENT_HEADER_BYTES }

function reading(index: number, bytes = 20 + (index % 7)): LogRecord {
  return {
    type: 'message',
    arrival: 1_795_000_000_000 + index,
    client: `s-${index}`,
    topic: `pantau/cideng/sensor/s-${index}/reading`,
    payload: Buffer.alloc(bytes, 65 + (index % 26)),
    qos: 1,
    retain: false,
    dup: false,
    will: false,
  }
}

/** Writes a segment; the offsets at which its records begin, and its end. */
function writeSegment(segment: number, records: readonly LogRecord[]): number[] {
  const buffer = new RecordBuffer()
  const begins: number[] = []
  let at = SEGMENT_HEADER_BYTES
  for (const record of records) {
    begins.push(at)
    at += buffer.append(record)
  }
  writeFileSync(segmentPath(folder, segment), Buffer.concat([segmentHeader(segment), buffer.take()]))
  return [...begins, at]
}

async function readAll(end: LogPosition, from = START): Promise<LogItem[]> {
  const reader = openLogReader(folder, from)
  const items: LogItem[] = []
  for (let some = await reader.read(end); some.length > 0; some = await reader.read(end)) items.push(...some)
  await reader.close()
  return items
}

const recordsOf = (items: readonly LogItem[]): LogRecord[] =>
  items.filter((item) => item.type === 'record').map((item) => item.record)
const damageOf = (items: readonly LogItem[]): LogItem[] => items.filter((item) => item.type === 'damaged')
const arrivals = (records: readonly LogRecord[]): number[] => records.map(({ arrival }) => arrival)

describe('a reader', () => {
  it('gives every record before the end, and none behind it', async () => {
    const records = Array.from({ length: 10 }, (_, index) => reading(index))
    const begins = writeSegment(1, records)
    for (const [count, offset] of begins.entries()) {
      expect(arrivals(recordsOf(await readAll({ segment: 1, offset })))).toEqual(
        arrivals(records.slice(0, count)),
      )
    }
  })

  it('goes on from any record', async () => {
    const records = Array.from({ length: 5 }, (_, index) => reading(index))
    const begins = writeSegment(1, records)
    const end = { segment: 1, offset: begins.at(-1) ?? 0 }
    for (const [skipped, offset] of begins.slice(0, -1).entries()) {
      expect(arrivals(recordsOf(await readAll(end, { segment: 1, offset })))).toEqual(
        arrivals(records.slice(skipped)),
      )
    }
  })

  it('follows a log that grows over segments', async () => {
    const first = writeSegment(1, [reading(0), reading(1)])
    const reader = openLogReader(folder, START)
    const firstEnd = { segment: 1, offset: first.at(-1) ?? 0 }
    expect(arrivals(recordsOf(await reader.read(firstEnd)))).toEqual(arrivals([reading(0), reading(1)]))
    expect(await reader.read(firstEnd)).toEqual([])
    const second = writeSegment(2, [reading(2)])
    const secondEnd = { segment: 2, offset: second.at(-1) ?? 0 }
    expect(arrivals(recordsOf(await reader.read(secondEnd)))).toEqual(arrivals([reading(2)]))
    expect(reader.position()).toEqual(secondEnd)
    await reader.close()
  })

  it('reads records larger than its chunks', async () => {
    const records = [reading(0, 1_000_000), reading(1, 1_048_000), reading(2, 10), reading(3, 900_000)]
    const end = { segment: 1, offset: writeSegment(1, records).at(-1) ?? 0 }
    const items = await readAll(end)
    expect(arrivals(recordsOf(items))).toEqual(arrivals(records))
    expect(damageOf(items)).toEqual([])
  })
})

describe('a log with one bit flipped', () => {
  it('yields all records but the one that was hit, at every byte of 20 records', async () => {
    const records = Array.from({ length: 20 }, (_, index) => reading(index))
    const begins = writeSegment(1, records)
    const size = begins.at(-1) ?? 0
    const whole = readFileSync(segmentPath(folder, 1))
    for (let at = 0; at < size; at += 1) {
      const flipped = Buffer.from(whole)
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8))
      writeFileSync(segmentPath(folder, 1), flipped)
      const items = await readAll({ segment: 1, offset: size })
      // The header is no record: all of them are left.
      const hit = begins.findLastIndex((begin) => begin <= at)
      const expected = records.filter((_, index) => index !== hit)
      expect([at, arrivals(recordsOf(items))]).toEqual([at, arrivals(expected)])
      const damaged = damageOf(items)
      expect([at, damaged.length]).toEqual([at, 1])
      if (hit >= 0) expect(damaged[0]).toMatchObject({ at: { segment: 1, offset: begins[hit] } })
      for (const [index, record] of recordsOf(items).entries()) {
        if (record.type === 'message') expect(record).toMatchObject({ topic: topicOf(expected[index]) })
      }
    }
  })
})

const topicOf = (record: LogRecord | undefined): string => (record?.type === 'message' ? record.topic : '')

describe('damage', () => {
  it('of several megabytes is passed over', async () => {
    const records = [
      reading(0),
      reading(1, 1_000_000),
      reading(2, 1_000_000),
      reading(3, 1_000_000),
      reading(4),
    ]
    const begins = writeSegment(1, records)
    const bytes = readFileSync(segmentPath(folder, 1))
    bytes.fill(0, begins[1], (begins[4] ?? 0) - 3)
    writeFileSync(segmentPath(folder, 1), bytes)
    const items = await readAll({ segment: 1, offset: begins[5] ?? 0 })
    expect(arrivals(recordsOf(items))).toEqual(arrivals([reading(0), reading(4)]))
    const lost = damageOf(items).reduce((sum, item) => sum + (item.type === 'damaged' ? item.bytes : 0), 0)
    expect(lost).toBe((begins[4] ?? 0) - (begins[1] ?? 0))
  })

  it('of the last record before the synced end is told', async () => {
    const begins = writeSegment(1, [reading(0), reading(1)])
    const bytes = readFileSync(segmentPath(folder, 1))
    bytes[begins[1] ?? 0] = 0xff
    writeFileSync(segmentPath(folder, 1), bytes)
    const items = await readAll({ segment: 1, offset: begins[2] ?? 0 })
    expect(damageOf(items)).toHaveLength(1)
    expect(items.at(-1)?.next).toEqual({ segment: 1, offset: begins[2] })
  })

  it('of a file cut behind its synced end is told', async () => {
    const begins = writeSegment(1, [reading(0), reading(1)])
    truncateSync(segmentPath(folder, 1), begins[1] ?? 0)
    const items = await readAll({ segment: 1, offset: begins[2] ?? 0 })
    expect(arrivals(recordsOf(items))).toEqual(arrivals([reading(0)]))
    expect(damageOf(items)).toMatchObject([{ bytes: (begins[2] ?? 0) - (begins[1] ?? 0) }])
  })
})

describe('a segment', () => {
  let end: LogPosition = START
  beforeEach(() => {
    writeSegment(1, [reading(1)])
    writeSegment(2, [reading(2)])
    end = { segment: 3, offset: writeSegment(3, [reading(3)]).at(-1) ?? 0 }
  })

  it('that is missing is told and passed over', async () => {
    unlinkSync(segmentPath(folder, 2))
    const items = await readAll(end)
    expect(arrivals(recordsOf(items))).toEqual(arrivals([reading(1), reading(3)]))
    expect(damageOf(items)).toMatchObject([{ detail: 'segment 2 is missing' }])
  })

  it('that is missing with its neighbours is told once', async () => {
    unlinkSync(segmentPath(folder, 1))
    unlinkSync(segmentPath(folder, 2))
    const items = await readAll(end)
    expect(arrivals(recordsOf(items))).toEqual(arrivals([reading(3)]))
    expect(damageOf(items)).toMatchObject([{ detail: 'segments 1 to 2 are missing' }])
  })

  it.each([
    ['empty', Buffer.alloc(0), 'segment 2 ends within its header, after 0 bytes'],
    ['cut in its header', segmentHeader(2).subarray(0, 9), 'segment 2 ends within its header, after 9 bytes'],
    ['full of zeros', Buffer.alloc(5_000), 'segment 2 has no whole header'],
    ['some other file', Buffer.from('time,pm2_5\n'.repeat(50)), 'segment 2 has no whole header'],
    ['another segment', Buffer.concat([segmentHeader(7)]), 'segment 2 calls itself segment 7'],
  ])('that is %s is told and passed over', async (_what, bytes, detail) => {
    writeFileSync(segmentPath(folder, 2), bytes)
    const items = await readAll(end)
    expect(arrivals(recordsOf(items))).toEqual(arrivals([reading(1), reading(3)]))
    expect(damageOf(items)[0]).toMatchObject({ detail })
  })

  it('of a newer version is refused by name, wherever reading begins', async () => {
    const body = readFileSync(segmentPath(folder, 2)).subarray(SEGMENT_HEADER_BYTES)
    writeFileSync(segmentPath(folder, 2), Buffer.concat([segmentHeader(2, 2), body]))
    const refusal = `${segmentPath(folder, 2)} is of format 2, this program knows 1; start the newer Pantau that wrote it`
    await expect(readAll(end)).rejects.toThrow(refusal)
    await expect(readAll(end, { segment: 2, offset: SEGMENT_HEADER_BYTES + 10 })).rejects.toThrow(refusal)
  })

  it('with a damaged header still gives its records', async () => {
    copyFileSync(segmentPath(folder, 3), segmentPath(folder, 2))
    const items = await readAll(end)
    expect(arrivals(recordsOf(items))).toEqual(arrivals([reading(1), reading(3), reading(3)]))
    expect(damageOf(items)).toMatchObject([
      { detail: 'segment 2 calls itself segment 3', at: { segment: 2, offset: 0 } },
    ])
  })
})
