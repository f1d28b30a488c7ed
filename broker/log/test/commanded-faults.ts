// The faults that a test commands of the log's disk in the other thread: a file beside the log's folder says them.

import { writeFileSync } from 'node:fs'
import { readIfPresent } from '../../../runtime/files.ts'

export interface Faults {
  /** Code by call, such as `sync`. */
  readonly fail?: Readonly<Record<string, string>>
  /** Only the first such call fails. */
  readonly once?: boolean
  /** Free bytes of the disk. */
  readonly free?: number
  /** How long each sync takes. */
  readonly syncMs?: number
}

const pathOf = (folder: string): string => `${folder}.faults`

export function commandFaults(folder: string, faults: Faults): void {
  writeFileSync(pathOf(folder), JSON.stringify(faults))
}

export function commandedFaults(folder: string): Faults {
  // Being replaced it may be empty for a moment.
  const text = readIfPresent(pathOf(folder))
  return text === null || text === '' ? {} : (JSON.parse(text) as Faults)
}
