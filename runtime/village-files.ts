// Files that a village names: each must lie inside its folder, symbolic links followed, so that a folder received from
// somebody else cannot make Pantau read, and serve on its map, what lies elsewhere on the machine.

import { readFileSync, realpathSync, statSync } from 'node:fs'
import path from 'node:path'

/** Above any sensible base map; below what troubles a small machine. */
export const MAX_FILE_BYTES = 64 * 1024 * 1024

export type FileResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly detail: string }

/** The absolute path of `relative` in `folder`; refused when it leads outside, is absent, no file, or too large. */
export function fileInside(folder: string, relative: string): FileResult<string> {
  const steps = relative.split('/')
  if (path.isAbsolute(relative) || /^[a-z]:/i.test(relative))
    return refuse('a path begins in the village folder')
  if (relative.includes('\\') || relative.includes('\0')) return refuse('a path has forward slashes only')
  if (steps.some((step) => step === '..' || step === '.' || step === '')) {
    return refuse('a path has no "..", "." or empty step')
  }
  const absolute = path.join(folder, relative)
  const real = realPathOf(absolute)
  if (real === null) return refuse('there is no such file')
  if (!real.startsWith(`${realpathSync(folder)}${path.sep}`))
    return refuse('it is a link that leads out of the village folder')
  const stats = statSync(real)
  if (!stats.isFile()) return refuse('it is no file')
  if (stats.size > MAX_FILE_BYTES)
    return refuse(`it has ${stats.size} bytes; at most ${MAX_FILE_BYTES} are read`)
  return { ok: true, value: absolute }
}

/** The JSON in an existing file. */
export function readJson(absolute: string): FileResult<unknown> {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(absolute))
  } catch (error) {
    return refuse(
      error instanceof TypeError ? 'the file is not UTF-8' : `the file cannot be read (${codeOf(error)})`,
    )
  }
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch (error) {
    return refuse(`the file is not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function realPathOf(absolute: string): string | null {
  try {
    return realpathSync(absolute)
  } catch {
    return null
  }
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}

function refuse(detail: string): { ok: false; detail: string } {
  return { ok: false, detail }
}
