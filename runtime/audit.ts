// The audit trail: who did what, on what, when, from where (`audit.jsonl` in the data folder). It is only appended to; each
// line carries the hash of the one before, and `audit-head.json` says which line is the last, so that a changed, a missing and a
// cut-off line show (reliability 7). Lines older than 400 days are forgotten from the front, and the head says up to where.

import { createHash } from 'node:crypto'
import { closeSync, fdatasyncSync, openSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, DAY, formatTime, parseTime, type TimeMs } from '../contract/time.ts'
import { isMissing, readIfPresent, writeFileAtomic } from './files.ts'
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

/** A place in the chain: a line's number and hash. */
export interface AuditPlace {
  readonly n: number
  readonly hash: string
}

/** What `audit-head.json` says. */
interface AuditHead extends AuditPlace {
  /** The last line that was forgotten for its age; absent while none was. */
  readonly forgotten?: AuditPlace
}

const KEPT_MS = 400 * DAY
const BEGIN: AuditPlace = { n: 0, hash: '0'.repeat(64) }

export function auditPath(dataFolder: string): string {
  return join(dataFolder, 'audit.jsonl')
}

export function auditHeadPath(dataFolder: string): string {
  return join(dataFolder, 'audit-head.json')
}

/** Whoever writes the trail, or copies it whole, holds this lock. */
export function auditLockPath(dataFolder: string): string {
  return `${auditPath(dataFolder)}.lock`
}

/** Several processes may append: each does it under a lock, behind whatever the others have written. */
export function openAuditLog(dataFolder: string, clock: Clock): AuditLog {
  const path = auditPath(dataFolder)
  let last: { readonly size: number; readonly place: AuditPlace } | null = null
  let lookedForOldAt: TimeMs | null = null
  let queue: Promise<void> = Promise.resolve()

  const write = (event: AuditEvent): void => {
    const now = clock.now()
    if (lookedForOldAt === null || now - lookedForOldAt >= DAY) {
      lookedForOldAt = now
      if (forgetOld(dataFolder, now - KEPT_MS)) last = null
    }
    if (last === null || sizeOf(path) !== last.size) last = { size: sizeOf(path), place: endOf(dataFolder) }
    const body = { n: last.place.n + 1, time: formatTime(now), ...event, previous: last.place.hash }
    const line: AuditLine = { ...body, hash: hashOf(body) }
    appendLine(path, `${JSON.stringify(line)}\n`)
    const place = { n: line.n, hash: line.hash }
    writeHead(dataFolder, { ...readHead(dataFolder), ...place })
    last = { size: sizeOf(path), place }
  }
  return {
    append(event) {
      const mine = queue.then(async () => withLock(auditLockPath(dataFolder), () => write(event)))
      queue = mine.catch(() => undefined)
      return mine
    },
  }
}

