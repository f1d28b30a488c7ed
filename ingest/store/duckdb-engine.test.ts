// What the embedded engine promises beyond the suite: one transaction whatever kills it, a file that is held, damaged or newer,
// metrics that become known, and its thread.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { PantauError } from '../../contract/errors.ts'
import { HOUR, systemClock } from '../../contract/time.ts'
import { randomOf } from '../../test/random.ts'
import { mountSmallDisk } from '../../test/small-disk.ts'
import { DuckDbEngine } from './duckdb-engine.ts'
import { DuckDbStore } from './duckdb-store.ts'
import { openEngineThread } from './engine-thread.ts'
import { type Bundle, bundle } from './fixtures/bundle.ts'
import { DEVICES, killedBatch } from './fixtures/killed-writer.ts'
import { StoreAwayError, type WriteBatch } from './store.ts'
import { batchOf, NOW, observation } from './suite/place.suite.ts'

const clock = { now: () => NOW, monotonicMs: () => NOW }
let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pantau-engine-'))
  path = join(folder, 'pantau.duckdb')
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const open = async (zone = 'Asia/Jakarta'): Promise<DuckDbStore> =>
  new DuckDbStore(await DuckDbEngine.open({ path, zone, windowMs: null }, clock))

/** Cells as text, out of the file while no engine holds it. */
async function rowsIn(sql: string): Promise<string[][]> {
  const instance = await DuckDBInstance.create(path)
  const connection = await instance.connect()
  const rows = (await connection.runAndReadAll(sql)).getRows().map((row) => row.map(String))
  connection.closeSync()
  instance.closeSync()
  return rows
}

/** Runs SQL on the file while no engine holds it. */
async function alter(sql: string): Promise<void> {
  const instance = await DuckDBInstance.create(path)
  const connection = await instance.connect()
  await connection.run(sql)
  connection.closeSync()
  instance.closeSync()
}

