import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Column, type DuckDbFile, openDuckDb } from './duckdb-connection.ts'

let folder = ''
let file: DuckDbFile
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pantau-duckdb-'))
  file = await openDuckDb(join(folder, 'x.duckdb'))
})
afterEach(() => {
  file.close()
  rmSync(folder, { recursive: true, force: true })
})

const ROWS = 300
const columnsOf = (turn: number): readonly Column[] => [
  { type: 'integer', values: Array.from({ length: ROWS }, (_, row) => turn * ROWS + row) },
  { type: 'text', values: Array.from({ length: ROWS }, () => 'x'.repeat(100)) },
]

describe('a staged table', () => {
  it('holds the last rows alone, and no memory of those before', async () => {
    const { writer } = file
    for (let turn = 0; turn < 200; turn += 1) {
      await writer.transaction(() =>
        writer.stage('staged', '(id INTEGER, name VARCHAR)', columnsOf(turn), ROWS),
      )
    }
    expect(await writer.rows('SELECT count(*)::INTEGER, min(id), max(id) FROM staged')).toEqual([
      [ROWS, 199 * ROWS, 200 * ROWS - 1],
    ])
    const held = await writer.rows(
      "SELECT sum(memory_usage_bytes)::BIGINT FROM duckdb_memory() WHERE tag LIKE '%TABLE'",
    )
    // 200 times 300 rows of 104 bytes are 6 MiB; it holds those of a dozen turns at most.
    expect(Number(held[0]?.[0])).toBeLessThan(2 * 1_048_576)
  })

  it('is there again after a transaction that failed', async () => {
    const { writer } = file
    const definition = '(id INTEGER, name VARCHAR)'
    const failed = writer.transaction(async () => {
      await writer.stage('staged', definition, columnsOf(0), ROWS)
      throw new Error('no')
    })
    await expect(failed).rejects.toThrow('no')
    await writer.transaction(() => writer.stage('staged', definition, columnsOf(1), ROWS))
    expect(await writer.rows('SELECT min(id) FROM staged')).toEqual([[ROWS]])
  })
})

describe('columns that are appended', () => {
  it('leave no memory of their texts, and empty ones stay empty', async () => {
    const { writer } = file
    const letters = 1_000
    const columns = (turn: number): readonly Column[] => [
      { type: 'text', values: Array.from({ length: ROWS }, () => String(turn % 10).repeat(letters)) },
      { type: 'double', values: null },
    ]
    const turn = (number: number): Promise<void> =>
      writer.transaction(() => writer.stage('staged', '(name VARCHAR, value DOUBLE)', columns(number), ROWS))
    for (let number = 0; number < 100; number += 1) await turn(number)
    const before = process.memoryUsage.rss()
    for (let number = 100; number < 1_000; number += 1) await turn(number)
    const grown = process.memoryUsage.rss() - before
    expect(
      await writer.rows('SELECT count(*)::INTEGER, count(value)::INTEGER, min(name) = max(name) FROM staged'),
    ).toEqual([[ROWS, 0, true]])
    // 900 times 300 texts are 257 MiB.
    expect(grown).toBeLessThan(100 * 1_048_576)
  })
})
