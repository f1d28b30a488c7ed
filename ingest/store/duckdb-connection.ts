// The one place that speaks to `@duckdb/node-api`: opens the file with bounds of our own, turns its errors into ones that say
// what to do, reads rows as plain numbers and texts, and appends columns.

import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  VARCHAR,
} from '@duckdb/node-api'
import { PantauError } from '../../contract/errors.ts'
import { cutTornLog } from './torn-log.ts'

/** Rows in a chunk of DuckDB. */
const CHUNK_ROWS = 2_048

export type Cell = number | string | boolean | null
export type Row = readonly Cell[]

/** A column to append. `NaN` in numbers and null in texts are NULL; a column that is null is NULL throughout. */
export type Column =
  | { readonly type: 'integer' | 'bigint' | 'double'; readonly values: ArrayLike<number> | null }
  | { readonly type: 'boolean'; readonly values: ArrayLike<number> | null }
  | { readonly type: 'text'; readonly values: readonly (string | null)[] | null }

const TYPES: Readonly<Record<Column['type'], DuckDBType>> = {
  integer: INTEGER,
  bigint: BIGINT,
  double: DOUBLE,
  boolean: BOOLEAN,
  text: VARCHAR,
}

export interface DuckDbFile {
  readonly path: string
  readonly instance: DuckDBInstance
  /** For writing and upkeep. */
  readonly writer: DuckDbSession
  /** For questions, which see what was committed when they began. */
  readonly reader: DuckDbSession
  close(): void
}

/**
 * Opens or creates the file. Throws `store_damaged`: held by another process (with its pid), not a database, of a newer DuckDB.
 * Memory and threads are bounded, since DuckDB's defaults take most of a machine; it spills to disk beyond.
 */
export async function openDuckDb(path: string): Promise<DuckDbFile> {
  const instance = await openInstance(path)
  const writer = new DuckDbSession(await instance.connect())
  const reader = new DuckDbSession(await instance.connect())
  return {
    path,
    instance,
    writer,
    reader,
    close() {
      writer.close()
      reader.close()
      instance.closeSync()
    },
  }
}

async function openInstance(path: string): Promise<DuckDBInstance> {
  try {
    return await DuckDBInstance.create(path, {
      memory_limit: '128MB',
      threads: '2',
      // What was written since the last checkpoint takes a block for each column, and its validity, of each table that is written to:
      // 55 MiB with the default of 256 KiB. Of a file that is there already its own size stands.
      default_block_size: '16384',
      // Its own allocator gives memory back as time goes, not only when much is freed at once.
      allocator_background_threads: 'true',
      // Checkpoints are ours to choose; this bounds what a start must replay when there is never a quiet moment.
      checkpoint_threshold: '256MB',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    })
  } catch (error) {
    // What is left after the cut is shorter each time, so that this ends.
    if (cutTornLog(path, String(error))) return openInstance(path)
    throw openFault(path, error)
  }
}

function openFault(path: string, error: unknown): PantauError {
  const text = error instanceof Error ? error.message : String(error)
  const holder = /\(PID (\d+)\)/.exec(text)?.[1]
  if (text.includes('Conflicting lock') || text.includes('already attached') || text.includes('being used')) {
    const who = holder === undefined ? 'another process' : `process ${holder}`
    return new PantauError('store_damaged', `${path} is held by ${who}; stop it and start again`, {
      cause: error,
    })
  }
  const newer = /version number (\d+)/.exec(text)?.[1]
  if (newer !== undefined) {
    return new PantauError(
      'store_damaged',
      `${path} was written by a newer DuckDB (storage version ${newer}); start the newer Pantau that wrote it`,
      { cause: error },
    )
  }
  return new PantauError(
    'store_damaged',
    `${path} cannot be opened (${text.split('\n')[0] ?? ''}); restore it from a backup, or move it away: readings that are still in the log are stored again`,
    { cause: error },
  )
}

