// What a backup holds (`backup.json` in its folder): each file with its size and digest, so that a backup that is cut short, or that
// the years have changed, is refused instead of restored.

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { PantauError } from '../contract/errors.ts'
import { SCHEMA_VERSION } from '../runtime/data-folder.ts'
import { readIfPresent, writeFileAtomic } from '../runtime/files.ts'

export interface BackupManifest {
  readonly version: 1
  /** RFC 3339: when it was taken. */
  readonly time: string
  /** Of the data folder. */
  readonly schema: number
  readonly pantau: string
  /** What in it must not come into other hands; absent in backups from before. */
  readonly holds?: readonly string[]
  readonly files: readonly BackupFile[]
}

export interface BackupFile {
  /** Below the backup's folder, with `/`. */
  readonly path: string
  readonly bytes: number
  /** Hex. */
  readonly sha256: string
}

const manifestPath = (folder: string): string => join(folder, 'backup.json')

export function writeManifest(folder: string, manifest: BackupManifest): void {
  writeFileAtomic(manifestPath(folder), `${JSON.stringify(manifest, null, 1)}\n`)
}

/** Throws `input_refused` when the folder is no whole backup that this program can restore. */
export function readManifest(folder: string): BackupManifest {
  const text = readIfPresent(manifestPath(folder))
  if (text === null) {
    throw new PantauError(
      'input_refused',
      `${folder} holds no backup.json: it is no backup, or one that was cut short; give the folder that npm run backup wrote`,
    )
  }
  const manifest = parseManifest(text)
  if (manifest === null)
    throw new PantauError('input_refused', `${manifestPath(folder)} is damaged; take another backup`)
  // An older one is migrated when a village starts on it.
  if (manifest.version !== 1 || !(manifest.schema <= SCHEMA_VERSION)) {
    throw new PantauError(
      'input_refused',
      `${folder} is of schema ${manifest.schema}, this program knows ${SCHEMA_VERSION}; restore it by Pantau ${manifest.pantau}`,
    )
  }
  return manifest
}

function parseManifest(text: string): BackupManifest | null {
  try {
    const parsed = JSON.parse(text) as Partial<BackupManifest> | null
    const isWhole =
      Array.isArray(parsed?.files) && parsed.files.every((file) => isInside((file as BackupFile).path))
    return isWhole ? (parsed as BackupManifest) : null
  } catch {
    return null
  }
}

/** Whoever hands us a backup chooses neither where we write, nor that we write what is of a running village. */
function isInside(path: unknown): boolean {
  return (
    typeof path === 'string' && /^((store|log)\/)?\w?[\w-]*(\.[\w-]+)*$/.test(path) && !NEVER_HELD.test(path)
  )
}

/** Of this running, not of the village; half-written beside the whole. */
export const NEVER_HELD = /^(lock|ready\.json|store|log|run|)$|\/$|\.(lock|new|probe)$/

/** Size and digest of a file as it is on disk. */
export async function digestOf(folder: string, path: string): Promise<BackupFile> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of createReadStream(join(folder, path)) as AsyncIterable<Buffer>) {
    hash.update(chunk)
    bytes += chunk.length
  }
  return { path, bytes, sha256: hash.digest('hex') }
}
