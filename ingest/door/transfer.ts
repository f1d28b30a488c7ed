// Readings in and out as JSON lines, a few thousand at a time, so that a year passes through bounded memory.

import type { TransferRow } from '../../contract/feed.ts'
import { METRIC_NAME, METRIC_NAME_RULE } from '../../contract/metrics.ts'
import { type Clock, formatTime, MINUTE, type TimeMs } from '../../contract/time.ts'
import { isDeviceId, isKind, KINDS } from '../../contract/topics.ts'
import { readPosition, readTrip } from '../decode/members.ts'
import { isObject, shown } from '../decode/refusal.ts'
import { ImportedStates } from '../imported-states.ts'
import type { KnownDevice } from '../known-devices.ts'
import type { Standing } from '../live/live-state.ts'
import type { RowFilter, Store } from '../store/store.ts'

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
  /** Lines with their ends, some hundred in a piece. */
  exportText(filter: RowFilter): AsyncIterable<string>
}

export interface TransferPlan {
  readonly store: Store
  readonly clock: Clock
  readonly known: () => ReadonlyMap<string, KnownDevice>
  readonly standing: (device: string) => Standing | null
  /** States and values have changed under live state. */
  readonly onImported: () => Promise<void>
}

const CHUNK_ROWS = 5_000
const MOST_REFUSALS = 100
const PIECE_ROWS = 500
/** A row counts as arrived at its time: one of the future would be a sign of life to come. */
const AHEAD_MS = 5 * MINUTE

export function openTransfer({ store, clock, known, standing, onImported }: TransferPlan): Transfer {
  return {
    async importText(pieces) {
      const run = new ImportRun(store, new ImportedStates(known(), standing), clock.now() + AHEAD_MS)
      try {
        for await (const lines of batchesOfLines(pieces)) {
          for (const line of lines) if (line !== '') run.add(line)
          if (run.isFull) await run.flush()
        }
      } finally {
        // What came before it was cut off is kept.
        await run.finish()
        await onImported()
      }
      return run.result()
    },
    async *exportText(filter) {
      let piece: string[] = []
      for await (const row of store.exportRows(filter)) {
        piece.push(`${JSON.stringify(row)}\n`)
        if (piece.length < PIECE_ROWS) continue
        yield piece.join('')
        piece = []
      }
      yield piece.join('')
    },
  }
}

/** Rows on their way into the store: while a chunk is written the next is read. */
class ImportRun {
  readonly #store: Store
  readonly #states: ImportedStates
  readonly #latest: TimeMs
  readonly #refused: string[] = []
  readonly #totals = { rows: 0, stored: 0, duplicates: 0, conflicts: 0 }
  #chunk: TransferRow[] = []
  #writing: Promise<void> = Promise.resolve()

  /** No row may be later than `latest`. */
  constructor(store: Store, states: ImportedStates, latest: TimeMs) {
    this.#store = store
    this.#states = states
    this.#latest = latest
  }

  get isFull(): boolean {
    return this.#chunk.length >= CHUNK_ROWS
  }

  add(line: string): void {
    this.#totals.rows += 1
    const row = readRow(line, this.#latest)
    if (typeof row === 'string') {
      if (this.#refused.length < MOST_REFUSALS) this.#refused.push(`row ${this.#totals.rows}: ${row}`)
      return
    }
    this.#chunk.push(row)
    this.#states.add(row)
  }

  async flush(): Promise<void> {
    await this.#writing
    this.#writing = this.#write(this.#chunk)
    // A failure is met by the next to wait; until then nobody does.
    this.#writing.catch(() => undefined)
    this.#chunk = []
  }

  async finish(): Promise<void> {
    await this.flush()
    await this.#writing
    await this.#putStates()
  }

  result(): ImportResult {
    return { ...this.#totals, refused: this.#refused }
  }

  async #putStates(): Promise<void> {
    const { period } = this.#states
    if (period === null) return
    const existing = await this.#store.states({ from: period.from, to: Number.MAX_SAFE_INTEGER })
    await this.#store.putStates(this.#states.joined(existing))
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

/** The row, or what is wrong with it by the rules of messages (contract section 3); its age has no bound. */
function readRow(line: string, latest: TimeMs): TransferRow | string {
  let row: unknown
  try {
    row = JSON.parse(line)
  } catch {
    return 'it is not JSON'
  }
  if (!isObject(row)) return 'it is no object'
  const { kind, device, time, values } = row as { [Member in keyof TransferRow]?: unknown }
  if (typeof kind !== 'string' || !isKind(kind))
    return `kind is ${shown(kind)}; one of ${KINDS.join(', ')} is taken`
  if (typeof device !== 'string' || !isDeviceId(device)) return `device is ${shown(device)}; an id is taken`
  if (!Number.isSafeInteger(time) || (time as number) < 0) {
    return `time is ${shown(time)}; whole milliseconds since 1970 are taken`
  }
  if ((time as number) > latest) return `time is ${shown(time)}, after ${formatTime(latest)}`
  return valuesFault(values) ?? placeFault(row, kind === 'vehicle') ?? (row as unknown as TransferRow)
}

function valuesFault(values: unknown): string | null {
  if (!isObject(values)) return `values is ${shown(values)}; an object of metrics is taken`
  for (const metric in values) {
    const value = values[metric]
    if (!METRIC_NAME.test(metric)) return `a metric is ${shown(metric)}; a name is ${METRIC_NAME_RULE}`
    if (!Number.isFinite(value)) return `values.${metric} is ${shown(value)}; a finite number is taken`
  }
  return null
}

function placeFault(row: Record<string, unknown>, isVehicle: boolean): string | null {
  const position = row['position'] === undefined ? null : readPosition(row['position'], false, {})
  if (position !== null && !position.ok) return position.detail
  const trip = isVehicle ? readTrip(row) : null
  return trip === null || trip.ok ? null : trip.detail
}