/** A time or another whole number as a parameter that is compared with a BIGINT column without a cast of the column. */
export function whole(value: number): bigint {
  return BigInt(Math.ceil(Math.min(Math.max(value, -9e15), 9e15)))
}

/** Making a temporary table anew costs about as much as staging a hundred rows. */
const STAGED_MOST = 4_096

/** One connection. Calls on it run one after the other. */
export class DuckDbSession {
  readonly #connection: DuckDBConnection
  readonly #appenders = new Map<string, TableAppender>()
  /** Rows that each temporary table has taken since it was made. */
  readonly #staged = new Map<string, number>()

  constructor(connection: DuckDBConnection) {
    this.#connection = connection
  }

  async run(sql: string, parameters: readonly DuckDBValue[] = []): Promise<void> {
    await this.#connection.run(sql, [...parameters])
  }

  /** All rows; whole numbers of any width come back as numbers, so ask for none above 2^53. */
  async rows(sql: string, parameters: readonly DuckDBValue[] = []): Promise<Row[]> {
    const reader = await this.#connection.runAndReadAll(sql, [...parameters])
    return reader.getRows().map((row) => row.map(cellOf))
  }

  /** Appends columns of one length to a table whose columns are of those types, in that order. */
  async append(table: string, columns: readonly Column[], count: number): Promise<void> {
    if (count === 0) return
    let appender = this.#appenders.get(table)
    if (appender === undefined) {
      appender = new TableAppender(await this.#connection.createAppender(table))
      this.#appenders.set(table, appender)
    }
    appender.append(columns, count)
  }

  /**
   * Fills a temporary table, defined by the end of its CREATE, with these rows alone. DuckDB never gives the memory of a temporary table's
   * deleted rows back, so that the table is made anew now and then.
   */
  async stage(table: string, definition: string, columns: readonly Column[], count: number): Promise<void> {
    const taken = this.#staged.get(table) ?? STAGED_MOST
    if (taken < STAGED_MOST) await this.run(`DELETE FROM ${table}`)
    else {
      const appender = this.#appenders.get(table)
      appender?.close()
      await this.run(`CREATE OR REPLACE TEMP TABLE ${table} ${definition}`)
      appender?.renew(await this.#connection.createAppender(table))
    }
    this.#staged.set(table, (taken < STAGED_MOST ? taken : 0) + count)
    await this.append(table, columns, count)
  }

  /**
   * Runs `work` in one transaction. When it throws, nothing of it is there any more.
   */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.run('BEGIN')
    try {
      const result = await work()
      await this.run('COMMIT')
      return result
    } catch (error) {
      for (const appender of this.#appenders.values()) appender.clear()
      this.#appenders.clear()
      this.#staged.clear()
      await this.run('ROLLBACK').catch(() => {
        // After a failed commit there is no transaction left to roll back; the error that led here is the one to tell.
      })
      throw error
    }
  }

  close(): void {
    for (const appender of this.#appenders.values()) appender.close()
    this.#appenders.clear()
    this.#connection.closeSync()
  }
}

/** True when the disk has no room for what DuckDB wanted to write. */
export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && /No space left on device|Disk quota exceeded/i.test(error.message)
}

/** True when DuckDB refuses everything until the file is opened again, as after a checkpoint that failed. */
export function mustReopen(error: unknown): boolean {
  return error instanceof Error && /^FATAL Error|database has been invalidated/.test(error.message)
}

function cellOf(value: DuckDBValue): Cell {
  if (typeof value === 'bigint') return Number(value)
  if (
    value === null ||
    typeof value === 'number' ||
    typeof value === 'string' ||
    typeof value === 'boolean'
  ) {
    return value
  }
  throw new Error(`a column of an unexpected type came back: ${String(value)}`)
}

/**
 * Appends chunks. Writing NULLs one by one costs more than the values of a row, and most columns of a batch hold nothing
 * else, so a chunk whose empty columns are NULL throughout is kept for each pattern of empty columns.
 */
class TableAppender {
  #appender: DuckDBAppender
  readonly #chunks = new Map<string, KeptChunk>()

  constructor(appender: DuckDBAppender) {
    this.#appender = appender
  }

  append(columns: readonly Column[], count: number): void {
    const chunk = this.#chunkFor(columns)
    for (let from = 0; from < count; from += CHUNK_ROWS) {
      this.#appender.appendDataChunk(chunk.filled(columns, from, Math.min(CHUNK_ROWS, count - from)))
    }
    this.#appender.flushSync()
  }

  /** After `close`: goes on with a table of the same columns. */
  renew(appender: DuckDBAppender): void {
    this.#appender = appender
  }

  /** Drops what was appended and not flushed. */
  clear(): void {
    this.#appender.clear()
  }

  close(): void {
    try {
      this.#appender.closeSync()
    } catch {
      // It wants to flush, which a database that must be reopened refuses; nothing is left to flush.
    }
  }

  #chunkFor(columns: readonly Column[]): KeptChunk {
    const pattern = columns.map((column) => (column.values === null ? '0' : '1')).join('')
    let chunk = this.#chunks.get(pattern)
    if (chunk === undefined) {
      if (this.#chunks.size >= MOST_PATTERNS) this.#chunks.clear()
      chunk = new KeptChunk(columns)
      this.#chunks.set(pattern, chunk)
    }
    return chunk
  }
}

/** A chunk takes about half a megabyte, and there are some for each table. */
const MOST_PATTERNS = 4
const EMPTY: readonly null[] = Array.from({ length: CHUNK_ROWS }, () => null)
/** Text of up to so many bytes stands in the vector itself. */
const INLINE_BYTES = 12
/** Making the empty columns anew costs about as much as a few full chunks. */
const TEXT_MOST = 1_048_576

/** A chunk that is filled again and again, with columns of the same types of which the same are empty. */
class KeptChunk {
  readonly #chunk: DuckDBDataChunk
  /** Letters that were put beside the vectors: a vector keeps each text it was ever given until it is reset. */
  #letters = 0

  constructor(columns: readonly Column[]) {
    this.#chunk = DuckDBDataChunk.create(columns.map((column) => TYPES[column.type]))
    this.#empty(columns)
  }

  /** The chunk with `rows` rows of the columns from row `from` on; good until the next call. */
  filled(columns: readonly Column[], from: number, rows: number): DuckDBDataChunk {
    if (this.#letters > TEXT_MOST) {
      this.#chunk.reset()
      this.#empty(columns)
    }
    this.#chunk.rowCount = rows
    for (const [index, column] of columns.entries()) {
      if (column.values === null) continue
      fill(this.#chunk, index, column, from, rows)
      if (column.type === 'text') this.#letters += lettersBeside(column.values, from, rows)
    }
    return this.#chunk
  }

  #empty(columns: readonly Column[]): void {
    this.#letters = 0
    this.#chunk.rowCount = CHUNK_ROWS
    for (const [index, column] of columns.entries()) {
      if (column.values === null) this.#chunk.setColumnValues(index, EMPTY)
    }
  }
}

function lettersBeside(texts: readonly (string | null)[], from: number, rows: number): number {
  let letters = 0
  for (let row = from; row < from + rows; row += 1) {
    const { length } = texts[row] ?? ''
    if (length > INLINE_BYTES) letters += length
  }
  return letters
}

function fill(chunk: DuckDBDataChunk, index: number, column: Column, from: number, rows: number): void {
  const vector = chunk.getColumnVector(index)
  const { type, values } = column
  for (let row = 0; row < rows; row += 1) {
    const value = values?.[from + row]
    vector.setItem(row, itemOf(type, value))
  }
  vector.flush()
}

function itemOf(type: Column['type'], value: number | string | null | undefined): DuckDBValue {
  if (value === null || value === undefined) return null
  if (typeof value === 'string') return value
  if (Number.isNaN(value)) return null
  if (type === 'bigint') return BigInt(value)
  return type === 'boolean' ? value === 1 : value
}
