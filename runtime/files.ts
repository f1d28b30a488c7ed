// Small files of state are replaced whole: written beside, synced, renamed, and the folder synced, so that after a
// crash there is the old text or the new one, never half of either.

import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, unlinkSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** Replaces `path` by `content`, durably, readable by its owner only. */
export function writeFileAtomic(path: string, content: string | Uint8Array): void {
  const beside = `${path}.${randomBytes(4).toString('hex')}.new`
  const file = openSync(beside, 'wx', 0o600)
  try {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content
    for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written)
    fsyncSync(file)
  } catch (error) {
    closeSync(file)
    unlinkSync(beside)
    throw error
  }
  closeSync(file)
  renameSync(beside, path)
  syncFolder(dirname(path))
}

/** Makes creations, renames and removals in `folder` durable. */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/** The file's text; null when there is no such file. */
export function readIfPresent(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

/** The code of a system error, such as `ENOENT`; null when `error` is none. */
export function systemCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
}

export function isMissing(error: unknown): boolean {
  return systemCode(error) === 'ENOENT'
}
