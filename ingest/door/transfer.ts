// Readings in and out as JSON lines, a few thousand at a time, so that a year passes through bounded memory.

import type { TransferRow } from '../../contract/feed.ts'
import { METRIC_NAME } from '../../contract/metrics.ts'
import type { TimeMs } from '../../contract/time.ts'
import { isDeviceId, isKind } from '../../contract/topics.ts'
import { ImportedStates } from '../imported-states.ts'
import type { KnownDevice } from '../known-devices.ts'
import type { Store } from '../store/store.ts'

export interface ImportResult {
  readonly rows: number
  readonly stored: number
  readonly duplicates: number
  readonly conflicts: number
  /** What is wrong with rows that were not taken, at most a hundred. */
  readonly refused: readonly string[]
}

export interface Transfer {
  /** JSON lines in pieces of any length. */
  importText(pieces: AsyncIterable<Uint8Array>): Promise<ImportResult>
  /** Lines with their ends. */
  exportLines(argument: unknown): AsyncIterable<string>
}

export interface TransferPlan {
  readonly store: Store
  readonly known: () => ReadonlyMap<string, KnownDevice>
  /** States and values have changed under live state. */
  readonly onImported: () => Promise<void>
}

const CHUNK_ROWS = 5_000
const MOST_REFUSALS = 100

export function openTransfer({ store, known, onImported }: TransferPlan): Transfer {
  return {
    async importText(pieces) {
      const run = new ImportRun(store, new ImportedStates(known()))
      for await (const lines of batchesOfLines(pieces)) {
        for (const line of lines) if (line !== '') run.add(line)
        if (run.isFull) await run.flush()
      }
      const result = await run.finish()
      await onImported()
      return result
    },
    async *exportLines(argument) {
      const filter = readFilter(argument)
      for await (const row of store.exportRows(filter)) yield `${JSON.stringify(row)}\n`
    },
  }
}

/** Rows on their way into the store: while a chunk is written the next is read. */
class ImportRun {
  readonly #store: Store
  readonly #states: ImportedStates
  readonly #refused: string[] = []
  readonly #totals = { rows: 0, stored: 0, duplicates: 0, conflicts: 0 }
  #newest = Number.NEGATIVE_INFINITY
  #chunk: TransferRow[] = []
  #writing: Promise<void> = Promise.resolve()

  constructor(store: Store, states: ImportedStates) {
    this.#store = store
    this.#states = states
  }

  get isFull(): boolean {
    return this.#chunk.length >= CHUNK_ROWS
  }

  add(line: string): void {
    this.#totals.rows += 1
    const row = readRow(line)
    if (typeof row === 'string') {
      if (this.#refused.length < MOST_REFUSALS) this.#refused.push(`row ${this.#totals.rows}: ${row}`)
      return
    }
    this.#chunk.push(row)
    this.#states.add(row)
    if (row.time > this.#newest) this.#newest = row.time
  }

  async flush(): Promise<void> {
    await this.#writing
    this.#writing = this.#write(this.#chunk)
    // A failure is met by the next to wait; until then nobody does.
    this.#writing.catch(() => undefined)
    this.#chunk = []
  }

  async finish(): Promise<ImportResult> {
    await this.flush()
    await this.#writing
    if (Number.isFinite(this.#newest)) await this.#store.putStates(this.#states.spans(this.#newest))
    return { ...this.#totals, refused: this.#refused }
  }

  async #write(rows: readonly TransferRow[]): Promise<void> {
    if (rows.length === 0) return
    const { stored, duplicates, conflicts } = await this.#store.importRows(rows)
    this.#totals.stored += stored
    this.#totals.duplicates += duplicates
    this.#totals.conflicts += conflicts
  }
}

/** Lines of the pieces: many at a time, since a promise a line costs more than the line. */
async function* batchesOfLines(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const piece of pieces) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield lines
  }
  yield [rest + decoder.decode()]
}

/** The row, or what is wrong with it. The sender is a program of ours, which has checked what people gave it. */
function readRow(line: string): TransferRow | string {
  let row: Partial<TransferRow> | null
  try {
    row = JSON.parse(line) as Partial<TransferRow> | null
  } catch {
    return 'it is not JSON'
  }
  if (typeof row !== 'object' || row === null) return 'it is no object'
  if (typeof row.kind !== 'string' || !isKind(row.kind)) return `kind is ${String(row.kind)}`
  if (typeof row.device !== 'string' || !isDeviceId(row.device)) return `device is ${String(row.device)}`
  if (!Number.isSafeInteger(row.time)) return `time is ${String(row.time)}; whole milliseconds are taken`
  const values: unknown = row.values
  if (typeof values !== 'object' || values === null) return 'values is no object'
  for (const metric in values) {
    const value: unknown = (values as Record<string, unknown>)[metric]
    if (!METRIC_NAME.test(metric)) return `a metric is ${metric}`
    if (typeof value !== 'number' || !Number.isFinite(value)) return `values.${metric} is ${String(value)}`
  }
  return row as TransferRow
}

function readFilter(argument: unknown): Parameters<Store['exportRows']>[0] {
  const { from, to, kind, device } = argument as Record<string, unknown>
  return {
    from: from as TimeMs,
    to: to as TimeMs,
    ...(typeof kind === 'string' && isKind(kind) ? { kind } : {}),
    ...(typeof device === 'string' ? { device } : {}),
  }
}
