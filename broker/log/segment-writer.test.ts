import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { comparePositions, type LogPosition } from '../../contract/log.ts'
import { openLogReader } from '../../runtime/log/reader.ts'
import { RecordBuffer } from '../../runtime/log/record.ts'
import { listSegments, SEGMENT_HEADER_BYTES, segmentHeader, segmentPath } from '../../runtime/log/segment.ts'
import { BOUND_BYTES, LogRefusal, RESERVE_BYTES } from './log-refusal.ts'
import { SegmentWriter } from './segment-writer.ts'
import { FaultyDisk, PowerCut } from './test/faulty-disk.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pantau-log-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A few records a segment. */
const SMALL_BYTES = 600
/** More than a disk without room takes: a writer that refuses nothing fails a test instead of going on for ever. */
const GROUPS_MOST = 200

function groupOf(...numbers: readonly number[]): Uint8Array {
  return paddedGroup(0, ...numbers)
}

function paddedGroup(padding: number, ...numbers: readonly number[]): Uint8Array {
  const buffer = new RecordBuffer()
  for (const number of numbers) {
    buffer.append({
      type: 'message',
      arrival: number,
      client: 's-1',
      topic: 'pantau/cideng/sensor/s-1/reading',
      payload: Buffer.from(String(number).padEnd(padding)),
      qos: 1,
      retain: false,
      dup: false,
      will: false,
    })
  }
  return buffer.take()
}

interface Read {
  readonly numbers: number[]
  readonly damaged: string[]
}

/** The numbers in the log up to `end`, by arrival. */
async function readUpTo(end: LogPosition): Promise<Read> {
  const reader = openLogReader(folder, { segment: listSegments(folder)[0] ?? 1, offset: 0 })
  const read: Read = { numbers: [], damaged: [] }
  for (let items = await reader.read(end); items.length > 0; items = await reader.read(end)) {
    for (const item of items) {
      if (item.type === 'record') read.numbers.push(item.record.arrival)
      else read.damaged.push(item.detail)
    }
  }
  await reader.close()
  return read
}

async function openWriter(disk: FaultyDisk, known: LogPosition | null = null): Promise<SegmentWriter> {
  const writer = new SegmentWriter(disk, SMALL_BYTES)
  await writer.open(folder, known)
  return writer
}

describe('a writer', () => {
  it('puts groups into segments of bounded size, synced one by one', async () => {
    const disk = new FaultyDisk(folder)
    const writer = await openWriter(disk)
    for (let number = 0; number < 20; number += 1) writer.commit(groupOf(number))
    expect((await readUpTo(writer.size().end)).numbers).toEqual(Array.from({ length: 20 }, (_, n) => n))
    expect(listSegments(folder).length).toBe(3)
    for (const segment of listSegments(folder)) {
      expect(readFileSync(segmentPath(folder, segment)).length).toBeLessThanOrEqual(SMALL_BYTES)
    }
    // One a group, one a header, and one for the end of each segment that is full.
    const syncs = disk.calls.filter((call) => call === 'sync').length
    expect(syncs).toBe(20 + 2 * listSegments(folder).length - 1)
    const { bytes } = writer.size()
    writer.close()
    expect(bytes).toBe(
      listSegments(folder).reduce(
        (sum, segment) => sum + readFileSync(segmentPath(folder, segment)).length,
        0,
      ),
    )
  })

  it('fills the segment ahead with zeros, so that its length changes once in a megabyte', async () => {
    const disk = new FaultyDisk(folder)
    const writer = new SegmentWriter(disk)
    await writer.open(folder, null)
    const lengths = new Set<number>()
    const group = paddedGroup(60_000, 1)
    for (let written = 0; written < 3 * 1_048_576; written += group.length) {
      writer.commit(group)
      lengths.add(statSync(segmentPath(folder, 1)).size)
    }
    expect(lengths.size).toBe(3)
    expect(disk.calls.filter((call) => call === 'zero').length).toBe(3)
    expect(writer.size().bytes).toBe(writer.size().end.offset)
  })

  it('takes groups on a full disk while the segment has room that is filled', async () => {
    const disk = new FaultyDisk(folder)
    const writer = new SegmentWriter(disk)
    await writer.open(folder, null)
    disk.fault = (call) => (call === 'zero' ? 'ENOSPC' : null)
    disk.free = RESERVE_BYTES - 1
    const group = paddedGroup(60_000, 1)
    let taken = 0
    const refusal = refusalOf(() => {
      for (; taken < GROUPS_MOST; taken += 1) writer.commit(group)
    })
    expect([refusal, taken]).toEqual(['disk_full', Math.floor(1_048_576 / group.length)])
    expect((await readUpTo(writer.size().end)).numbers.length).toBe(taken)
  })

  it('takes groups where there is room for them and none ahead of them', async () => {
    const disk = new FaultyDisk(folder)
    disk.fault = (call) => (call === 'zero' ? 'ENOSPC' : null)
    const writer = await openWriter(disk)
    for (let number = 0; number < 20; number += 1) writer.commit(groupOf(number))
    expect(await readUpTo(writer.size().end)).toEqual({
      numbers: Array.from({ length: 20 }, (_, number) => number),
      damaged: [],
    })
  })

  it('goes on behind what is there, in a new segment', async () => {
    const first = await openWriter(new FaultyDisk(folder))
    first.commit(groupOf(1, 2))
    first.close()
    const second = await openWriter(new FaultyDisk(folder), first.size().end)
    expect(second.size().end).toEqual({ segment: 2, offset: SEGMENT_HEADER_BYTES })
    second.commit(groupOf(3))
    expect(await readUpTo(second.size().end)).toEqual({ numbers: [1, 2, 3], damaged: [] })
  })

  it('syncs at the start what a killed process may have left unsynced', async () => {
    const first = new FaultyDisk(folder)
    const killed = await openWriter(first)
    killed.commit(groupOf(1))
    const second = new FaultyDisk(folder)
    await openWriter(second)
    const opening = second.calls.indexOf('open')
    expect(second.calls.slice(opening, opening + 3)).toEqual(['open', 'truncate', 'sync'])
  })
})