function appendLine(path: string, text: string): void {
  const file = openSync(path, 'a', 0o600)
  try {
    writeFileSync(file, text)
    fdatasyncSync(file)
  } finally {
    closeSync(file)
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

/**
 * Where the next line goes on: behind the last line there is, or behind the head when lines before it are gone, so that the
 * gap stays to be seen. Half a line, which nobody was told is written, is cut off.
 */
function endOf(dataFolder: string): AuditPlace {
  const path = auditPath(dataFolder)
  const text = readIfPresent(path) ?? ''
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  if (whole.length < text.length) truncateSync(path, Buffer.byteLength(whole))
  const line = parseLine(whole.trimEnd().split('\n').at(-1) ?? '')
  const head = readHead(dataFolder)
  return head !== null && head.n > (line?.n ?? 0) ? head : (line ?? BEGIN)
}

function readHead(dataFolder: string): AuditHead | null {
  try {
    const parsed = JSON.parse(readIfPresent(auditHeadPath(dataFolder)) ?? 'null') as Partial<AuditHead> | null
    return typeof parsed?.n === 'number' && typeof parsed.hash === 'string' ? (parsed as AuditHead) : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

function writeHead(dataFolder: string, head: AuditHead): void {
  writeFileAtomic(auditHeadPath(dataFolder), `${JSON.stringify(head)}\n`)
}

/** Writes the head of a trail that has none yet: the last line that there is (schema 1 had no head). */
export function makeAuditHead(dataFolder: string): void {
  const last = readAuditLog(dataFolder).lines.at(-1)
  if (last !== undefined && readHead(dataFolder) === null)
    writeHead(dataFolder, { n: last.n, hash: last.hash })
}

/** Drops lines before `before` from the front. True when there were any; a broken trail is evidence, and stays as it is. */
function forgetOld(dataFolder: string, before: TimeMs): boolean {
  const { lines, whole } = readAuditLog(dataFolder)
  const isOld = ({ time }: AuditLine): boolean => {
    const parsed = parseTime(time)
    return parsed.ok && parsed.time < before
  }
  if (!whole || lines[0] === undefined || !isOld(lines[0])) return false
  const firstKept = lines.findIndex((line) => !isOld(line))
  const kept = firstKept < 0 ? [] : lines.slice(firstKept)
  const gone = lines[lines.length - kept.length - 1] ?? BEGIN
  const last = lines.at(-1) ?? BEGIN
  // The head first: a reader takes the old front as well as the new one.
  writeHead(dataFolder, { n: last.n, hash: last.hash, forgotten: { n: gone.n, hash: gone.hash } })
  writeFileAtomic(auditPath(dataFolder), kept.map((line) => `${JSON.stringify(line)}\n`).join(''))
  return true
}

export interface AuditReading {
  /** Oldest first. */
  readonly lines: readonly AuditLine[]
  /** False when a line was changed, is missing, or cannot be read. */
  readonly whole: boolean
  /** What is wrong first, and where; null when the trail is whole. */
  readonly fault: string | null
}

export function readAuditLog(dataFolder: string): AuditReading {
  const head = readHead(dataFolder)
  const lines: AuditLine[] = []
  let fault: string | null = null
  let place: AuditPlace | null = null
  const text = readIfPresent(auditPath(dataFolder)) ?? ''
  // Half a line at the end is one that nobody was told is written.
  for (const row of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
    if (row === '') continue
    const line = parseLine(row)
    if (line === null) {
      fault ??= `what stands behind line ${place?.n ?? 0} cannot be read`
      continue
    }
    fault ??= faultOf(line, place === null ? beginOf(line, head) : place)
    place = line
    lines.push(line)
  }
  fault ??= faultOfEnd(lines, head)
  return { lines, whole: fault === null, fault }
}

/** Behind which place the first line may stand: the begin, or what was forgotten. */
function beginOf(first: AuditLine, head: AuditHead | null): AuditPlace {
  return first.n === 1 ? BEGIN : (head?.forgotten ?? BEGIN)
}

function faultOf(line: AuditLine, before: AuditPlace): string | null {
  const { hash, ...body } = line
  if (line.n > before.n + 1) return `lines ${before.n + 1} to ${line.n - 1} are missing`
  if (line.n !== before.n + 1) return `line ${line.n} stands behind line ${before.n}`
  if (hashOf(body) !== hash) return `line ${line.n} was changed`
  if (line.previous !== before.hash) return `line ${before.n}, or the one behind it, was changed`
  return null
}

/** The file may be a line ahead of the head, for a process that was killed in between; behind it, lines were cut off. */
function faultOfEnd(lines: readonly AuditLine[], head: AuditHead | null): string | null {
  if (head === null) return null
  const last = lines.at(-1)?.n ?? head.forgotten?.n ?? 0
  if (last < head.n) return `lines ${last + 1} to ${head.n} are missing`
  const there = lines.find((line) => line.n === head.n)
  return there !== undefined && there.hash !== head.hash ? `line ${head.n} was changed` : null
}

function parseLine(row: string): AuditLine | null {
  try {
    const parsed = JSON.parse(row) as Partial<AuditLine> | null
    return typeof parsed?.hash === 'string' && typeof parsed.n === 'number' ? (parsed as AuditLine) : null
  } catch {
    return null
  }
}
