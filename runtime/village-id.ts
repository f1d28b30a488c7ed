// The village's id alone, for commands that need no more of the folder. `runtime/village.ts` reads and checks all of it.

import { join } from 'node:path'
import { PantauError } from '../contract/errors.ts'
import { isDeviceId } from '../contract/topics.ts'
import { readIfPresent } from './files.ts'

/** Throws `bad_village` when `village.json` is missing or has no id. */
export function villageId(folder: string): string {
  const path = join(folder, 'village.json')
  const text = readIfPresent(path)
  const id = text === null ? null : idOf(text)
  if (id === null) {
    throw new PantauError(
      'bad_village',
      `${path} is missing or has no id; PANTAU_VILLAGE names a village folder`,
    )
  }
  return id
}

function idOf(text: string): string | null {
  try {
    const parsed = JSON.parse(text) as { id?: unknown } | null
    return typeof parsed?.id === 'string' && isDeviceId(parsed.id) ? parsed.id : null
  } catch {
    return null
  }
}