describe('a torn tail', () => {
  it('at every byte of the last three records is cut, and what is whole stays', async () => {
    const whole = await openWriter(new FaultyDisk(folder))
    const ends = [1, 2, 3, 4, 5].map((number) => {
      whole.commit(groupOf(number))
      return whole.size().end.offset
    })
    whole.close()
    const bytes = readFileSync(segmentPath(folder, 1))
    for (let length = ends[1] ?? 0; length < bytes.length; length += 1) {
      for (const segment of listSegments(folder)) rmSync(segmentPath(folder, segment))
      writeFileSync(segmentPath(folder, 1), bytes.subarray(0, length))
      const kept = ends.filter((end) => end <= length)
      const writer = new SegmentWriter(new FaultyDisk(folder))
      const opened = await writer.open(folder, null)
      // Zeros at its end pass for what was filled ahead.
      const torn = bytes.subarray(kept.at(-1) ?? 0, length).findLastIndex((byte) => byte !== 0) + 1
      expect([length, opened.cutBytes]).toEqual([length, torn])
      writer.commit(groupOf(99))
      const expected = [...kept.map((_, index) => index + 1), 99]
      expect([length, await readUpTo(writer.size().end)]).toEqual([
        length,
        { numbers: expected, damaged: [] },
      ])
      writer.close()
    }
  })

  it('of zeros is none: a killed writer leaves them', async () => {
    const killed = await openWriter(new FaultyDisk(folder))
    killed.commit(groupOf(1))
    const { offset } = killed.size().end
    expect(readFileSync(segmentPath(folder, 1)).length).toBe(SMALL_BYTES)
    const writer = new SegmentWriter(new FaultyDisk(folder))
    expect(await writer.open(folder, killed.size().end)).toEqual({ cutBytes: 0, isBehind: false })
    expect(readFileSync(segmentPath(folder, 1)).length).toBe(offset)
  })

  it('before and behind zeros is told from them', async () => {
    const first = await openWriter(new FaultyDisk(folder))
    first.commit(groupOf(1))
    first.close()
    appendFileSync(
      segmentPath(folder, 1),
      Buffer.concat([Buffer.alloc(40), Buffer.from('torn'), Buffer.alloc(90)]),
    )
    const writer = new SegmentWriter(new FaultyDisk(folder))
    expect(await writer.open(folder, null)).toEqual({ cutBytes: 44, isBehind: false })
  })

  it('that ends in zeros of its own is a record', async () => {
    const first = await openWriter(new FaultyDisk(folder))
    const buffer = new RecordBuffer()
    const payload = Buffer.alloc(200)
    const flags = { qos: 1, retain: false, dup: false, will: false } as const
    buffer.append({ type: 'message', arrival: 1, client: 's-1', topic: 'pantau', payload, ...flags })
    first.commit(buffer.take())
    const writer = await openWriter(new FaultyDisk(folder), first.size().end)
    expect(await readUpTo(writer.size().end)).toEqual({ numbers: [1], damaged: [] })
  })

  it('whose first sector never came to the disk, but its second did, is no damage', async () => {
    const first = new SegmentWriter(new FaultyDisk(folder))
    await first.open(folder, null)
    first.commit(groupOf(1))
    const before = first.size().end.offset
    first.commit(paddedGroup(300, 2, 3, 4, 5))
    const bytes = readFileSync(segmentPath(folder, 1))
    writeFileSync(segmentPath(folder, 1), bytes.fill(0, before, 512))
    const second = new SegmentWriter(new FaultyDisk(folder))
    const { cutBytes } = await second.open(folder, null)
    const read = await readUpTo(second.size().end)
    expect(read.damaged).toEqual([])
    expect(read.numbers.slice(0, 1)).toEqual([1])
    expect(read.numbers.length).toBeLessThan(5)
    expect(cutBytes).toBeGreaterThan(512 - before)
  })

  it('is not what a flipped bit makes: that is damage', async () => {
    const first = await openWriter(new FaultyDisk(folder))
    first.commit(groupOf(1, 2, 3))
    const bytes = readFileSync(segmentPath(folder, 1))
    bytes[SEGMENT_HEADER_BYTES + 30] = (bytes[SEGMENT_HEADER_BYTES + 30] ?? 0) ^ 1
    writeFileSync(segmentPath(folder, 1), bytes)
    const second = await openWriter(new FaultyDisk(folder))
    const { numbers, damaged } = await readUpTo(second.size().end)
    expect([numbers, damaged.length]).toEqual([[2, 3], 1])
  })

  it('is followed by a new segment, so that no place is given twice', async () => {
    const first = await openWriter(new FaultyDisk(folder))
    first.commit(groupOf(1))
    first.commit(groupOf(2))
    first.close()
    const before = first.size().end
    const bytes = readFileSync(segmentPath(folder, 1))
    bytes[before.offset - 1] = (bytes[before.offset - 1] ?? 0) ^ 1
    writeFileSync(segmentPath(folder, 1), bytes)
    const second = await openWriter(new FaultyDisk(folder))
    expect(comparePositions(second.size().end, before)).toBe(1)
    second.commit(groupOf(3))
    // Who had read up to the old end misses nothing.
    const reader = openLogReader(folder, before)
    const items = await reader.read(second.size().end)
    expect(items.map((item) => (item.type === 'record' ? item.record.arrival : item.detail))).toEqual([3])
    await reader.close()
  })

  it.each([0, 1, SEGMENT_HEADER_BYTES, 3 * SEGMENT_HEADER_BYTES])(
    'of %i bytes less than what was read, unknown to the broker, gives no place twice',
    async (kept) => {
      const first = await openWriter(new FaultyDisk(folder))
      first.commit(groupOf(1))
      const known = first.size().end
      first.commit(groupOf(2, 3, 4, 5))
      first.close()
      const before = first.size().end
      writeFileSync(
        segmentPath(folder, 1),
        readFileSync(segmentPath(folder, 1)).subarray(0, SEGMENT_HEADER_BYTES + kept),
      )
      const second = await openWriter(new FaultyDisk(folder), kept === 0 ? known : null)
      expect(comparePositions(second.size().end, before)).toBe(1)
      second.commit(groupOf(6))
      // Who had read up to the old end misses nothing of what is acknowledged from now on.
      const reader = openLogReader(folder, before)
      const numbers: number[] = []
      const { end } = second.size()
      for (let items = await reader.read(end); items.length > 0; items = await reader.read(end)) {
        for (const item of items) if (item.type === 'record') numbers.push(item.record.arrival)
      }
      expect(numbers).toEqual([6])
      await reader.close()
    },
  )

  it('before its header is whole is begun again under the same number', async () => {
    const first = await openWriter(new FaultyDisk(folder))
    first.commit(groupOf(1))
    first.close()
    writeFileSync(segmentPath(folder, 2), segmentHeader(2).subarray(0, 7))
    const second = await openWriter(new FaultyDisk(folder), first.size().end)
    second.commit(groupOf(2))
    expect(await readUpTo(second.size().end)).toEqual({ numbers: [1, 2], damaged: [] })
    expect(listSegments(folder)).toEqual([1, 2])
  })
})

