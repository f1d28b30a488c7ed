import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { LogPosition, LogRecord } from '../../contract/log.ts'
import { systemClock } from '../../contract/time.ts'
import { SEGMENT_HEADER_BYTES, segmentHeader, segmentPath } from '../../runtime/log/segment.ts'
import { type Bundle, bundleBroker } from '../test/bundle.ts'
import { readLog } from '../test/running-broker.ts'
import { until } from '../test/until.ts'
import { type DurableLog, openDurableLog } from './durable-log.ts'
import { commandFaults } from './test/commanded-faults.ts'

let bundle: Bundle
beforeAll(async () => {
  bundle = await bundleBroker()
})
afterAll(() => bundle.remove())

let folder = ''
let log: DurableLog | null = null
const deaths: Error[] = []
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'pantau-log-')), 'log')
  mkdirSync(folder)
})
afterEach(async () => {
  commandFaults(folder, {})
  await log?.close()
  log = null
  rmSync(join(folder, '..'), { recursive: true, force: true })
  expect(deaths.splice(0)).toEqual([])
})

async function open(known: LogPosition | null = null): Promise<DurableLog> {
  log = await openDurableLog({
    thread: bundle.faultyThread,
    folder,
    known,
    clock: systemClock,
    onDeath: (error) => deaths.push(error),
  })
  return log
}

function record(number: number, bytes = 10): LogRecord {
  return {
    type: 'message',
    arrival: number,
    client: 's-1',
    topic: 'pantau/cideng/sensor/s-1/reading',
    payload: Buffer.alloc(bytes, 65),
    qos: 1,
    retain: false,
    dup: false,
    will: false,
  }
}

/** Null when it is on disk, otherwise the reason why not. */
function appended(durable: DurableLog, number: number): Promise<string | null> {
  return new Promise((done) =>
    durable.append(record(number), (refusal) => done(refusal === null ? null : refusal.reason)),
  )
}

const arrivals = async (): Promise<number[]> => (await readLog(folder)).map(({ arrival }) => arrival)

describe('a durable log', () => {
  it('answers in the order of appending, when the records are on disk', async () => {
    const durable = await open()
    const answered: number[] = []
    for (let number = 0; number < 500; number += 1) {
      durable.append(record(number), (refusal) => {
        expect(refusal).toBeNull()
        answered.push(number)
      })
    }
    await until(() => answered.length === 500)
    const expected = Array.from({ length: 500 }, (_, number) => number)
    expect(answered).toEqual(expected)
    expect(await arrivals()).toEqual(expected)
  })

  it('writes together what came while the disk was busy, and no sooner', async () => {
    const durable = await open()
    commandFaults(folder, { syncMs: 3_000 })
    let commits = 0
    durable.onCommit(() => {
      commits += 1
    })
    const first = appended(durable, 1)
    await until(() => durable.stalledMs() > 100)
    const rest: ReturnType<typeof appended>[] = []
    for (let number = 2; number < 52; number += 1) {
      rest.push(appended(durable, number))
      // Each comes in a turn of the event loop of its own, as from a socket of its own.
      await nextTurn()
    }
    expect(commits).toBe(0)
    expect(durable.waitingBytes()).toBeGreaterThan(0)
    commandFaults(folder, {})
    await first
    await Promise.all(rest)
    // The first, what was handed over behind it, and all the others.
    expect(commits).toBe(3)
    expect(durable.stalledMs()).toBe(0)
  })

  it('tells the end before it answers', async () => {
    const durable = await open()
    const told: LogPosition[] = []
    durable.onCommit(({ end }) => told.push(end))
    await appended(durable, 1)
    expect(told).toEqual([durable.size().end])
  })

  it('refuses a group whose sync failed and all that waited, and is well again within two seconds', async () => {
    const durable = await open()
    await appended(durable, 1)
    commandFaults(folder, { fail: { sync: 'EIO' } })
    expect(await Promise.all([appended(durable, 2), appended(durable, 3)])).toEqual([
      'disk_error',
      'disk_error',
    ])
    expect(durable.refusal()?.message).toBe('the log cannot be written (EIO); look at the disk')
    expect(await appended(durable, 4)).toBe('disk_error')
    commandFaults(folder, {})
    await until(() => durable.refusal() === null, 2_000)
    expect(await appended(durable, 5)).toBeNull()
    expect(await arrivals()).toEqual([1, 5])
  })

  it('refuses what was handed over behind a group whose sync failed, though the disk is well by then', async () => {
    const durable = await open()
    commandFaults(folder, { syncMs: 200, fail: { sync: 'EIO' }, once: true })
    const answers: string[] = []
    const first = appended(durable, 1).then((reason) => answers.push(`1 ${reason}`))
    await until(() => durable.stalledMs() > 20)
    const second = appended(durable, 2).then((reason) => answers.push(`2 ${reason}`))
    await until(() => durable.stalledMs() > 60)
    const third = appended(durable, 3).then((reason) => answers.push(`3 ${reason}`))
    await Promise.all([first, second, third])
    expect(answers).toEqual(['1 disk_error', '2 disk_error', '3 disk_error'])
    commandFaults(folder, {})
    await until(() => durable.refusal() === null, 2_000)
    expect(await appended(durable, 4)).toBeNull()
    expect(await arrivals()).toEqual([4])
  })

  it.each([
    ['a full disk', { fail: { write: 'ENOSPC' } }, 0],
    ['less room than the reserve, within a second,', { free: 256 * 1024 * 1024 - 1 }, 1_500],
  ])('refuses with %s until there is room', async (_what, faults, soonMs) => {
    const durable = await open()
    await appended(durable, 1)
    commandFaults(folder, faults)
    if (soonMs > 0) await until(() => durable.refusal() !== null, soonMs)
    expect(await appended(durable, 2)).toBe('disk_full')
    commandFaults(folder, {})
    await until(() => durable.refusal() === null, 2_000)
    expect(await appended(durable, 3)).toBeNull()
    expect(await arrivals()).toEqual([1, 3])
  })

  it('opens on a disk without room, refuses, and begins when there is some', async () => {
    commandFaults(folder, { fail: { create: 'ENOSPC' } })
    const durable = await open()
    expect(durable.refusal()?.reason).toBe('disk_full')
    expect(await appended(durable, 1)).toBe('disk_full')
    commandFaults(folder, {})
    await until(() => durable.refusal() === null, 2_000)
    expect(await appended(durable, 2)).toBeNull()
    expect(await arrivals()).toEqual([2])
  })

  it('says what was cut and what is missing', async () => {
    const first = await open()
    await appended(first, 1)
    const { end } = first.size()
    await first.close()
    const second = await open({ ...end, offset: end.offset + 1 })
    expect(second.opened).toEqual({ cutBytes: 0, isBehind: true })
    expect(second.size().end).toEqual({ segment: 2, offset: SEGMENT_HEADER_BYTES })
  })

  it('of a newer version does not open, and the file is named', async () => {
    writeFileSync(segmentPath(folder, 1), segmentHeader(1, 2))
    await expect(open()).rejects.toThrow(`${segmentPath(folder, 1)} is of format 2`)
  })

  it('in a folder that is a file does not open, and the folder is named', async () => {
    rmSync(folder, { recursive: true })
    writeFileSync(folder, '')
    await expect(open()).rejects.toThrow(`${folder} cannot be used for the log (EEXIST)`)
  })
})
