// Row 6 of docs/faults.md, for the store's own file: whatever a power cut leaves of its write-ahead log, position, rows and counters agree,
// so that the log fills up what is missing. (That a commit is synced is DuckDB's own promise; a disk that lies about it costs nothing.)

import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { randomOf } from '../test/random.ts'
import { DEVICES, hourBatch, hourOf, hourWritten, openStore } from './fixtures/killed-retention.ts'

const BATCHES = 12
const CUTS = 8

it('a store whose write-ahead log lost its end in a power cut goes back to a batch that is whole, with its position', {
  timeout: 60_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pantau-torn-store-'))
  const path = join(folder, 'whole.duckdb')
  const random = randomOf(5)
  const store = await openStore(path)
  const positions = new Set<number>()
  try {
    await store.checkpoint()
    for (let n = 1; n <= BATCHES; n += 1) {
      await store.write({ ...hourWritten(n), observations: hourBatch(n) })
    }
    const log = readFileSync(`${path}.wal`)
    for (let cut = 0; cut < CUTS; cut += 1) {
      const torn = join(folder, `torn-${cut}.duckdb`)
      copyFileSync(path, torn)
      const kept = Math.floor(random() * log.length)
      // The length may be on the platter before the bytes are.
      const rest = Buffer.alloc(random() < 0.5 ? 0 : log.length - kept)
      writeFileSync(`${torn}.wal`, Buffer.concat([log.subarray(0, kept), rest]))
      positions.add(await expectAgreement(torn))
    }
  } finally {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  }
  // Otherwise nothing was torn.
  expect(positions.size).toBeGreaterThan(2)
})

/** Returns the position that the store came back to. */
async function expectAgreement(path: string): Promise<number> {
  const store = await openStore(path)
  try {
    const n = (await store.position())?.offset ?? 0
    expect((await store.counters()).readings).toMatchObject({ stored: n * DEVICES })
    const times: number[] = []
    for await (const { time } of store.exportRows({ from: 0, to: hourOf(BATCHES + 1) })) times.push(time)
    const expected = Array.from({ length: n }, (_, index) =>
      hourBatch(index + 1).map(({ time }) => time),
    ).flat()
    expect(times.sort((a, b) => a - b)).toEqual(expected)
    return n
  } finally {
    await store.close()
  }
}
