// Parquet files that are not what they say: bombs, torn files, other files.

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TransferRow } from '../contract/feed.ts'
import { readParquet, writeParquet } from './parquet.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pantau-parquet-test-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function rowsOf(path: string): Promise<number> {
  let rows = 0
  for await (const _ of readParquet(path)) rows += 1
  return rows
}

/** Readings as a village exports them, of the most regular kind: the honest file that packs best. */
async function honest(path: string, count: number): Promise<void> {
  async function* rows(): AsyncGenerator<TransferRow> {
    for (let index = 0; index < count; index += 1) {
      yield {
        kind: 'sensor',
        device: 'air-1',
        time: 1_764_000_000_000 + index * 60_000,
        values: { pm2_5: 12 },
      }
    }
  }
  await writeParquet(path, rows())
}

/** A file with the columns of an export, each the same in every row. */
async function bomb(path: string, rows: number, text: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const texts = ['kind', 'metric', 'unit', 'trip', 'route', 'occupancy'].map((name) => `'x' AS ${name}`)
  const numbers = ['value', 'lat', 'lon', 'speed', 'bearing', 'accuracy'].map((name) => `1.0 AS ${name}`)
  const columns = [...texts, ...numbers, `0 AS direction, now() AS time, ${text} AS device`]
  await connection.run(
    `COPY (SELECT ${columns.join()} FROM range(${rows})) TO '${path}' (FORMAT parquet, COMPRESSION zstd)`,
  )
  connection.closeSync()
  instance.closeSync()
}

describe('a Parquet file', () => {
  it('that a village exported is read, however alike its rows are', async () => {
    const path = join(folder, 'honest.parquet')
    await honest(path, 30_000)
    expect(await rowsOf(path)).toBe(30_000)
  })

  it('of millions of equal rows in a few kilobytes is refused before a row is read', async () => {
    const path = join(folder, 'rows.parquet')
    await bomb(path, 5_000_000, "'air-1'")
    expect(statSync(path).size).toBeLessThan(400_000)
    await expect(rowsOf(path)).rejects.toThrow(
      /unpacks \d+ to 1 \(5000000 rows in \d+ bytes\); at most 100 to 1/,
    )
  })

  it('of long texts that pack to nothing is refused as well', async () => {
    const path = join(folder, 'texts.parquet')
    await bomb(path, 200, "repeat('a', 1000000) || range")
    await expect(rowsOf(path)).rejects.toThrow(/unpacks \d+ to 1/)
  })

  it('that is torn, or none, is refused in words', async () => {
    const path = join(folder, 'torn.parquet')
    await honest(path, 10_000)
    const bytes = readFileSync(path)
    writeFileSync(path, bytes.subarray(0, bytes.length / 2))
    await expect(rowsOf(path)).rejects.toMatchObject({ code: 'input_refused' })
    // Whole at its end, damaged in the middle.
    const damaged = Buffer.from(bytes)
    damaged.fill(0xff, 200, 2_000)
    writeFileSync(path, damaged)
    await expect(rowsOf(path)).rejects.toMatchObject({ code: 'input_refused' })
    writeFileSync(path, 'PAR1 and nothing more')
    await expect(rowsOf(path)).rejects.toMatchObject({ code: 'input_refused' })
  })
})
