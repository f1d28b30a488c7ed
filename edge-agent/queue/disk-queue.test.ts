import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { crc32c } from '../../runtime/log/crc32c.ts'
import { MemoryDisk, systemError } from '../testing/memory-disk.ts'
import { type Batch, DiskQueue, type Part } from './disk-queue.ts'

const MIB = 1_048_576
const FOLDER = '/queue'

const reading = (number: number): Buffer => Buffer.from(`{"seq":${number},"values":{"up":1}}`)
/** The numbers in a message, in order. */
function seqsOf(batch: Batch | null): number[] {
  const message: unknown = JSON.parse(batch?.message.toString() ?? '[]')
  return [message].flat().map((one) => (one as { seq: number }).seq)
}

function open(memory: MemoryDisk, maxBytes = MIB): DiskQueue {
  return new DiskQueue({ folder: FOLDER, maxBytes, disk: memory.disk })
}

/** Appends readings `from` to `to` and flushes. */
function fill(queue: DiskQueue, from: number, to: number): void {
  for (let number = from; number <= to; number += 1) queue.append(reading(number))
  expect(queue.flush()).toEqual({ ok: true })
}

/** Takes everything out, acknowledging it; returns the numbers in order. */
function drain(queue: DiskQueue): number[] {
  const numbers: number[] = []
  for (let batch = queue.next(100, 65_536); batch !== null; batch = queue.next(100, 65_536)) {
    numbers.push(...seqsOf(batch))
    queue.acknowledge(batch.parts)
  }
  return numbers
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index)

describe('on a real disk', () => {
  let folder = ''
  beforeEach(() => {
    folder = fs.mkdtempSync(join(tmpdir(), 'pantau-queue-'))
  })
  afterEach(() => fs.rmSync(folder, { recursive: true }))
  const openReal = (): DiskQueue => new DiskQueue({ folder, maxBytes: MIB, disk: fs })

  test('readings come out in the order they went in, after a restart too', () => {
    const queue = openReal()
    fill(queue, 1, 500)
    fill(queue, 501, 1_000)
    expect(queue.length).toBe(1_000)
    const again = openReal()
    expect(again.length).toBe(1_000)
    expect(drain(again)).toEqual(range(1, 1_000))
    expect(again.length).toBe(0)
  })

  test('what is acknowledged is deleted from the disk', () => {
    const queue = openReal()
    fill(queue, 1, 100)
    expect(fs.readdirSync(folder).filter((name) => name.endsWith('.seg'))).toHaveLength(1)
    drain(queue)
    expect(fs.readdirSync(folder)).toEqual(['cursor'])
    expect(queue.bytes).toBe(0)
  })

  test('after a restart in the middle only the unacknowledged go out again', () => {
    const queue = openReal()
    fill(queue, 1, 100)
    const first = queue.next(40, 65_536)
    const second = queue.next(20, 65_536)
    queue.acknowledge(first?.parts ?? [])
    expect(seqsOf(second)).toEqual(range(41, 60))
    queue.flush()
    expect(drain(openReal())).toEqual(range(41, 100))
  })

  test('a reading acknowledged before the flush never touches the disk', () => {
    const queue = openReal()
    const part = queue.append(reading(1))
    queue.markInFlight(part)
    queue.acknowledge([part])
    expect(queue.isDirty).toBe(false)
    queue.flush()
    expect(fs.readdirSync(folder)).toEqual(['cursor'])
    expect(fs.statSync(join(folder, 'cursor')).size).toBe(0)
  })

  test('files are for their owner only', () => {
    fill(openReal(), 1, 1)
    for (const name of fs.readdirSync(folder)) expect(fs.statSync(join(folder, name)).mode & 0o077).toBe(0)
  })
})

