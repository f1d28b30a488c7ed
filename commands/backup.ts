// `npm run backup -- PATH`: a consistent copy of the data folder, while the village runs or not. The store first, held still, then
// the small files, then the log: so the log reaches beyond what the store has taken, and a village that starts on the copy goes
// on from there, as it does after kill -9.

import {
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { PantauError } from '../contract/errors.ts'
import { formatTime, systemClock } from '../contract/time.ts'
import { auditLockPath } from '../runtime/audit.ts'
import { lockDataFolder, lockHolder, openDataFolder, SCHEMA_VERSION } from '../runtime/data-folder.ts'
import { openFeed } from '../runtime/feed-client.ts'
import { isMissing, syncFolder, systemCode } from '../runtime/files.ts'
import { checkRoom } from '../runtime/free-space.ts'
import { withLock } from '../runtime/lock-file.ts'
import { listSegments, logFolder, segmentPath } from '../runtime/log/segment.ts'
import { findSegmentEnd } from '../runtime/log/segment-end.ts'
import { loadSettings } from '../runtime/settings.ts'
import { VERSION } from '../runtime/version.ts'
import { audited } from './audited.ts'
import { type BackupFile, digestOf, NEVER_HELD, writeManifest } from './backup-manifest.ts'
import { readCommandLine } from './command-line.ts'
import { partPid, whileFrozen } from './frozen-part.ts'

const USAGE = 'npm run backup -- PATH'

export async function main(argv: readonly string[]): Promise<number> {
  const [path, ...rest] = readCommandLine(argv, [], USAGE).words
  if (path === undefined || rest.length > 0)
    throw new PantauError('bad_command', `one PATH is taken; ${USAGE}`)
  const { settings } = loadSettings([], process.env)
  const dataFolder = resolve(settings.PANTAU_DATA)
  if (statSync(dataFolder, { throwIfNoEntry: false }) === undefined) {
    throw new PantauError(
      'data_unusable',
      `PANTAU_DATA is ${dataFolder}, which is not there; give the village's data folder`,
    )
  }
  openDataFolder(dataFolder)
  const target = resolve(path)
  checkTarget(target, dataFolder)
  checkRoom(target, bytesBelow(dataFolder))
  const unfinished = `${target}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  let written: { readonly files: number; readonly bytes: number }
  try {
    mkdirSync(unfinished, { recursive: true, mode: 0o700 })
    written = await audited(dataFolder, { what: 'backup', on: target }, async () => {
      const taken = await takeBackup(dataFolder, unfinished)
      renameSync(unfinished, target)
      syncFolder(dirname(target))
      return taken
    })
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true })
    if (error instanceof PantauError || systemCode(error) === null) throw error
    throw new PantauError(
      'output_failed',
      `${target} cannot be written (${systemCode(error)}); give another path, or make room`,
      {
        cause: error,
      },
    )
  }
  process.stdout.write(`${JSON.stringify({ path: target, ...written })}\n`)
  if (settings.PANTAU_STORE !== 'duckdb') {
    process.stderr.write(
      'The readings lie in InfluxDB and are not in this backup; back up InfluxDB by its own means.\n',
    )
  }
  return 0
}

function checkTarget(target: string, dataFolder: string): void {
  if (`${target}/`.startsWith(`${dataFolder}/`)) {
    throw new PantauError('bad_command', `${target} lies in the data folder; give a path outside of it`)
  }
  if (statSync(target, { throwIfNoEntry: false }) !== undefined) {
    throw new PantauError('output_failed', `${target} exists; give a path that does not`)
  }
}

async function takeBackup(dataFolder: string, target: string): Promise<{ files: number; bytes: number }> {
  await copyStore(dataFolder, target)
  await copyWithTrail(dataFolder, target)
  await copyLog(dataFolder, target)
  await settleStore(target)
  const files: BackupFile[] = []
  for (const path of filesBelow(target)) {
    syncFile(join(target, path))
    files.push(await digestOf(target, path))
  }
  for (const folder of ['.', 'store', 'log']) {
    if (statSync(join(target, folder), { throwIfNoEntry: false }) !== undefined)
      syncFolder(join(target, folder))
  }
  writeManifest(target, {
    version: 1,
    time: formatTime(systemClock.now()),
    schema: SCHEMA_VERSION,
    pantau: VERSION,
    holds: SECRETS_HELD.filter(({ file }) => files.some(({ path }) => path === file)).map(
      ({ file, what }) => `${file}: ${what}`,
    ),
    files,
  })
  return { files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) }
}

/** Why a backup is for its owner only. */
const SECRETS_HELD = [
  { file: '.env', what: 'settings, a password or token of InfluxDB among them' },
  { file: 'dashboard.key', what: 'the key that signs cursors and known browsers' },
  { file: 'first-login.json', what: 'the first password, which nobody has changed yet' },
  { file: 'registry.json', what: 'digests of the secrets of devices and staff, no secret itself' },
  { file: 'sessions.json', what: 'digests of the sessions of staff' },
] as const

/** Database and write-ahead log as they are at one moment. */
async function copyStore(dataFolder: string, target: string): Promise<void> {
  const copy = async (): Promise<void> => {
    mkdirSync(join(target, 'store'), { mode: 0o700 })
    for (const name of ['pantau.duckdb', 'pantau.duckdb.wal']) {
      copyIfPresent(join(dataFolder, 'store', name), join(target, 'store', name))
    }
  }
  const supervisor = lockHolder(dataFolder)
  if (supervisor !== null) {
    const ingest = partPid(supervisor, 'ingest')
    if (ingest !== null) return whileFrozen(ingest, copy)
    throw new PantauError(
      'data_in_use',
      `${dataFolder} is held by process ${supervisor}, and its ingest is not running or not to be found; try again, or stop the village first`,
    )
  }
  if (await ingestAnswers(dataFolder)) {
    throw new PantauError(
      'data_in_use',
      'ingest runs on its own on this data folder; stop it, then take the backup',
    )
  }
  // Nobody starts meanwhile.
  const lock = lockDataFolder(dataFolder, process.pid)
  try {
    await copy()
  } finally {
    lock.release()
  }
}

async function ingestAnswers(dataFolder: string): Promise<boolean> {
  try {
    await openFeed(dataFolder).call('health', {})
    return true
  } catch (error) {
    if (error instanceof PantauError && error.code === 'not_running') return false
    throw error
  }
}

/** Replays what the copy's write-ahead log holds, so that one clean file is left, and shows that it opens. */
async function settleStore(target: string): Promise<void> {
  const path = join(target, 'store', 'pantau.duckdb')
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return
  const instance = await DuckDBInstance.create(path, { memory_limit: '512MB', threads: '2' }).catch(
    (error: unknown) => {
      throw new PantauError(
        'store_damaged',
        `the copy of the store does not open (${String(error)}); run npm run doctor`,
        {
          cause: error,
        },
      )
    },
  )
  const connection = await instance.connect()
  await connection.run('CHECKPOINT')
  connection.closeSync()
  instance.closeSync()
}

/** Ours have plain names; what else somebody put there is not part of the village. */
const PLAIN = /^[\w.-]+$/

/** The audit trail and its head go together; where not even a lock can be written, neither can the trail. */
async function copyWithTrail(dataFolder: string, target: string): Promise<void> {
  let begun = false
  const copy = (): void => {
    begun = true
    copySmallFiles(dataFolder, target)
  }
  try {
    await withLock(auditLockPath(dataFolder), copy)
  } catch (error) {
    if (begun || !['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES'].includes(systemCode(error) ?? '')) throw error
    copy()
  }
}

/** Each is replaced whole or, as the audit log, only appended to. */
function copySmallFiles(dataFolder: string, target: string): void {
  for (const entry of readdirSync(dataFolder, { withFileTypes: true })) {
    if (entry.isFile() && PLAIN.test(entry.name) && !NEVER_HELD.test(entry.name)) {
      copyIfPresent(join(dataFolder, entry.name), join(target, entry.name))
    }
  }
}

/** Segments in their order, each up to where its records reach now: what is cut off at the very end is what a kill -9 cuts off. */
async function copyLog(dataFolder: string, target: string): Promise<void> {
  const from = logFolder(dataFolder)
  const to = logFolder(target)
  mkdirSync(to, { mode: 0o700 })
  const segments = listSegments(from)
  const last = segments.at(-1)
  // The last is filled ahead of its records.
  const end = last === undefined ? null : (await findSegmentEnd(from, last)).end
  const sizes = segments.map(
    (segment) => statSync(segmentPath(from, segment), { throwIfNoEntry: false })?.size ?? null,
  )
  for (const [index, segment] of segments.entries()) {
    // Stored long ago, and removed since it was listed.
    const size = segment === last && end !== null ? end : (sizes[index] ?? null)
    if (size !== null) copyBytes(segmentPath(from, segment), segmentPath(to, segment), size)
  }
}

const CHUNK_BYTES = 1024 * 1024

function copyBytes(from: string, to: string, bytes: number): void {
  let source: number
  try {
    source = openSync(from, 'r')
  } catch (error) {
    if (isMissing(error)) return
    throw error
  }
  const copy = openSync(to, 'wx', 0o600)
  const chunk = Buffer.alloc(CHUNK_BYTES)
  try {
    for (let at = 0; at < bytes; ) {
      const read = readSync(source, chunk, 0, Math.min(CHUNK_BYTES, bytes - at), at)
      if (read === 0) break
      for (let written = 0; written < read; ) written += writeSync(copy, chunk, written, read - written)
      at += read
    }
  } finally {
    closeSync(source)
    closeSync(copy)
  }
}

function copyIfPresent(from: string, to: string): void {
  try {
    // Where the file system shares blocks the copy takes no time.
    copyFileSync(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}

/** What is removed while it is counted does not count. */
function bytesBelow(folder: string): number {
  return filesBelow(folder).reduce(
    (sum, path) => sum + (statSync(join(folder, path), { throwIfNoEntry: false })?.size ?? 0),
    0,
  )
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()
}

function syncFile(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