describe('a log that lost something', () => {
  it('wholly goes on behind what was known, and says so', async () => {
    const known = { segment: 7, offset: 5_000 }
    const writer = new SegmentWriter(new FaultyDisk(folder))
    expect(await writer.open(folder, known)).toEqual({ cutBytes: 0, isBehind: true })
    expect(writer.size().end).toEqual({ segment: 8, offset: SEGMENT_HEADER_BYTES })
  })

  it('at its end goes on behind what was known', async () => {
    const first = await openWriter(new FaultyDisk(folder))
    first.commit(groupOf(1))
    first.close()
    const { end } = first.size()
    const writer = new SegmentWriter(new FaultyDisk(folder))
    const opened = await writer.open(folder, { ...end, offset: end.offset + 1 })
    expect(opened.isBehind).toBe(true)
    expect(writer.size().end.segment).toBe(2)
  })

  it.each([
    ['zeros', Buffer.alloc(300)],
    ['something else', Buffer.from('{"not":"a log"}'.repeat(20))],
  ])('whose last segment is %s leaves it as it is', async (_what, bytes) => {
    writeFileSync(segmentPath(folder, 1), bytes)
    const writer = await openWriter(new FaultyDisk(folder))
    writer.commit(groupOf(1))
    expect(readFileSync(segmentPath(folder, 1))).toEqual(bytes)
    const read = await readUpTo(writer.size().end)
    expect(read.numbers).toEqual([1])
    expect(read.damaged[0]).toBe('segment 1 has no whole header')
  })

  it('and is of a newer version is refused by name', async () => {
    writeFileSync(segmentPath(folder, 1), segmentHeader(1, 9))
    await expect(openWriter(new FaultyDisk(folder))).rejects.toThrow(
      `${segmentPath(folder, 1)} is of format 9`,
    )
  })
})

