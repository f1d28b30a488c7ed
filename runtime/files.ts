// Small files of state are replaced whole: written beside, synced, renamed, and the folder synced, so that after a
// crash there is the old text or the new one, never half of either.

import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { MINUTE, type TimeMs } from '../contract/time.ts'

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

/** As `writeFileAtomic` names what it writes beside. */
const BESIDE = /\.[0-9a-f]{8}\.new$/
/** Nothing is written for so long: what is older was left behind by a process that was killed. */
const LEFT_BEHIND_MS = MINUTE

/** Removes what processes that were killed in the middle of `writeFileAtomic` left in `folder`; returns its names. */
export function removeLeftovers(folder: string, now: TimeMs): string[] {
  return readdirSync(folder).filter((name) => {
    if (!BESIDE.test(name)) return false
    const path = join(folder, name)
    // Another part may have removed it, or its writer may have renamed it, since it was listed.
    const status = statSync(path, { throwIfNoEntry: false })
    if (status === undefined || !status.isFile() || now - status.mtimeMs < LEFT_BEHIND_MS) return false
    rmSync(path, { force: true })
    return true
  })
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
