// `ready.json` tells other programs where a running village is (contract section 2); it is there only while it is ready.

import { unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { isMissing, readIfPresent, writeFileAtomic } from './files.ts'

export interface ReadyFile {
  readonly pid: number
  readonly http: string
  readonly mqtt: string
  readonly village: string
  readonly version: string
  readonly store: string
}

export function readyPath(dataFolder: string): string {
  return join(dataFolder, 'ready.json')
}

export function writeReadyFile(dataFolder: string, ready: ReadyFile): void {
  writeFileAtomic(readyPath(dataFolder), `${JSON.stringify(ready)}\n`)
}

/** Where the village of this data folder is; null while none is ready. */
export function readReadyFile(dataFolder: string): ReadyFile | null {
  const text = readIfPresent(readyPath(dataFolder))
  return text === null ? null : (JSON.parse(text) as ReadyFile)
}

export function removeReadyFile(dataFolder: string): void {
  try {
    unlinkSync(readyPath(dataFolder))
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}