describe('a sync that fails', () => {
  it('refuses its group, seals the segment and never syncs it again', async () => {
    const disk = new FaultyDisk(folder)
    const writer = await openWriter(disk)
    writer.commit(groupOf(1))
    let failures = 1
    disk.fault = (call) => (call === 'sync' && failures-- > 0 ? 'EIO' : null)
    expect(() => writer.commit(groupOf(2))).toThrow('the log cannot be written (EIO); look at the disk')
    // The disk throws when a file is synced after a failed sync.
    writer.commit(groupOf(3))
    expect(writer.size().end.segment).toBe(2)
    expect(await readUpTo(writer.size().end)).toEqual({ numbers: [1, 3], damaged: [] })
  })

  it('and whatever else fails there leaves a log whose acknowledged records are all there', async () => {
    const disk = new FaultyDisk(folder)
    const writer = await openWriter(disk)
    writer.commit(groupOf(1))
    disk.fault = () => 'EIO'
    for (const number of [2, 3]) expect(() => writer.commit(groupOf(number))).toThrow(LogRefusal)
    expect(() => writer.probe()).toThrow(LogRefusal)
    disk.fault = () => null
    writer.probe()
    writer.commit(groupOf(4))
    const { numbers } = await readUpTo(writer.size().end)
    expect(numbers.filter((number) => number !== 2)).toEqual([1, 4])
  })
})

describe('any one call that fails', () => {
  it.each(['EIO', 'ENOSPC', 'EDQUOT', 'EROFS'])(
    'with %s loses nothing that was acknowledged',
    async (code) => {
      const disk = new FaultyDisk(folder)
      const trial = await openWriter(disk)
      runGroups(trial, 1)
      trial.close()
      const calls = disk.calls.length
      expect(calls).toBeGreaterThan(30)
      for (let failing = 1; failing <= calls; failing += 1) {
        for (const segment of listSegments(folder)) rmSync(segmentPath(folder, segment))
        const faulty = new FaultyDisk(folder)
        faulty.fault = (call, index) =>
          index === failing && call !== 'list' && call !== 'size' && call !== 'open' ? code : null
        const writer = new SegmentWriter(faulty, SMALL_BYTES)
        await writer.open(folder, null).catch((error: unknown) => {
          if (!(error instanceof LogRefusal)) throw error
        })
        const acknowledged = runGroups(writer, 3)
        const { numbers } = await readUpTo(writer.size().end)
        // In order, none twice, none missing; what was refused may be there or not.
        expect([failing, numbers.filter((number) => acknowledged.includes(number))]).toEqual([
          failing,
          acknowledged,
        ])
        expect(new Set(numbers).size).toBe(numbers.length)
        writer.close()
      }
    },
  )

  /** Commits groups, each up to `tries` times after a refusal; the numbers that were acknowledged. */
  function runGroups(writer: SegmentWriter, tries: number): number[] {
    const acknowledged: number[] = []
    for (let group = 0; group < 12; group += 1) {
      for (let attempt = 0; attempt < tries; attempt += 1) {
        const numbers = [group * 100 + attempt * 10, group * 100 + attempt * 10 + 1]
        try {
          writer.commit(groupOf(...numbers))
          acknowledged.push(...numbers)
          break
        } catch (error) {
          if (!(error instanceof LogRefusal)) throw error
        }
      }
    }
    return acknowledged
  }
})