describe('a writer that is killed', () => {
  let program: Bundle

  beforeAll(async () => {
    program = await bundle(join(import.meta.dirname, 'fixtures', 'killed-writer.ts'))
  })

  afterAll(() => {
    program.dispose()
  })

  it('leaves position, rows and counters that agree, in 10 rounds', {
    timeout: 120_000,
  }, async () => {
    const random = randomOf(7)
    let last = 0
    for (let round = 0; round < 10; round += 1) {
      const writer = spawn(process.execPath, [program.path, path], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      onTestFinished(() => void writer.kill('SIGKILL'))
      // A kill proves nothing unless it had written before: it says so after its first batch.
      await once(writer.stdout, 'data')
      await sleep(random() * 400)
      writer.kill('SIGKILL')
      await once(writer, 'exit')
      const position = await expectWhole(last)
      expect(position).toBeGreaterThan(last)
      last = position
    }
  })

  /** Checks the store against what the batches up to its position must have left; returns the position. */
  async function expectWhole(before: number): Promise<number> {
    const store = await open()
    const n = (await store.position())?.offset ?? 0
    expect(n).toBeGreaterThanOrEqual(before)
    const again = Math.max(n - 1, 0) * DEVICES
    expect(await store.counters()).toMatchObject({
      observations: { taken: n * DEVICES + again },
      // Two metrics each; of those repeated, half of pm10 has another value.
      readings: { stored: 2 * n * DEVICES, duplicates: again + again / 2, conflicts: again / 2 },
    })
    const rows: string[] = []
    for await (const row of store.exportRows({ from: 0, to: NOW * 2 })) {
      rows.push(`${row.time} ${row.device} ${row.values['pm10']} ${row.values['mystery']}`)
    }
    const expected = new Map<string, string>()
    for (let batch = 1; batch <= n; batch += 1) {
      for (const { time, device, values } of killedBatch(batch)) {
        expected.set(`${time} ${device}`, `${time} ${device} ${values['pm10']} ${values['mystery']}`)
      }
    }
    expect(rows.sort()).toEqual([...expected.values()].sort())
    await store.close()
    return n
  }
})

describe('a batch that fails', () => {
  it('leaves nothing behind, in the file and in memory', async () => {
    const store = await open()
    await store.write(
      batchOf([observation('env-1', NOW - 9, { pm10: 1 })], { position: { segment: 1, offset: 1 } }),
    )
    const wrong = batchOf(
      [observation('env-1', NOW - 5, { pm10: 2 }), observation('env-2', NOW - 5, { pm10: 2 })],
      {
        // A time that is no whole number cannot be stored: a fault of ours, after rows were appended.
        states: [{ device: 'env-1', kind: 'sensor', from: 0.5, state: 'up', cause: null }],
        position: { segment: 1, offset: 2 },
      },
    )
    await expect(store.write(wrong)).rejects.toThrow()
    expect(await store.position()).toEqual({ segment: 1, offset: 1 })
    expect((await store.latest(null, 0)).map(({ device, lastTime }) => [device, lastTime])).toEqual([
      ['env-1', NOW - 9],
    ])
    const right = { ...wrong, states: [] }
    expect(await store.write(right)).toMatchObject({ stored: 2, duplicates: 0 })
    expect((await store.counters()).readings.stored).toBe(3)
    await store.close()
    const again = await open()
    expect((await again.latest(null, 0)).map(({ device, lastTime }) => [device, lastTime])).toEqual([
      ['env-1', NOW - 5],
      ['env-2', NOW - 5],
    ])
    await again.close()
  })
})

describe('a device that is forgotten', () => {
  it('and writes on at that moment is known again after a new start, and repeats nothing', async () => {
    const store = await open()
    const batch = batchOf([observation('env-1', NOW - 9, { pm10: 1 })])
    await store.write(batch)
    await Promise.all([store.forget(['env-1']), store.write(batch)])
    await store.close()
    const again = await open()
    expect((await again.latest(null, 0)).map(({ device }) => device)).toEqual(['env-1'])
    expect(await again.write(batch)).toMatchObject({ stored: 0, duplicates: 1 })
    await again.close()
  })
})

describe('a full disk', () => {
  const small = mountSmallDisk(24)
  const disk = small?.folder ?? null

  afterAll(() => small?.remove())

  it.skipIf(disk === null)('makes the store away until there is room, and reading goes on', async () => {
    const options = { path: join(disk ?? '', 'pantau.duckdb'), zone: 'Asia/Jakarta', windowMs: null }
    const store = new DuckDbStore(await DuckDbEngine.open(options, clock))
    const batch = (n: number): WriteBatch =>
      batchOf(
        Array.from({ length: 2_000 }, (_, index) =>
          observation('env-1', NOW - 9_000 * n + index, { pm10: index }),
        ),
        { position: { segment: 1, offset: n } },
      )
    await store.write(batch(1))
    const filler = join(disk ?? '', 'filler')
    fillDisk(filler)
    await expect(store.write(batch(2))).rejects.toThrow(StoreAwayError)
    expect(await store.health()).toMatchObject({ ok: false, detail: expect.stringContaining('is full') })
    expect(await store.position()).toEqual({ segment: 1, offset: 1 })
    const { series } = await store.readings({ device: 'env-1', from: 0, to: NOW, limit: 10_000 })
    expect(series[0]?.points.length).toBe(2_000)
    await expect(store.write(batch(2))).rejects.toThrow(StoreAwayError)
    rmSync(filler)
    expect(await store.write(batch(2))).toMatchObject({ stored: 2_000, duplicates: 0 })
    expect(await store.health()).toMatchObject({ ok: true })
    expect((await store.counters()).readings).toEqual({ stored: 4_000, duplicates: 0, conflicts: 0 })
    await store.close()
  })

  function fillDisk(path: string): void {
    for (;;) {
      try {
        appendFileSync(path, Buffer.alloc(4_096))
      } catch (error) {
        expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC')
        return
      }
    }
  }
})

describe('the file', () => {
  const refusal = async (): Promise<string> => {
    const error: unknown = await open().then(
      () => null,
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(PantauError)
    expect((error as PantauError).code).toBe('store_damaged')
    return (error as PantauError).message
  }

  it('that another process holds is refused, naming it', async () => {
    const holder = spawn(
      process.execPath,
      [
        '-e',
        `const { DuckDBInstance } = require('@duckdb/node-api'); DuckDBInstance.create(${JSON.stringify(path)}).then(() => { console.log('held'); setInterval(() => {}, 1000) })`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'], cwd: join(import.meta.dirname, '../..') },
    )
    await once(holder.stdout, 'data')
    try {
      expect(await refusal()).toBe(`${path} is held by process ${holder.pid}; stop it and start again`)
    } finally {
      holder.kill('SIGKILL')
      await once(holder, 'exit')
    }
  })

  it('that is no database, or is cut short, is refused with what to do', async () => {
    writeFileSync(path, 'this is no database at all'.repeat(1_000))
    expect(await refusal()).toMatch(/cannot be opened \(.*\); restore it from a backup/)
    rmSync(path)
    await (await open()).close()
    truncateSync(path, 5_000)
    expect(await refusal()).toMatch(/cannot be opened \(.*\); restore it from a backup/)
  })

  it('of a newer program is refused', async () => {
    await (await open()).close()
    await alter("UPDATE ledger SET value = '99' WHERE key = 'schema'")
    expect(await refusal()).toContain('is of store schema 99, this program knows 2')
  })

  it('gives a metric that became known its column, with the readings that were there', async () => {
    const store = await open()
    await store.write(
      batchOf([
        observation('env-1', NOW - 5, { pm10: 1, pm2_5: 7 }),
        observation('env-1', NOW - 4, { pm10: 2 }),
      ]),
    )
    await store.close()
    // As if pm2_5 had been unknown when it was written.
    await alter(
      `INSERT INTO other SELECT device, time, arrival, 'pm2_5', pm2_5 FROM sensor WHERE pm2_5 IS NOT NULL;
       DROP VIEW sensor_readings; ALTER TABLE sensor DROP pm2_5`,
    )
    const later = await open()
    const again = batchOf([
      observation('env-1', NOW - 5, { pm2_5: 7 }),
      observation('env-1', NOW - 3, { pm2_5: 8 }),
    ])
    expect(await later.write(again)).toMatchObject({ stored: 1, duplicates: 1 })
    const { series } = await later.readings({
      device: 'env-1',
      metrics: ['pm2_5'],
      from: 0,
      to: NOW,
      limit: 9,
    })
    expect(series[0]?.points).toEqual([
      [NOW - 5, 7],
      [NOW - 3, 8],
    ])
    await later.close()
  })

  it('makes hourly means anew when the village is given another time zone', async () => {
    const store = await open()
    const times = [0, 20, 40, 60, 80].map((minute) => NOW - 5 * HOUR + minute * 60_000)
    await store.write(batchOf(times.map((time, index) => observation('env-1', time, { pm10: index }))))
    await store.checkpoint()
    await store.close()
    const moved = await open('Asia/Kolkata')
    await moved.checkpoint()
    const [series] = await moved.buckets({
      device: 'env-1',
      from: NOW - 9 * HOUR,
      to: NOW,
      every: '1h',
      fn: 'count',
    })
    // UTC+5:30: hours begin at half past.
    expect(series?.points).toEqual([
      [NOW - 5.5 * HOUR, 2],
      [NOW - 4.5 * HOUR, 3],
    ])
    await moved.close()
  })
})

describe('hourly means by an older rule', () => {
  it('are made anew, each with the version of its rule, and the old ones are kept', async () => {
    const store = await open()
    await store.write(batchOf([observation('env-1', NOW - 5 * HOUR, { pm10: 7 })]))
    await store.checkpoint()
    await store.close()
    // As another program left it: of an older version, by a rule that gave the mean doubled.
    await alter(
      "UPDATE hourly SET version = '0', scaled_sum = 2 * scaled_sum; UPDATE ledger SET value = 'older' WHERE key = 'hour_rules'",
    )
    const later = await open()
    await later.checkpoint()
    const question = { device: 'env-1', from: NOW - 9 * HOUR, to: NOW, every: '1h', fn: 'mean' } as const
    expect((await later.buckets(question))[0]?.points).toEqual([[NOW - 5 * HOUR, 7]])
    await later.close()
    expect(await rowsIn('SELECT count, version FROM hourly')).toEqual([['1', '1']])
    expect(
      await rowsIn(`SELECT version, scaled_sum = ${14 * 2 ** -64}, retired > 0 FROM hourly_retired`),
    ).toEqual([['0', 'true', 'true']])
  })

  it('of a file without versions are of the first, and so are spans of states', async () => {
    const store = await open()
    const span = { device: 'env-1', kind: 'sensor', from: NOW - 5, state: 'up', cause: null } as const
    await store.write(batchOf([observation('env-1', NOW - 5 * HOUR, { pm10: 7 })], { states: [span] }))
    await store.checkpoint()
    await store.close()
    await alter(
      "ALTER TABLE hourly DROP version; ALTER TABLE state DROP version; UPDATE ledger SET value = '1' WHERE key = 'schema'",
    )
    await (await open()).close()
    expect(await rowsIn('SELECT version FROM hourly UNION ALL SELECT version FROM state')).toEqual([
      ['1'],
      ['1'],
    ])
  })
})

describe('the thread', () => {
  let program: Bundle

  beforeAll(async () => {
    program = await bundle(join(import.meta.dirname, 'store-thread.ts'))
  })

  afterAll(() => {
    program.dispose()
  })

  it('does as the engine does, and carries its errors', async () => {
    const options = { path, zone: 'Asia/Jakarta', windowMs: null }
    const store = new DuckDbStore(await openEngineThread(options, program.url))
    await store.write(
      batchOf([observation('env-1', systemClock.now() - 5, { pm10: 1, mystery: 2 })], {
        position: { segment: 1, offset: 1 },
      }),
    )
    expect(await store.position()).toEqual({ segment: 1, offset: 1 })
    const { series } = await store.readings({ device: 'env-1', from: 0, to: systemClock.now(), limit: 9 })
    expect(series.map(({ metric, points }) => [metric, points[0]?.[1]])).toEqual([
      ['pm10', 1],
      ['mystery', 2],
    ])
    const rows = []
    for await (const row of store.exportRows({ from: 0, to: systemClock.now() })) rows.push(row.values)
    expect(rows).toEqual([{ pm10: 1, mystery: 2 }])
    await store.close()
    await expect(store.position()).rejects.toThrow('has ended')
    writeFileSync(path, 'this is no database at all'.repeat(1_000))
    await expect(openEngineThread(options, program.url)).rejects.toMatchObject({ code: 'store_damaged' })
  })
})
