import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LogPosition } from '../../contract/log.ts'
import { checkLog, cutOut } from './check.ts'
import { openLogReader } from './reader.ts'
import { LEAST_VOID_BYTES, RecordBuffer } from './record.ts'
import { SEGMENT_HEADER_BYTES, segmentHeader, segmentPath } from './segment.ts'

const NOW = Date.UTC(2026, 10, 24, 8)

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pantau-check-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Writes a segment with records whose arrivals are these; where each begins, and the end. */
function writeSegment(segment: number, ...arrivals: readonly number[]): number[] {
  const buffer = new RecordBuffer()
  const begins = [SEGMENT_HEADER_BYTES]
  for (const arrival of arrivals) {
    const bytes = buffer.append({
      type: 'message',
      arrival,
      client: 's-1',
      topic: 'pantau/cideng/sensor/s-1/reading',
      payload: Buffer.from(`{"time":${arrival}}`),
      qos: 1,
      retain: false,
      dup: false,
      will: false,
    })
    begins.push((begins.at(-1) ?? 0) + bytes)
  }
  writeFileSync(segmentPath(folder, segment), Buffer.concat([segmentHeader(segment), buffer.take()]))
  return begins
}

function flipBit(segment: number, at: number): void {
  const bytes = readFileSync(segmentPath(folder, segment))
  bytes[at] = (bytes[at] ?? 0) ^ 1
  writeFileSync(segmentPath(folder, segment), bytes)
}

/** Arrivals of what a reader finds, and places and bytes of what it calls damaged. */
async function read(from: LogPosition = { segment: 1, offset: 0 }): Promise<unknown[]> {
  const last = Math.max(...readdirSync(folder).map((name) => Number.parseInt(name, 10) || 0))
  const reader = openLogReader(folder, from)
  const found: unknown[] = []
  const end = { segment: last, offset: statSync(segmentPath(folder, last)).size }
  for (let items = await reader.read(end); items.length > 0; items = await reader.read(end)) {
    for (const item of items) {
      found.push(item.type === 'record' ? item.record.arrival : [item.at.offset, item.bytes])
    }
  }
  await reader.close()
  return found
}

describe('a log that is looked through', () => {
  it('says what each segment holds, from when to when, and where', async () => {
    const begins = writeSegment(1, 10, 11, 12)
    writeSegment(2, 13)
    const report = await checkLog(folder)
    expect(report).toMatchObject({ damaged: [], tornTail: null, missing: [] })
    expect(report.segments).toEqual([
      {
        segment: 1,
        bytes: begins.at(-1),
        records: 3,
        messages: 3,
        voidBytes: 0,
        first: { at: { segment: 1, offset: SEGMENT_HEADER_BYTES }, arrival: 10 },
        last: { at: { segment: 1, offset: begins[2] }, arrival: 12 },
      },
      expect.objectContaining({ segment: 2, records: 1 }),
    ])
  })

  it('of which one segment is asked for is looked through there alone', async () => {
    writeSegment(1, 10)
    writeSegment(2, 11)
    flipBit(1, 30)
    const report = await checkLog(folder, 2)
    expect(report.segments.map(({ segment }) => segment)).toEqual([2])
    expect(report.damaged).toEqual([])
  })

  it('names the segments that are missing in between', async () => {
    writeSegment(3, 10)
    writeSegment(6, 11)
    expect((await checkLog(folder)).missing).toEqual([4, 5])
  })

  it('tells a torn tail from damage', async () => {
    const begins = writeSegment(1, 10, 11, 12)
    const end = begins.at(-1) ?? 0
    appendFileSync(segmentPath(folder, 1), Buffer.concat([Buffer.alloc(33, 'x'), Buffer.alloc(100_000)]))
    flipBit(1, (begins[1] ?? 0) + 12)
    const { damaged, tornTail } = await checkLog(folder)
    expect(tornTail).toEqual({ at: { segment: 1, offset: end }, bytes: 33 })
    expect(damaged).toEqual([
      { at: { segment: 1, offset: begins[1] }, bytes: (begins[2] ?? 0) - (begins[1] ?? 0) },
    ])
  })

  it('does not count the zeros that a killed writer leaves ahead of its records', async () => {
    const end = writeSegment(1, 10, 11).at(-1)
    appendFileSync(segmentPath(folder, 1), Buffer.alloc(2_000_000))
    const { segments, damaged, tornTail } = await checkLog(folder)
    expect([segments[0]?.bytes, damaged, tornTail]).toEqual([end, [], null])
  })

  it('calls what ends a segment in the middle of the log damaged, not torn', async () => {
    const end = writeSegment(1, 10).at(-1)
    appendFileSync(segmentPath(folder, 1), Buffer.alloc(33))
    writeSegment(2, 11)
    const { damaged, tornTail } = await checkLog(folder)
    expect(tornTail).toBeNull()
    expect(damaged).toEqual([{ at: { segment: 1, offset: end }, bytes: 33 }])
  })

  it('of a newer format is refused by name', async () => {
    writeFileSync(segmentPath(folder, 1), segmentHeader(1, 9))
    await expect(checkLog(folder)).rejects.toThrow(`${segmentPath(folder, 1)} is of format 9`)
  })
})