describe('order and acknowledgement', () => {
  test('a batch fills up to the bytes and the count, and holds at least one reading', () => {
    const queue = open(new MemoryDisk())
    fill(queue, 10, 29)
    const size = reading(10).length
    // Two brackets, three readings, two commas.
    expect(seqsOf(queue.next(100, 2 + 3 * size + 2))).toEqual([10, 11, 12])
    expect(seqsOf(queue.next(100, 2 + 3 * size + 1))).toEqual([13, 14])
    expect(seqsOf(queue.next(100, 1))).toEqual([15])
    expect(seqsOf(queue.next(4, 65_536))).toEqual([16, 17, 18, 19])
  })

  test('after a lost connection what was in flight goes out again, oldest first', () => {
    const queue = open(new MemoryDisk())
    fill(queue, 1, 10)
    const one = queue.next(3, 65_536)
    const two = queue.next(3, 65_536)
    queue.acknowledge(two?.parts ?? [])
    expect(seqsOf(one)).toEqual([1, 2, 3])
    queue.release()
    expect(drain(queue)).toEqual([1, 2, 3, 7, 8, 9, 10])
  })

  test('a live reading that goes out beside the backlog is not sent a second time', () => {
    const queue = open(new MemoryDisk())
    fill(queue, 1, 5)
    const live = queue.append(reading(6))
    queue.markInFlight(live)
    queue.flush()
    const late = queue.append(reading(7))
    queue.markInFlight(late)
    queue.flush()
    queue.acknowledge([live])
    expect(drain(queue)).toEqual([1, 2, 3, 4, 5])
    expect(queue.length).toBe(1)
    queue.release()
    expect(drain(queue)).toEqual([7])
    expect(queue.length).toBe(0)
  })

  test('an acknowledgement that comes twice, or for a reading long gone, changes nothing', () => {
    const queue = open(new MemoryDisk())
    fill(queue, 1, 4)
    const batch = queue.next(2, 65_536)
    queue.acknowledge(batch?.parts ?? [])
    queue.acknowledge(batch?.parts ?? [])
    queue.acknowledge([{ from: 999, to: 999, count: 1 }])
    expect(queue.length).toBe(2)
    expect(drain(queue)).toEqual([3, 4])
  })

  test('ids never come again after a restart, so a new reading is never taken for a delivered one', () => {
    const memory = new MemoryDisk()
    const queue = open(memory)
    fill(queue, 1, 10)
    queue.acknowledge(queue.next(6, 65_536)?.parts ?? [])
    queue.flush()
    const again = open(memory.copy())
    fill(again, 11, 12)
    expect(drain(again)).toEqual(range(7, 12))
  })

  test('a random history delivers every reading, in order, each once a connection', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('append' as const), live: fc.boolean() }),
      fc.record({ do: fc.constant('take' as const), count: fc.integer({ min: 1, max: 7 }) }),
      fc.record({ do: fc.constant('acknowledge' as const) }),
      fc.record({ do: fc.constant('flush' as const) }),
      fc.record({ do: fc.constant('release' as const) }),
      fc.record({ do: fc.constant('restart' as const) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let memory = new MemoryDisk()
        let queue = open(memory)
        let count = 0
        const sent: { readonly parts: readonly Part[]; readonly seqs: readonly number[] }[] = []
        const delivered = new Set<number>()
        let sentNow = new Set<number>()
        let hasRestarted = false
        for (const one of steps) {
          if (one.do === 'append') {
            count += 1
            const part = queue.append(reading(count))
            if (one.live) {
              queue.markInFlight(part)
              sent.push({ parts: [part], seqs: [count] })
              sentNow.add(count)
            }
          } else if (one.do === 'take') {
            const batch = queue.next(one.count, 65_536)
            if (batch === null) continue
            for (const seq of seqsOf(batch)) {
              expect(sentNow.has(seq)).toBe(false)
              // After a restart delivered readings may come again, since the cursor on disk is a second behind.
              expect(delivered.has(seq) && !hasRestarted).toBe(false)
              sentNow.add(seq)
            }
            sent.push({ parts: batch.parts, seqs: seqsOf(batch) })
          } else if (one.do === 'acknowledge') {
            const first = sent.shift()
            for (const seq of first?.seqs ?? []) delivered.add(seq)
            queue.acknowledge(first?.parts ?? [])
            if (!hasRestarted) expect(queue.length).toBe(count - delivered.size)
          } else if (one.do === 'flush') {
            queue.flush()
          } else {
            sent.length = 0
            sentNow = new Set()
            if (one.do === 'release') queue.release()
            else {
              queue.close()
              memory = memory.copy()
              queue = open(memory)
              hasRestarted = true
            }
          }
        }
        queue.flush()
        queue.release()
        const rest = drain(queue)
        expect(rest).toEqual(rest.toSorted((a, b) => a - b))
        expect(new Set([...rest, ...delivered])).toEqual(new Set(count === 0 ? [] : range(1, count)))
        expect(queue.length).toBe(0)
        expect(queue.lost).toBe(0)
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('damage', () => {
  const segmentOf = (memory: MemoryDisk): string => memory.paths().find((path) => path.endsWith('.seg')) ?? ''

  test('a file cut at any byte of the last three readings keeps all whole ones before the cut', () => {
    const memory = new MemoryDisk()
    fill(open(memory), 1, 20)
    const path = segmentOf(memory)
    const whole = memory.content(path)
    const recordBytes = 20 + reading(20).length
    for (let cut = whole.length - 3 * recordBytes; cut < whole.length; cut += 1) {
      const torn = new MemoryDisk()
      torn.put(path, whole.subarray(0, cut))
      const queue = open(torn)
      const kept = 20 - Math.ceil((whole.length - cut) / recordBytes)
      expect(queue.faults.tornBytes).toBe((cut - (whole.length - 3 * recordBytes)) % recordBytes)
      expect(queue.length).toBe(kept)
      // What is appended after the cut is whole.
      fill(queue, 21, 21)
      expect(drain(open(torn.copy()))).toEqual([...range(1, kept), 21])
    }
  })

  test('any flipped bit costs at most the reading it is in, and never yields a wrong one', () => {
    const memory = new MemoryDisk()
    fill(open(memory), 1, 6)
    const path = segmentOf(memory)
    const whole = memory.content(path)
    const recordBytes = 20 + reading(1).length
    for (let bit = 0; bit < whole.length * 8; bit += 1) {
      const flipped = Buffer.from(whole)
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
      const damaged = new MemoryDisk()
      damaged.put(path, flipped)
      const queue = open(damaged)
      const hit = Math.floor(((bit >> 3) - 16) / recordBytes) + 1
      const expected = range(1, 6).filter((number) => number !== hit)
      expect(queue.length).toBe(expected.length)
      // The last one is not told from a torn tail; the others are counted.
      expect(queue.faults.damaged).toBe(hit >= 1 && hit <= 5 ? 1 : 0)
      expect(queue.lost).toBe(queue.faults.damaged)
      expect(queue.faults.tornBytes).toBe(hit === 6 ? recordBytes : 0)
      expect(drain(queue)).toEqual(expected)
    }
  })

  test('bits flipped while it runs are skipped and counted when they are read', () => {
    const memory = new MemoryDisk()
    const queue = open(memory, MIB)
    const many = 4_000
    fill(queue, 1, many)
    const path = segmentOf(memory)
    memory.content(path).writeUInt8(0, 16 + 25)
    const numbers = drain(queue)
    expect(numbers).toEqual(range(2, many))
    expect(queue.lost).toBe(1)
    expect(queue.length).toBe(0)
  })

  test('any flipped bit of the cursor only makes delivered readings go out again', () => {
    const memory = new MemoryDisk()
    const queue = open(memory)
    fill(queue, 1, 10)
    queue.acknowledge(queue.next(4, 65_536)?.parts ?? [])
    queue.flush()
    queue.acknowledge(queue.next(2, 65_536)?.parts ?? [])
    queue.flush()
    const cursor = memory.content('/queue/cursor')
    const places = [...range(0, 19), ...range(4_096, 4_115)]
    for (const place of places) {
      for (let bit = 0; bit < 8; bit += 1) {
        const copy = memory.copy()
        copy.content('/queue/cursor').writeUInt8(cursor.readUInt8(place) ^ (1 << bit), place)
        const numbers = drain(open(copy))
        expect(numbers.slice(-4)).toEqual([7, 8, 9, 10])
        expect([range(5, 10), range(7, 10)]).toContainEqual(numbers)
      }
    }
  })

  test('empty, zero-filled and foreign files do not stop the queue', () => {
    const memory = new MemoryDisk()
    memory.put('/queue/000000000001.seg', Buffer.alloc(0))
    memory.put('/queue/000000000002.seg', Buffer.alloc(5_000))
    memory.put('/queue/000000000003.seg.new', Buffer.from('half'))
    memory.put('/queue/readme.txt', Buffer.from('not ours'))
    const queue = open(memory)
    expect(queue.length).toBe(0)
    fill(queue, 1, 3)
    expect(drain(open(memory.copy()))).toEqual([1, 2, 3])
    expect(memory.paths()).toContain('/queue/readme.txt')
    expect(memory.paths()).not.toContain('/queue/000000000003.seg.new')
  })

  test('a segment of a newer version is set aside, not read and not deleted', () => {
    const memory = new MemoryDisk()
    const head = Buffer.alloc(16)
    head.write('PEQ')
    head.writeUInt8(2, 3)
    head.writeUInt32BE(crc32c(head, 0, 12), 12)
    memory.put('/queue/000000000007.seg', Buffer.concat([head, Buffer.from('from the future')]))
    const queue = open(memory)
    expect(queue.faults.setAside).toEqual(['/queue/000000000007.seg.version-2'])
    expect(memory.paths()).toContain('/queue/000000000007.seg.version-2')
    fill(queue, 1, 1)
    expect(drain(queue)).toEqual([1])
  })
})

describe('the bound', () => {
  /** Flushes every 50, as the agent does every second. */
  function overfill(queue: DiskQueue, count: number, bound: number): void {
    for (let number = 1; number <= count; number += 1) {
      queue.append(reading(number))
      if (number % 50 === 0) {
        expect(queue.flush()).toEqual({ ok: true })
        expect(queue.bytes).toBeLessThanOrEqual(bound)
      }
    }
    queue.flush()
  }

  test('the oldest thin out, the newest stay, and every reading is either kept or counted as lost', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200_000 }), (count) => {
        const memory = new MemoryDisk()
        const queue = open(memory, MIB)
        overfill(queue, count, MIB)
        expect(queue.length + queue.lost).toBe(count)
        const again = open(memory.copy(), MIB)
        expect(again.lost).toBe(queue.lost)
        const kept = drain(again)
        expect(kept).toHaveLength(queue.length)
        expect(kept).toEqual(kept.toSorted((a, b) => a - b))
        // The newer half of the bound holds about 9,000 such readings: none of them is missing.
        const newest = Math.min(count, 8_000)
        expect(kept.slice(-newest)).toEqual(range(count - newest + 1, count))
      }),
      { numRuns: 12 },
    )
  })

  test('three times the bound keeps the whole span, coarser the longer ago', () => {
    const queue = open(new MemoryDisk(), MIB)
    overfill(queue, 60_000, MIB)
    const kept = drain(queue)
    expect(kept[0]).toBeLessThan(32)
    const gaps = (from: number, to: number): number =>
      Math.max(
        ...kept.slice(1).map((seq, index) => (seq > from && seq <= to ? seq - (kept[index] ?? seq) : 0)),
      )
    expect(gaps(52_000, 60_000)).toBe(1)
    expect(gaps(1_000, 60_000)).toBeLessThanOrEqual(64)
  })

  test('readings in flight are not thinned out', () => {
    const queue = open(new MemoryDisk(), MIB)
    fill(queue, 1, 1_000)
    const batch = queue.next(1_000, 65_536)
    overfill(queue, 60_000, MIB)
    const lost = queue.lost
    const length = queue.length
    queue.acknowledge(batch?.parts ?? [])
    expect(queue.length).toBe(length - seqsOf(batch).length)
    expect(queue.lost).toBe(lost)
  })
})

