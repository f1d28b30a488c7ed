// Writes what really happens, a JSON line each, as simulated time reaches it, so that detection can be measured against it.

import { closeSync, openSync, writeSync } from 'node:fs'
import { PantauError } from '../contract/errors.ts'
import { formatTime, type TimeMs } from '../contract/time.ts'
import { systemCode } from '../runtime/files.ts'
import type { DeviceModel, Truth } from './device-model.ts'

export interface TruthFile {
  /** Writes all that begins before `now` and was not written yet. */
  writeUntil(now: TimeMs): void
  close(): void
}

const WRITE_EVERY_MS = 10_000

/** Throws `output_failed` when the file cannot be made. */
export function openTruthFile(path: string, models: readonly DeviceModel[], start: TimeMs): TruthFile {
  const file = create(path)
  let written = start
  const write = (until: TimeMs): void => {
    const truths = models.flatMap((model) => model.truth(written, until)).sort((a, b) => a.from - b.from)
    written = until
    if (truths.length > 0) writeSync(file, `${truths.map(line).join('\n')}\n`)
  }
  return {
    writeUntil(now) {
      if (now - written >= WRITE_EVERY_MS) write(now)
    },
    close() {
      closeSync(file)
    },
  }
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
