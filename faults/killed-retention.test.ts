// Row 5 of docs/faults.md: kill -9 in the middle of retention, which drops readings once their hourly means are made.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { DuckDbSession } from '../ingest/store/duckdb-connection.ts'
import { bundle } from '../ingest/store/fixtures/bundle.ts'
import { randomOf } from '../test/random.ts'
import {
  DEVICES,
  hourBatch,
  hourOf,
  hourWritten,
  KEPT_HOURS,
  openStore,
} from './fixtures/killed-retention.ts'

const ROUNDS = 3
/** An hour is written and another dropped within this, so that a kill may come at any moment of both. */
const HOUR_TAKES_MS = 40

it('kill -9 in the middle of retention: an hour is there as readings or as its mean, none is lost or halved', {
  timeout: 120_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pantau-retention-'))
  const path = join(folder, 'pantau.duckdb')
  const program = await bundle(join(import.meta.dirname, 'fixtures/killed-retention.ts'))
  const random = randomOf(11)
  let last = 0
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const writer = spawn(process.execPath, [program.path, path], { stdio: ['ignore', 'pipe', 'inherit'] })
      for (let hours = 0; hours < KEPT_HOURS; hours += 1) await once(writer.stdout, 'data')
      await sleep(random() * HOUR_TAKES_MS)
      writer.kill('SIGKILL')
      await once(writer, 'exit')
      last = await expectWhole(path, last)
    }
    expect(last).toBeGreaterThanOrEqual(ROUNDS * KEPT_HOURS)
  } finally {
    program.dispose()
    rmSync(folder, { recursive: true, force: true })
  }
})

it('kill -9 before any one statement of retention: an hour is there as readings or as its mean', {
  timeout: 120_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pantau-retention-'))
  const path = join(folder, 'pantau.duckdb')
  const hours = KEPT_HOURS + 2
  const store = await openStore(path)
  const killed: string[] = []
  try {
    for (let n = 1; n <= hours; n += 1) {
      await store.write({ ...hourWritten(n), observations: hourBatch(n) })
      // What a killed process leaves is what lies in its files at that moment.
      if (n === hours) leaveBeforeEachStatement(path, killed)
      await store.dropBefore(hourOf(n - KEPT_HOURS), 0)
    }
    await store.dropBefore(hourOf(hours - KEPT_HOURS), 0)
    vi.restoreAllMocks()
    for (const left of killed) expect(await expectWhole(left, hours)).toBe(hours)
    // Before the means, behind them, and behind the drop.
    expect(killed.length).toBeGreaterThan(2)
  } finally {
    vi.restoreAllMocks()
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  }
})

/** Copies the store's files beside them before each statement from now on that finds them changed, and adds their paths to `copies`. */
function leaveBeforeEachStatement(path: string, copies: string[]): void {
  const { run } = DuckDbSession.prototype
  let bytes = -1
  vi.spyOn(DuckDbSession.prototype, 'run').mockImplementation(function (this: DuckDbSession, ...argv) {
    // DuckDB appends what is committed to its write-ahead log.
    const now = statSync(`${path}.wal`).size
    if (now !== bytes) {
      const copy = path.replace('.duckdb', `-${copies.length}.duckdb`)
      for (const ending of ['', '.wal']) copyFileSync(path + ending, copy + ending)
      copies.push(copy)
      bytes = now
    }
    return run.apply(this, argv)
  })
}

/** Returns the hour that the store has come to. */
async function expectWhole(path: string, before: number): Promise<number> {
  const store = await openStore(path)
  try {
    const n = (await store.position())?.offset ?? 0
    expect(n).toBeGreaterThanOrEqual(before)
    expect((await store.counters()).readings).toMatchObject({ stored: n * DEVICES, conflicts: 0 })
    const rows: string[] = []
    for await (const { time, device, values } of store.exportRows({ from: 0, to: hourOf(n + 1) }))
      rows.push(`${time} ${device} ${values['pm10']}`)
    // Whole hours go: those that the last drop that came to its end was for, and not one more.
    const first = Math.max(1, n + 1 - rows.length / DEVICES)
    expect(Math.max(1, n - KEPT_HOURS) - first).toBeLessThanOrEqual(1)
    expect(first).toBeLessThanOrEqual(Math.max(1, n - KEPT_HOURS))
    const kept = Array.from({ length: n + 1 - first }, (_, index) => hourBatch(first + index)).flat()
    expect(rows.sort()).toEqual(
      kept.map(({ time, device, values }) => `${time} ${device} ${values['pm10']}`).sort(),
    )
    const [counted] = await store.buckets({
      device: 'env-0',
      metrics: ['pm10'],
      from: hourOf(1),
      to: hourOf(n + 1),
      every: '1h',
      fn: 'mean',
    })
    expect(counted?.points ?? []).toEqual(
      Array.from({ length: n }, (_, index) => [hourOf(index + 1), index + 1]),
    )
    return n
  } finally {
    await store.close()
  }
}
