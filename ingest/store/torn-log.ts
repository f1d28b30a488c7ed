// What a power cut left of DuckDB's write-ahead log. DuckDB passes over a last entry that is cut short, and refuses the whole file for one
// that has its length and not its bytes, as some file systems leave it. Cut there it opens with the transactions before, position among
// them, and what is missing comes again from our own log, which keeps for a day what the store has.

import { copyFileSync, statSync, truncateSync } from 'node:fs'
import { noteTorn, tornAt, tornPaths } from '../../runtime/torn-store.ts'

/**
 * Cuts the write-ahead log of the database at `path` where DuckDB's `fault` says that it is torn, and keeps a copy of all of it beside it
 * (`.wal.torn`) with a note of how much was cut, by which `/readyz` and the doctor tell. False when the fault is another.
 */
export function cutTornLog(path: string, fault: string): boolean {
  const at = tornAt(fault)
  const { log, copy } = tornPaths(path)
  const size = statSync(log, { throwIfNoEntry: false })?.size ?? 0
  if (at === null || at >= size) return false
  copyFileSync(log, copy)
  truncateSync(log, at)
  noteTorn(path, size - at)
  process.emitWarning(
    `the last ${size - at} bytes of ${log} were torn and are cut; what was in them is read from the log again (a copy is ${copy})`,
  )
  return true
}
