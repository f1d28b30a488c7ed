// How the data folder of an older Pantau becomes one of this: a step for each schema number, in order, after what it touches was
// copied to `before-schema-N/` (design, "Upgrade"). A step that is cut off begins again, so each does no harm a second time.

import { constants, cpSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { makeAuditHead } from './audit.ts'
import { syncFolder } from './files.ts'

export interface Migration {
  /** From this schema to the next. */
  readonly from: number
  /** What is other afterwards, in words. */
  readonly what: string
  /** Files and folders below the data folder that it changes; they are copied before. */
  readonly touches: readonly string[]
  apply(dataFolder: string): void
}

export const MIGRATIONS: readonly Migration[] = [
  {
    from: 1,
    what: 'the audit trail has a head, so that a line cut off at its end shows, and may begin behind line 1',
    touches: ['audit.jsonl'],
    apply: makeAuditHead,
  },
]

/** Where what a migration from `schema` changes is kept as it was. */
export function keptBefore(dataFolder: string, schema: number): string {
  return join(dataFolder, `before-schema-${schema + 1}`)
}

/**
 * Carries the folder from `schema` on by every step that there is. `raise` writes the number that was reached down, durably.
 * Returns the numbers that were reached, in order; a step whose copy or change fails throws, and the number stays.
 */
export function migrate(
  dataFolder: string,
  schema: number,
  raise: (schema: number) => void,
  migrations: readonly Migration[] = MIGRATIONS,
): number[] {
  const reached: number[] = []
  for (let step = stepFrom(migrations, schema); step !== undefined; ) {
    keep(dataFolder, step)
    step.apply(dataFolder)
    raise(step.from + 1)
    reached.push(step.from + 1)
    step = stepFrom(migrations, step.from + 1)
  }
  return reached
}

function stepFrom(migrations: readonly Migration[], schema: number): Migration | undefined {
  return migrations.find(({ from }) => from === schema)
}

/** Copies what the step touches. A copy that is whole stays: the step may have begun to change what was copied. */
function keep(dataFolder: string, { from, touches }: Migration): void {
  const kept = keptBefore(dataFolder, from)
  if (statSync(kept, { throwIfNoEntry: false }) !== undefined) return
  const unfinished = `${kept}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { mode: 0o700 })
  for (const path of ['schema.json', ...touches]) {
    if (statSync(join(dataFolder, path), { throwIfNoEntry: false }) === undefined) continue
    // Where the file system shares blocks the copy takes neither time nor room.
    cpSync(join(dataFolder, path), join(unfinished, path), {
      recursive: true,
      preserveTimestamps: true,
      mode: constants.COPYFILE_FICLONE,
    })
  }
  syncFolder(unfinished)
  renameSync(unfinished, kept)
  syncFolder(dataFolder)
}
