// What a power cut tore off the store's write-ahead log, told until whoever keeps the village running has looked at it: the copy that
// ingest keeps beside the log says when, and a note beside the copy how much.

import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DAY, formatTime, type TimeMs } from '../contract/time.ts'

const TOLD_MS = 30 * DAY

/** Where DuckDB found an entry torn, in bytes from the log's beginning; null when `fault` is another. */
export function tornAt(fault: string): number | null {
  const at = /Corrupt WAL file: entry at byte position (\d+)/.exec(fault)?.[1]
  return at === undefined ? null : Number(at)
}

/** Of the store's file: its write-ahead log, the copy of a torn one, how many bytes of it were cut. */
export function tornPaths(storeFile: string): { log: string; copy: string; note: string } {
  const log = `${storeFile}.wal`
  return { log, copy: `${log}.torn`, note: `${log}.torn.bytes` }
}

export function noteTorn(storeFile: string, bytes: number): void {
  writeFileSync(tornPaths(storeFile).note, `${bytes}\n`, { mode: 0o600 })
}

/** In words; null when nothing was torn within 30 days, or the copy was removed. */
export function tornWarning(dataFolder: string, now: TimeMs): string | null {
  const { copy, note } = tornPaths(join(dataFolder, 'store', 'pantau.duckdb'))
  const status = statSync(note, { throwIfNoEntry: false })
  const isThere = statSync(copy, { throwIfNoEntry: false }) !== undefined
  if (status === undefined || !isThere || now - status.mtimeMs > TOLD_MS) return null
  const bytes = readFileSync(note, 'utf8').trim()
  return (
    `the last ${bytes} bytes of the store's write-ahead log were torn, as by a power cut, and were cut off at ${formatTime(status.mtimeMs)}; ` +
    `what was in them is stored again from the log, nothing acknowledged is lost; remove ${copy} to end this warning`
  )
}