describe('cutting', () => {
  it('keeps the bytes aside, moves no other record, and leaves a log that is whole', async () => {
    const begins = writeSegment(1, 10, 11, 12, 13)
    writeSegment(2, 14)
    const before = readFileSync(segmentPath(folder, 1))
    flipBit(1, (begins[1] ?? 0) + 20)
    const broken = readFileSync(segmentPath(folder, 1))
    const [cut] = cutOut(folder, await checkLog(folder), NOW)
    expect(cut?.isCut).toBe(true)
    expect(readFileSync(cut?.keptAt ?? '')).toEqual(broken.subarray(begins[1], begins[2]))
    expect(statSync(cut?.keptAt ?? '').mode & 0o777).toBe(0o600)
    const after = readFileSync(segmentPath(folder, 1))
    expect(after.subarray(begins[2])).toEqual(before.subarray(begins[2]))
    expect(await read()).toEqual([10, 12, 13, 14])
    expect(await checkLog(folder)).toMatchObject({ damaged: [], tornTail: null })
    // Who had read up to the damage, or behind it, goes on as before.
    expect(await read({ segment: 1, offset: begins[1] ?? 0 })).toEqual([12, 13, 14])
    expect(await read({ segment: 1, offset: begins[2] ?? 0 })).toEqual([12, 13, 14])
  })

  it('of a torn tail shortens the file', async () => {
    const end = writeSegment(1, 10, 11).at(-1)
    appendFileSync(segmentPath(folder, 1), 'half a rec')
    cutOut(folder, await checkLog(folder), NOW)
    expect(statSync(segmentPath(folder, 1)).size).toBe(end)
    expect(readFileSync(join(folder, 'damaged', `00000001-${end}-10.bytes`), 'utf8')).toBe('half a rec')
  })

  it('of a header writes it anew, and the records behind it are read', async () => {
    writeSegment(1, 10, 11)
    writeSegment(2, 12)
    flipBit(1, 3)
    cutOut(folder, await checkLog(folder), NOW)
    expect(readFileSync(segmentPath(folder, 1)).subarray(0, SEGMENT_HEADER_BYTES)).toEqual(segmentHeader(1))
    expect(await read()).toEqual([10, 11, 12])
  })

  it('fills several megabytes, and readers pass over them', async () => {
    const begin = writeSegment(1, 10).at(-1) ?? 0
    const bytes = 3 * 1_048_576 + 7
    appendFileSync(segmentPath(folder, 1), Buffer.alloc(bytes))
    const tail = new RecordBuffer()
    tail.append({ type: 'listening', arrival: 11 })
    appendFileSync(segmentPath(folder, 1), tail.take())
    expect(await read()).toContain(11)
    cutOut(folder, await checkLog(folder), NOW)
    expect(await read()).toEqual([10, 11])
    const [segment] = (await checkLog(folder)).segments
    expect(segment).toMatchObject({ voidBytes: bytes, records: 2 })
    expect(segment?.last?.at.offset).toBe(begin + bytes)
  })

  it('leaves what is too short for a void record, and says so', async () => {
    writeSegment(1, 10)
    appendFileSync(segmentPath(folder, 1), Buffer.alloc(LEAST_VOID_BYTES - 1))
    writeSegment(2, 11)
    const before = readFileSync(segmentPath(folder, 1))
    expect(cutOut(folder, await checkLog(folder), NOW)).toMatchObject([{ isCut: false }])
    expect(readFileSync(segmentPath(folder, 1))).toEqual(before)
  })

  it('of any one flipped bit leaves all other records', async () => {
    const arrivals = [10, 11, 12, 13, 14]
    const begins = writeSegment(1, ...arrivals)
    const whole = readFileSync(segmentPath(folder, 1))
    writeSegment(2, 15)
    for (let at = SEGMENT_HEADER_BYTES; at < whole.length; at += 1) {
      writeFileSync(segmentPath(folder, 1), whole)
      flipBit(1, at)
      cutOut(folder, await checkLog(folder), NOW)
      const hit = begins.findIndex((begin, index) => begin <= at && at < (begins[index + 1] ?? 0))
      expect([at, await read()]).toEqual([at, [...arrivals.filter((_, index) => index !== hit), 15]])
    }
  })
})
