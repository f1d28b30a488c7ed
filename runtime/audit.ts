// The audit log: who did what, on what, when, from where (`audit.jsonl` in the data folder). It is only appended to, and
// each line carries the hash of the one before, so that a changed or missing line shows (reliability 7).

import { createHash } from 'node:crypto'
import { appendFileSync, closeSync, fdatasyncSync, openSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, formatTime } from '../contract/time.ts'
import { isMissing, readIfPresent } from './files.ts'
import { withLock } from './lock-file.ts'

export interface AuditEvent {
  /** Account or program; null for a stranger. */
  readonly who: string | null
  /** Address; null for a command on this machine. */
  readonly from: string | null
  /** `session.begin`, `device.add`… */
  readonly what: string
  /** What it was done to; null where it is nothing of a name. */
  readonly on: string | null
  readonly result: 'done' | 'refused'
  /** Never a secret. */
  readonly detail?: string
}

export interface AuditLine extends AuditEvent {
  /** Counts up from 1. */
  readonly n: number
  readonly time: string
  /** Of the line before; 64 zeros at the first. */
  readonly previous: string
  /** SHA-256, hex, of this line without this member. */
  readonly hash: string
}

export interface AuditLog {
  /** Resolves when the line is on disk. */
  append(event: AuditEvent): Promise<void>
}

const FIRST = '0'.repeat(64)

export function auditPath(dataFolder: string): string {
  return join(dataFolder, 'audit.jsonl')
}

/** Several processes may append: each does it under a lock, behind whatever the others have written. */
export function openAuditLog(dataFolder: string, clock: Clock): AuditLog {
  const path = auditPath(dataFolder)
  let last: { readonly size: number; readonly line: AuditLine | null } = { size: 0, line: null }
  let queue: Promise<void> = Promise.resolve()

  const write = (event: AuditEvent): void => {
    if (sizeOf(path) !== last.size) last = { size: sizeOf(path), line: lastLine(path) }
    const body = {
      n: (last.line?.n ?? 0) + 1,
      time: formatTime(clock.now()),
      ...event,
      previous: last.line?.hash ?? FIRST,
    }
    const line: AuditLine = { ...body, hash: hashOf(body) }
    const file = openSync(path, 'a', 0o600)
    try {
      appendFileSync(file, `${JSON.stringify(line)}\n`)
      fdatasyncSync(file)
    } finally {
      closeSync(file)
    }
    last = { size: sizeOf(path), line }
  }
  return {
    append(event) {
      const mine = queue.then(async () => withLock(`${path}.lock`, () => write(event)))
      queue = mine.catch(() => undefined)
      return mine
    },
  }
}

function hashOf(line: Omit<AuditLine, 'hash'>): string {
  return createHash('sha256').update(JSON.stringify(line)).digest('hex')
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size
  } catch (error) {
    if (isMissing(error)) return 0
    throw error
  }
}

function lastLine(path: string): AuditLine | null {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  return parseLine(lines.at(-1) ?? '')
}

export interface AuditReading {
  /** Oldest first. */
  readonly lines: readonly AuditLine[]
  /** False when a line was changed, is missing, or cannot be read. */
  readonly whole: boolean
}

export function readAuditLog(dataFolder: string): AuditReading {
  const text = readIfPresent(auditPath(dataFolder)) ?? ''
  const lines: AuditLine[] = []
  let whole = true
  let previous = FIRST
  for (const row of text.split('\n')) {
    if (row === '') continue
    const line = parseLine(row)
    if (line === null) {
      whole = false
      continue
    }
    const { hash, ...body } = line
    whole &&= body.previous === previous && body.n === lines.length + 1 && hashOf(body) === hash
    previous = hash
    lines.push(line)
  }
  return { lines, whole }
}

function parseLine(row: string): AuditLine | null {
  try {
    const parsed = JSON.parse(row) as Partial<AuditLine> | null
    return typeof parsed?.hash === 'string' && typeof parsed.n === 'number' ? (parsed as AuditLine) : null
  } catch {
    return null
  }
}