describe('a disk that fails', () => {
  test('what a flush said is on disk survives a power cut, wherever it comes', () => {
    const script = (memory: MemoryDisk, flushed: number[]): void => {
      const queue = open(memory, MIB)
      for (let round = 0; round < 6; round += 1) {
        for (let number = round * 10 + 1; number <= round * 10 + 10; number += 1)
          queue.append(reading(number))
        if (queue.flush().ok) flushed.push(...range(round * 10 + 1, round * 10 + 10))
      }
    }
    const dry = new MemoryDisk()
    script(dry, [])
    for (let fatal = 1; fatal <= dry.calls; fatal += 1) {
      const memory = new MemoryDisk()
      const flushed: number[] = []
      memory.before = ({ number }) => {
        if (number >= fatal) throw new Error('power cut')
      }
      expect(() => script(memory, flushed)).toThrow('power cut')
      memory.before = () => {}
      memory.cutPower()
      const kept = drain(open(memory))
      expect(kept.slice(0, flushed.length)).toEqual(flushed)
    }
  })

  test('one failing call of any kind loses nothing, and the order stays', () => {
    const script = (memory: MemoryDisk): DiskQueue => {
      const queue = open(memory, MIB)
      for (let round = 0; round < 6; round += 1) {
        for (let number = round * 10 + 1; number <= round * 10 + 10; number += 1)
          queue.append(reading(number))
        queue.flush()
      }
      return queue
    }
    const dry = new MemoryDisk()
    open(dry, MIB)
    const openCalls = dry.calls
    dry.calls = 0
    script(dry)
    for (let failing = openCalls + 1; failing <= dry.calls; failing += 1) {
      for (const code of ['EIO', 'ENOSPC']) {
        const memory = new MemoryDisk()
        memory.before = ({ number }) => {
          if (number === failing) throw systemError(code)
        }
        const queue = script(memory)
        memory.before = () => {}
        expect(queue.flush()).toEqual({ ok: true })
        expect(queue.length).toBe(60)
        expect(drain(open(memory.copy()))).toEqual(range(1, 60))
        expect(drain(queue)).toEqual(range(1, 60))
      }
    }
  })

  test('a descriptor whose sync failed is never synced again', () => {
    const memory = new MemoryDisk()
    const queue = open(memory)
    fill(queue, 1, 5)
    let failed: number | null = null
    memory.before = ({ name, descriptor }) => {
      if (name !== 'fdatasyncSync') return
      if (failed === null) {
        failed = descriptor
        throw systemError('EIO')
      }
      expect(descriptor).not.toBe(failed)
    }
    fill(queue, 6, 10)
    fill(queue, 11, 15)
    expect(failed).not.toBeNull()
    expect(drain(queue)).toEqual(range(1, 15))
  })

  test('while the disk is full memory is bounded, the loss counted, and the newest are kept', () => {
    const memory = new MemoryDisk()
    const queue = open(memory)
    memory.before = ({ name }) => {
      if (name === 'writeSync') throw systemError('ENOSPC')
    }
    const big = (number: number): Buffer => Buffer.from(`{"seq":${number},"pad":"${'x'.repeat(10_000)}"}`)
    for (let number = 1; number <= 1_000; number += 1) {
      queue.append(big(number))
      if (number % 20 === 0) {
        expect(queue.flush()).toEqual({ ok: false, detail: '/queue cannot be written (ENOSPC)' })
      }
    }
    expect(queue.length).toBeLessThanOrEqual(420)
    expect(queue.length + queue.lost).toBe(1_000)
    memory.before = () => {}
    const newest = new DiskQueue({ folder: FOLDER, maxBytes: 64 * MIB, disk: memory.copy().disk })
    expect(newest.length).toBe(0)
    expect(queue.length).toBeGreaterThan(0)
  })

  test('a reading that is empty or above 64 KiB is a fault of ours and throws', () => {
    const queue = open(new MemoryDisk())
    expect(() => queue.append(Buffer.alloc(0))).toThrow(RangeError)
    expect(() => queue.append(Buffer.alloc(65_537))).toThrow(RangeError)
  })
})
