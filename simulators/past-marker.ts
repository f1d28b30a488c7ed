// Remembers in the data folder that the village was given its past, so that a second start does not make it again.

import { join } from 'node:path'
import { formatTime, type TimeMs } from '../contract/time.ts'
import { readIfPresent, writeFileAtomic } from '../runtime/files.ts'

const path = (dataFolder: string): string => join(dataFolder, 'simulated-past.json')

export function isFresh(dataFolder: string): boolean {
  return readIfPresent(path(dataFolder)) === null
}

export function rememberPast(dataFolder: string, until: TimeMs): void {
  writeFileAtomic(path(dataFolder), `${JSON.stringify({ until: formatTime(until) })}\n`)
}
