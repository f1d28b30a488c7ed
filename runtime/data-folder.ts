// The data folder: log, store, credentials. One running Pantau each, which a lock file names; its schema has a number, so
// that an older program refuses what a newer one wrote, and a newer one carries on what an older one wrote.

import {
  accessSync,
  chmodSync,
  constants,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { PantauError } from '../contract/errors.ts'
import { isMissing, readIfPresent, systemCode, writeFileAtomic } from './files.ts'
import { migrate } from './migrations.ts'

/** Raised with every change of what lies in the data folder that an older program could not go on with; each has a step in `migrations.ts`. */
export const SCHEMA_VERSION = 2

/**
 * Creates the folder (0700) when it is not there, closes it to others when it is open, checks that it can be written, and
 * migrates it when it is of an older schema. Returns its absolute path. Throws `data_unusable`, or `data_in_use` when it is to be
 * migrated while a Pantau runs on it.
 */
export function openDataFolder(path: string): string {
  const folder = resolve(path)
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    if ((statSync(folder).mode & 0o077) !== 0) chmodSync(folder, 0o700)
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
    checkSchema(folder)
  } catch (error) {
    if (error instanceof PantauError) throw error
    const code = systemCode(error) ?? String(error)
    throw new PantauError(
      'data_unusable',
      `PANTAU_DATA is ${folder}, which cannot be used (${code}); give a folder that can be written`,
      {
        cause: error,
      },
    )
  }
  return folder
}

function checkSchema(folder: string): void {
  const fault = schemaFault(folder)
  if (fault !== null) throw new PantauError('data_unusable', fault)
  const schema = folderSchema(folder)
  if (schema === null) raiseSchema(folder, SCHEMA_VERSION)
  else if (schema < SCHEMA_VERSION) migrateAlone(folder)
}

const schemaPath = (folder: string): string => join(folder, 'schema.json')

const raiseSchema = (folder: string, schema: number): void =>
  writeFileAtomic(schemaPath(folder), `${JSON.stringify({ schema })}\n`)

/** The folder's schema number; null when it has none yet, or a damaged one. */
export function folderSchema(folder: string): number | null {
  const text = readIfPresent(schemaPath(folder))
  return text === null ? null : schemaOf(text)
}

/** What keeps this program from using the folder's data; null when they are of its schema or an older one, or there are none yet. */
export function schemaFault(folder: string): string | null {
  const path = schemaPath(folder)
  if (readIfPresent(path) === null) return null
  const schema = folderSchema(folder)
  if (schema === null) return `${path} is damaged; restore it from a backup`
  if (schema <= SCHEMA_VERSION) return null
  return `${folder} is of schema ${schema}, this program knows ${SCHEMA_VERSION}; start the newer Pantau that wrote it`
}

/** Parts that start together, and commands, must not migrate side by side, nor under an older Pantau that still runs. */
function migrateAlone(folder: string): void {
  const lock = join(folder, 'schema.lock')
  takeSchemaLock(lock)
  try {
    const schema = folderSchema(folder)
    if (schema === null || schema >= SCHEMA_VERSION) return
    const holder = lockHolder(folder)
    if (holder !== null) {
      throw new PantauError(
        'data_in_use',
        `${folder} is of schema ${schema} and held by process ${holder}; stop that older Pantau, then this one migrates the folder to ${SCHEMA_VERSION}`,
      )
    }
    migrate(folder, schema, (reached) => raiseSchema(folder, reached))
  } finally {
    unlinkSync(lock)
  }
}

/** Longer than any migration of small files takes. */
const MIGRATION_WAIT_MS = 60_000
const MIGRATION_LOOK_MS = 50

function takeSchemaLock(path: string): void {
  const sleeper = new Int32Array(new SharedArrayBuffer(4))
  for (let waitedMs = 0; ; waitedMs += MIGRATION_LOOK_MS) {
    try {
      const text = JSON.stringify({ pid: process.pid, started: startOf(process.pid) })
      writeFileSync(path, text, { flag: 'wx', mode: 0o600 })
      return
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error
    }
    const holder = holderOf(path)
    // One that was killed in the middle left it behind; the steps begin again.
    if (holder !== null && !isSameProcess(holder)) rmSync(path, { force: true })
    if (waitedMs >= MIGRATION_WAIT_MS) {
      throw new PantauError(
        'data_in_use',
        `${path} says that another process migrates the folder; when none does, remove the file`,
      )
    }
    Atomics.wait(sleeper, 0, 0, MIGRATION_LOOK_MS)
  }
}

function schemaOf(text: string): number | null {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' &&
      parsed !== null &&
      'schema' in parsed &&
      typeof parsed.schema === 'number' &&
      Number.isInteger(parsed.schema) &&
      parsed.schema >= 1
      ? parsed.schema
      : null
  } catch {
    return null
  }
}

export interface Lock {
  release(): void
}

/** Takes the folder's lock for this process; a dead process's lock is taken over. Throws `data_in_use` naming the holder. */
export function lockDataFolder(folder: string, pid: number): Lock {
  const path = join(folder, 'lock')
  const holder = holderOf(path)
  if (holder !== null && holder.pid !== pid && isSameProcess(holder)) {
    throw new PantauError(
      'data_in_use',
      `${folder} is held by process ${holder.pid}; stop it, or give another PANTAU_DATA`,
    )
  }
  writeFileAtomic(path, `${JSON.stringify({ pid, started: startOf(pid) })}\n`)
  return {
    release() {
      if (holderOf(path)?.pid === pid) unlinkSync(path)
    },
  }
}

interface Holder {
  readonly pid: number
  /** Start time of the process in clock ticks since boot; null where /proc is missing. */
  readonly started: string | null
}

/** The running process that holds the folder; null when nobody does. */
export function lockHolder(folder: string): number | null {
  const holder = holderOf(join(folder, 'lock'))
  return holder !== null && isSameProcess(holder) ? holder.pid : null
}

function holderOf(path: string): Holder | null {
  const text = readIfPresent(path)
  if (text === null) return null
  try {
    const parsed = JSON.parse(text) as Partial<Holder> | null
    return typeof parsed?.pid === 'number' ? { pid: parsed.pid, started: parsed.started ?? null } : null
  } catch {
    return null
  }
}

/** A pid may have been given to another process since: the start time tells. */
function isSameProcess(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    if (systemCode(error) !== 'EPERM') return false
  }
  return holder.started === null || startOf(holder.pid) === holder.started
}

function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // Field 22; the command's name in parentheses may hold blanks, so counting begins behind it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}
