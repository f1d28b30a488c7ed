// Work that several processes do on one file, one after another: whoever creates the lock file works, the others wait.

import { closeSync, openSync, statSync, unlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { isMissing, systemCode } from './files.ts'

/** A process that dies while it holds the lock leaves it behind; what is done under it takes milliseconds. */
const GIVEN_UP_MS = 10_000
const RETRY_MS = 10

/** Runs `work` while holding the lock at `path`; returns what it returns. */
export async function withLock<T>(path: string, work: () => T): Promise<T> {
  await take(path)
  try {
    return work()
  } finally {
    unlinkSync(path)
  }
}

async function take(path: string): Promise<void> {
  let holder = ''
  let waitedMs = 0
  for (;;) {
    try {
      closeSync(openSync(path, 'wx', 0o600))
      return
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error
    }
    const now = identityOf(path)
    waitedMs = now === holder ? waitedMs + RETRY_MS : 0
    holder = now
    // One and the same lock for so long was left behind.
    if (waitedMs >= GIVEN_UP_MS) removeIfPresent(path)
    await sleep(RETRY_MS)
  }
}

function identityOf(path: string): string {
  try {
    const status = statSync(path, { bigint: true })
    return `${status.ino}:${status.mtimeNs}`
  } catch (error) {
    if (isMissing(error)) return ''
    throw error
  }
}

function removeIfPresent(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}
