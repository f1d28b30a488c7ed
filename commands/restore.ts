// `npm run restore -- PATH`: the backup in PATH into an empty data folder. Every file is checked against the backup's digests
// before the first is written.

import { chmodSync, copyFileSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { PantauError } from '../contract/errors.ts'
import { isMissing, syncFolder, systemCode, writeFileAtomic } from '../runtime/files.ts'
import { loadSettings } from '../runtime/settings.ts'
import { noteDone } from './audited.ts'
import { type BackupManifest, digestOf, readManifest } from './backup-manifest.ts'
import { readCommandLine } from './command-line.ts'

const USAGE = 'npm run restore -- PATH'
const SCHEMA_FILE = 'schema.json'
const UNFINISHED = 'a restore into this folder has not come to its end\n'

export async function main(argv: readonly string[]): Promise<number> {
  const [path, ...rest] = readCommandLine(argv, [], USAGE).words
  if (path === undefined || rest.length > 0)
    throw new PantauError('bad_command', `one PATH is taken; ${USAGE}`)
  const { settings } = loadSettings([], process.env)
  const dataFolder = resolve(settings.PANTAU_DATA)
  const backup = resolve(path)
  const manifest = readManifest(backup)
  refuseUnlessEmpty(dataFolder)
  for (const file of manifest.files) {
    refuseLinks(backup, file.path)
    const found = await digestOf(backup, file.path).catch((error: unknown) => {
      throw new PantauError(
        'input_refused',
        `${join(backup, file.path)} cannot be read (${systemCode(error)}); take another backup`,
      )
    })
    if (found.bytes !== file.bytes || found.sha256 !== file.sha256) {
      throw new PantauError(
        'input_refused',
        `${join(backup, file.path)} is not as it was written; take another backup`,
      )
    }
  }
  copyAll(manifest, backup, dataFolder)
  await noteDone(dataFolder, { what: 'restore', on: backup, detail: `taken ${manifest.time}` })
  process.stdout.write(
    `${JSON.stringify({ data: dataFolder, files: manifest.files.length, time: manifest.time })}\n`,
  )
  return 0
}

/** A link would have us read, and take into the data folder, what lies elsewhere on this machine. */
function refuseLinks(backup: string, path: string): void {
  for (const part of [path, dirname(path)]) {
    if (lstatSync(join(backup, part), { throwIfNoEntry: false })?.isSymbolicLink() === true) {
      throw new PantauError('input_refused', `${join(backup, part)} is a link; a backup holds files only`)
    }
  }
}

function refuseUnlessEmpty(dataFolder: string): void {
  try {
    if (readdirSync(dataFolder).length === 0) return
  } catch (error) {
    if (isMissing(error)) return
    throw new PantauError(
      'data_unusable',
      `PANTAU_DATA is ${dataFolder}, which cannot be used (${systemCode(error)})`,
    )
  }
  throw new PantauError(
    'data_in_use',
    `${dataFolder} is not empty, and a restore overwrites nothing; give another PANTAU_DATA, or move it away`,
  )
}

/** Until it has come to its end the folder has no schema that a village could start with: half a data folder is none. */
function copyAll(manifest: BackupManifest, backup: string, dataFolder: string): void {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
  chmodSync(dataFolder, 0o700)
  const folders = new Set([dataFolder])
  const copy = (path: string, target: string): void => {
    copyFileSync(join(backup, path), target)
    chmodSync(target, 0o600)
  }
  try {
    const schema = join(dataFolder, SCHEMA_FILE)
    writeFileAtomic(schema, UNFINISHED)
    for (const { path } of manifest.files) {
      if (path === SCHEMA_FILE) continue
      const target = join(dataFolder, path)
      mkdirSync(dirname(target), { recursive: true, mode: 0o700 })
      copy(path, target)
      folders.add(dirname(target))
    }
    for (const folder of folders) syncFolder(folder)
    const whole = `${schema}.new`
    copy(SCHEMA_FILE, whole)
    renameSync(whole, schema)
    syncFolder(dataFolder)
  } catch (error) {
    for (const entry of readdirSync(dataFolder))
      rmSync(join(dataFolder, entry), { recursive: true, force: true })
    throw new PantauError(
      'output_failed',
      `${dataFolder} cannot be written (${systemCode(error)}); make room, then try again`,
      {
        cause: error,
      },
    )
  }
}
