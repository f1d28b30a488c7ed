// Parquet by way of a DuckDB in a temporary file: rows are appended in bounded memory, then copied out; in comes the other way.

import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { PantauError } from '../contract/errors.ts'
import type { TransferRow } from '../contract/feed.ts'
import { COLUMNS, type Column, cellsOf, columnOfFile, fileName } from './transfer.ts'

const TYPES: Readonly<Partial<Record<Column, string>>> = {
  time: 'TIMESTAMPTZ',
  value: 'DOUBLE',
  lat: 'DOUBLE',
  lon: 'DOUBLE',
  speed: 'DOUBLE',
  bearing: 'DOUBLE',
  accuracy: 'DOUBLE',
  direction: 'TINYINT',
}

async function withDatabase<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'pantau-parquet-'))
  const instance = await DuckDBInstance.create(join(folder, 'rows.duckdb'), {
    memory_limit: '256MB',
    threads: '2',
  })
  const connection = await instance.connect()
  try {
    return await work(connection)
  } finally {
    connection.closeSync()
    instance.closeSync()
    rmSync(folder, { recursive: true, force: true })
  }
}

const sqlText = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** Writes the rows; how many readings it were. Throws `output_failed` when the file cannot be written. */
export async function writeParquet(path: string, rows: AsyncIterable<TransferRow>): Promise<number> {
  return withDatabase(async (connection) => {
    await connection.run(`CREATE TABLE cells (${COLUMNS.map((column) => `"${column}" VARCHAR`).join()})`)
    const appender = await connection.createAppender('cells')
    let readings = 0
    for await (const row of rows) {
      for (const cells of cellsOf(row)) {
        for (const column of COLUMNS) {
          if (cells[column] === '') appender.appendNull()
          else appender.appendVarchar(cells[column])
        }
        appender.endRow()
        readings += 1
        if (readings % 100_000 === 0) appender.flushSync()
      }
    }
    appender.closeSync()
    const columns = COLUMNS.map((column) => {
      const type = TYPES[column]
      return `${type === undefined ? `"${column}"` : `CAST("${column}" AS ${type})`} AS "${fileName(column)}"`
    })
    try {
      await connection.run(`COPY (SELECT ${columns.join()} FROM cells) TO ${sqlText(path)} (FORMAT parquet)`)
    } catch (error) {
      throw new PantauError('output_failed', `--out ${path} cannot be written; give another path`, {
        cause: error,
      })
    }
    // As the other formats: for its owner only.
    chmodSync(path, 0o600)
    return readings
  })
}

/** The file's rows as text cells, in bounded memory. Throws `input_refused` when it is no Parquet file of ours. */
export async function* readParquet(path: string): AsyncGenerator<Partial<Record<string, string>>> {
  const instance = await DuckDBInstance.create(':memory:', { memory_limit: '256MB', threads: '2' })
  const connection = await instance.connect()
  try {
    await refuseBomb(connection, path)
    const names = await answerOf(connection, `SELECT name FROM parquet_schema(${sqlText(path)})`, path)
    const named = new Map(names.map(([name]) => [columnOfFile(String(name)), String(name)]))
    const columns = COLUMNS.map((column) =>
      column === 'time'
        ? 'epoch_ms(time)::VARCHAR AS time'
        : `"${named.get(column) ?? column}"::VARCHAR AS "${column}"`,
    )
    const result = await connection
      .stream(`SELECT ${columns.join()} FROM read_parquet(${sqlText(path)})`)
      .catch((error: unknown) => {
        throw new PantauError(
          'input_refused',
          `${path} is no Parquet file with the columns ${COLUMNS.map(fileName).join(', ')}`,
          {
            cause: error,
          },
        )
      })
    const batches = result.yieldRowObjects()
    for (;;) {
      // A page that states more than there is memory for, or is torn, shows only here.
      const batch = await batches.next().catch((error: unknown) => {
        throw new PantauError('input_refused', `${path} cannot be read to its end (${firstLine(error)})`, {
          cause: error,
        })
      })
      if (batch.done === true) return
      for (const row of batch.value) {
        yield Object.fromEntries(
          Object.entries(row).map(([column, value]) => [column, value === null ? '' : String(value)]),
        )
      }
    }
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** Unpacked over packed bytes; as in zip archives, held against files that are not small anyway. */
const MOST_RATIO = 100
const SMALL_BYTES = 1024 * 1024

/**
 * Refuses what unpacks to far more than it is. Equal cells cost nothing when packed, so rows count as well: each cell that is
 * taken out of it is at least a byte.
 */
async function refuseBomb(connection: DuckDBConnection, path: string): Promise<void> {
  const file = sqlText(path)
  const [sizes] = await answerOf(
    connection,
    `SELECT sum(total_uncompressed_size)::DOUBLE, (SELECT sum(num_rows)::DOUBLE FROM parquet_file_metadata(${file})) FROM parquet_metadata(${file})`,
    path,
  )
  const packed = statSync(path).size
  const [unpacked = 0, rows = 0] = (sizes ?? []).map((cell) => Number(cell ?? 0))
  const full = Math.max(unpacked, rows * COLUMNS.length)
  if (full > SMALL_BYTES && full > packed * MOST_RATIO) {
    throw new PantauError(
      'input_refused',
      `${path} unpacks ${Math.ceil(full / packed)} to 1 (${rows} rows in ${packed} bytes); at most ${MOST_RATIO} to 1 is read`,
    )
  }
}

async function answerOf(connection: DuckDBConnection, sql: string, path: string) {
  try {
    return (await connection.runAndReadAll(sql)).getRows()
  } catch (error) {
    throw new PantauError('input_refused', `${path} is no Parquet file (${firstLine(error)})`, {
      cause: error,
    })
  }
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
