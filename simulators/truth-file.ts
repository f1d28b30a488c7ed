// Writes what really happens, a JSON line each, as simulated time reaches it, so that detection can be measured against it.

import { closeSync, openSync, writeSync } from 'node:fs'
import { PantauError } from '../contract/errors.ts'
import { DAY, formatTime, type TimeMs } from '../contract/time.ts'
import { systemCode } from '../runtime/files.ts'
import type { DeviceModel, Truth } from './device-model.ts'

export interface TruthFile {
  /** Writes all that begins before `now` and was not written yet. */
  writeUntil(now: TimeMs): void
  /** Writes the rest, up to the last time that was told. */
  close(): void
}

const WRITE_EVERY_MS = 10_000
/** The longest thing that happens lasts less (`outages.ts`, `sensor-faults.ts`). */
const LONGEST_MS = 2 * DAY

/** Throws `output_failed` when the file cannot be made. What is under way at `start` is written first, with its true begin. */
export function openTruthFile(path: string, models: readonly DeviceModel[], start: TimeMs): TruthFile {
  const file = create(path)
  let written = start
  let told = start
  const append = (truths: readonly Truth[]): void => {
    if (truths.length > 0) writeSync(file, `${truths.map(line).join('\n')}\n`)
  }
  const write = (until: TimeMs): void => {
    append(truthOf(models, written, until))
    written = until
  }
  append(underWay(models, start))
  return {
    writeUntil(now) {
      told = now
      if (now - written >= WRITE_EVERY_MS) write(now)
    },
    close() {
      write(told)
      closeSync(file)
    },
  }
}

/**
 * What begins in [from, to), in the order of its begin. Worked out day by day of all models: the vehicles of a route share the days that
 * they keep, and each would go through all of them anew.
 */
export function truthOf(models: readonly DeviceModel[], from: TimeMs, to: TimeMs): readonly Truth[] {
  const days = Array.from({ length: Math.ceil((to - from) / DAY) }, (_, day) => from + day * DAY)
  return days.flatMap((day) =>
    models.flatMap((model) => model.truth(day, Math.min(to, day + DAY))).sort((a, b) => a.from - b.from),
  )
}

/** What began before `time` and is not over. */
export function underWay(models: readonly DeviceModel[], time: TimeMs): readonly Truth[] {
  return truthOf(models, time - LONGEST_MS, time).filter((truth) => truth.to > time)
}

function line(truth: Truth): string {
  return JSON.stringify({ ...truth, from: formatTime(truth.from), to: formatTime(truth.to) })
}

function create(path: string): number {
  try {
    return openSync(path, 'w', 0o644)
  } catch (error) {
    throw new PantauError(
      'output_failed',
      `--truth ${path} cannot be written (${systemCode(error)}); give another file`,
      {
        cause: error,
      },
    )
  }
}