describe('a power cut', () => {
  it('at any call keeps every acknowledged record, in order, whatever of the rest stays', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 120 }),
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 25 }),
        fc.constantFrom(0, 300),
        fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
        async (cutAt, groups, padding, chances) => {
          for (const segment of listSegments(folder)) rmSync(segmentPath(folder, segment))
          const disk = new FaultyDisk(folder)
          disk.fault = (_call, index) => (index === cutAt ? 'power' : null)
          const acknowledged: number[] = []
          let told: LogPosition | null = null
          let next = 0
          try {
            const writer = new SegmentWriter(disk, padding === 0 ? SMALL_BYTES : 5_000)
            await writer.open(folder, null)
            told = writer.size().end
            for (const size of groups) {
              const numbers = Array.from({ length: size }, () => {
                next += 1
                return next
              })
              writer.commit(paddedGroup(padding, ...numbers))
              acknowledged.push(...numbers)
              told = writer.size().end
            }
          } catch (error) {
            if (!(error instanceof PowerCut)) throw error
          }
          disk.cutPower(() => chances.next().value ?? 0)

          const again = await openWriter(new FaultyDisk(folder), told)
          if (told !== null) expect(comparePositions(again.size().end, told)).toBeGreaterThanOrEqual(0)
          again.commit(groupOf(1_000))
          const read = await readUpTo(again.size().end)
          expect(read.numbers.slice(0, acknowledged.length)).toEqual(acknowledged)
          // What follows was sent and never acknowledged: any of the last group, once each, in order.
          const rest = read.numbers.slice(acknowledged.length)
          expect(rest.at(-1)).toBe(1_000)
          expect(rest).toEqual([...new Set(rest)].sort((a, b) => a - b))
          expect(read.damaged).toEqual([])
          again.close()
        },
      ),
      { numRuns: 400 },
    )
  })
})

describe('room', () => {
  it('below the reserve refuses with disk_full and comes back by itself', async () => {
    const disk = new FaultyDisk(folder)
    const writer = await openWriter(disk)
    disk.free = RESERVE_BYTES - 1
    expect(refusalOf(() => writer.probe())).toBe('disk_full')
    expect(
      refusalOf(() => {
        for (let groups = 0; groups < GROUPS_MOST; groups += 1) writer.commit(groupOf(1))
      }),
    ).toBe('disk_full')
    disk.free = RESERVE_BYTES + 1_000
    writer.probe()
    writer.commit(groupOf(2))
    expect((await readUpTo(writer.size().end)).numbers.slice(-1)).toEqual([2])
  })

  it('beyond the bound refuses with log_full until the store has more, and then gives up the day that segments stay', async () => {
    const disk = new FaultyDisk(folder)
    const writer = await openWriter(disk)
    for (let number = 0; number < 20; number += 1) writer.commit(groupOf(number))
    disk.total = (writer.size().bytes - 1) / 0.8
    expect(refusalOf(() => writer.probe())).toBe('log_full')
    const segments = listSegments(folder)
    // Nothing of it is a day old.
    expect(writer.removeStored({ segment: 3, offset: SEGMENT_HEADER_BYTES }, 0)).toBe(0)
    writer.probe()
    writer.commit(groupOf(21))
    expect(listSegments(folder)).toEqual(segments.filter((segment) => segment >= 3))
    expect(BOUND_BYTES).toBe(10 * 2 ** 30)
  })

  it('is made of segments that the store has and that are old, never of others', async () => {
    const writer = await openWriter(new FaultyDisk(folder))
    for (let number = 0; number < 40; number += 1) writer.commit(groupOf(number))
    const { end } = writer.size()
    const later = Number.POSITIVE_INFINITY
    expect(writer.removeStored({ segment: 1, offset: 500 }, later)).toBe(0)
    expect(writer.removeStored({ segment: 3, offset: 0 }, later)).toBe(2)
    expect(writer.removeStored({ segment: end.segment + 5, offset: 0 }, later)).toBe(end.segment - 3)
    expect(listSegments(folder)).toEqual([end.segment])
    writer.commit(groupOf(20))
  })
})

function refusalOf(work: () => void): string {
  try {
    work()
  } catch (error) {
    if (error instanceof LogRefusal) return error.reason
    throw error
  }
  return 'none'
}
