import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Delivery } from './delivery.ts'
import { openLog } from './log.ts'
import { DiskQueue } from './queue/disk-queue.ts'
import { ManualTime } from './testing/manual-time.ts'
import { MemoryDisk, systemError } from './testing/memory-disk.ts'

const NOW = Date.UTC(2026, 10, 24, 8)
const MIB = 1_048_576

let folder = ''
let time: ManualTime
let lines: { level: string; msg: string }[]
let sent: { readonly at: number; readonly message: Buffer; readonly acknowledge: () => void }[]

beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'pantau-delivery-'))
  time = new ManualTime(NOW)
  lines = []
  sent = []
})
afterEach(() => fs.rmSync(folder, { recursive: true }))

/** About 120 bytes, as the agent sends them. */
const reading = (seq: number): Buffer =>
  Buffer.from(
    JSON.stringify({
      time: '2026-11-24T08:00:00.000Z',
      seq,
      values: { up: 1, latency_ms: 21.4, loss_pct: 0, clients: 14 },
    }),
  )

function open(queue: DiskQueue): Delivery {
  return new Delivery({
    queue,
    send: (message, acknowledge) => {
      sent.push({ at: time.monotonicMs(), message, acknowledge })
      return true
    },
    timers: time,
    log: openLog({
      level: 'info',
      pretty: false,
      clock: time,
      write: (line) => lines.push(JSON.parse(line)),
    }),
  })
}

const seqsOf = (message: Buffer): number[] =>
  [JSON.parse(message.toString())].flat().map((one: { seq: number }) => one.seq)

test('three days at one a second wait on disk, and go out in order, in full messages, five a second', async () => {
  const count = 259_200
  const queue = new DiskQueue({ folder, maxBytes: 256 * MIB, disk: fs })
  for (let seq = 0; seq < count; seq += 1) {
    queue.append(reading(seq))
    if (seq % 600 === 0) queue.flush()
  }
  queue.flush()
  expect(queue.length).toBe(count)
  expect(queue.lost).toBe(0)
  expect(queue.bytes).toBeLessThan(64 * MIB)

  const delivery = open(queue)
  delivery.connected()
  let next = 0
  for (let index = 0; queue.length > 0; index += 1) {
    await time.advanceUntil(() => sent.length > index, 200)
    const message = sent[index]
    if (message === undefined) break
    expect(message.message.length).toBeLessThanOrEqual(65_536)
    for (const seq of seqsOf(message.message)) {
      if (seq !== next) expect(seq).toBe(next)
      next += 1
    }
    message.acknowledge()
  }
  expect(next).toBe(count)
  const full = sent.slice(0, -1).map(({ message }) => message.length)
  expect(Math.min(...full)).toBeGreaterThan(65_536 - 200)
  const spaces = sent.slice(1).map(({ at }, index) => at - (sent[index]?.at ?? 0))
  expect(Math.min(...spaces)).toBeGreaterThanOrEqual(200)
  expect(fs.readdirSync(folder)).toEqual(['cursor'])
}, 60_000)

test('at most 100 messages are unacknowledged, of the backlog 80, so that live readings keep their room', async () => {
  const queue = new DiskQueue({ folder, maxBytes: 64 * MIB, disk: fs })
  for (let seq = 0; seq < 100_000; seq += 1) queue.append(reading(seq))
  queue.flush()
  const delivery = open(queue)
  delivery.connected()
  await time.advance(60_000)
  expect(sent).toHaveLength(80)
  for (let seq = 100_000; seq < 100_050; seq += 1) delivery.add(reading(seq))
  await time.advance(60_000)
  expect(sent).toHaveLength(100)
  expect(seqsOf(sent[80]?.message ?? Buffer.from('[]'))).toEqual([100_000])
  // Each acknowledgement makes room; in the end every reading was sent just once.
  for (let index = 0; queue.length > 0; index += 1) {
    await time.advanceUntil(() => sent.length > index, 200)
    sent[index]?.acknowledge()
  }
  const all = sent.flatMap(({ message }) => seqsOf(message))
  expect(all).toHaveLength(100_050)
  expect(new Set(all).size).toBe(100_050)
}, 60_000)

test('a live reading goes out at once, and is on disk a second later while it is not acknowledged', async () => {
  const queue = new DiskQueue({ folder, maxBytes: MIB, disk: fs })
  const delivery = open(queue)
  delivery.connected()
  delivery.add(reading(1))
  expect(sent.map(({ message }) => seqsOf(message))).toEqual([[1]])
  expect(queue.bytes).toBe(0)
  await time.advance(1_000)
  expect(queue.bytes).toBeGreaterThan(0)
  sent[0]?.acknowledge()
  expect(queue.bytes).toBe(0)
  delivery.close()
})

test('what was in flight when the connection went goes out again on the next', async () => {
  const queue = new DiskQueue({ folder, maxBytes: MIB, disk: fs })
  const delivery = open(queue)
  delivery.connected()
  delivery.add(reading(1))
  delivery.add(reading(2))
  sent[1]?.acknowledge()
  delivery.disconnected()
  await time.advance(2_000)
  // Taken a moment before the connection is back, and still in memory.
  delivery.add(reading(3))
  expect(sent).toHaveLength(2)
  delivery.connected()
  delivery.add(reading(4))
  expect(sent.slice(2).map(({ message }) => seqsOf(message))).toEqual([[1, 3], [4]])
})

test('a disk that refuses is said once, and once when it takes again; live readings go on', async () => {
  const memory = new MemoryDisk()
  const queue = new DiskQueue({ folder: '/queue', maxBytes: MIB, disk: memory.disk })
  const delivery = open(queue)
  delivery.connected()
  memory.before = ({ name }) => {
    if (name === 'writeSync') throw systemError('ENOSPC')
  }
  for (let seq = 0; seq < 5; seq += 1) {
    delivery.add(reading(seq))
    await time.advance(3_000)
  }
  expect(sent).toHaveLength(5)
  memory.before = () => {}
  await time.advance(3_000)
  expect(lines.map(({ level, msg }) => `${level} ${msg}`)).toEqual([
    'error /queue cannot be written (ENOSPC); readings that cannot be sent are in memory only',
    'info the queue is on disk again',
  ])
})
