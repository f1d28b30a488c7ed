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
  importLines(lines: AsyncIterable<string>): Promise<ImportResult>
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
    async importLines(lines) {
      const states = new ImportedStates(known())
      const refused: string[] = []
      const totals = { rows: 0, stored: 0, duplicates: 0, conflicts: 0 }
      let newest = Number.NEGATIVE_INFINITY
      let chunk: TransferRow[] = []
      const flush = async (): Promise<void> => {
        const { stored, duplicates, conflicts } = await store.importRows(chunk)
        totals.stored += stored
        totals.duplicates += duplicates
        totals.conflicts += conflicts
        chunk = []
      }
      for await (const line of lines) {
        if (line === '') continue
        totals.rows += 1
        const row = readRow(line)
        if (typeof row === 'string') {
          if (refused.length < MOST_REFUSALS) refused.push(`row ${totals.rows}: ${row}`)
          continue
        }
        chunk.push(row)
        states.add(row)
        newest = Math.max(newest, row.time)
        if (chunk.length >= CHUNK_ROWS) await flush()
      }
      if (chunk.length > 0) await flush()
      if (Number.isFinite(newest)) await store.putStates(states.spans(newest))
      await onImported()
      return { ...totals, refused }
    },
    async *exportLines(argument) {
      const filter = readFilter(argument)
      for await (const row of store.exportRows(filter)) yield `${JSON.stringify(row)}\n`
    },
  }
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
  for (const [metric, value] of Object.entries(values)) {
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
