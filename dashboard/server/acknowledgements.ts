// Who took note of an outage (`acknowledgements.json` in the data folder). It does not stop the outage's clock.

import { join } from 'node:path'
import { DAY, type TimeMs } from '../../contract/time.ts'
import { readIfPresent, writeFileAtomic } from '../../runtime/files.ts'

export interface Acknowledgement {
  readonly by: string
  readonly at: TimeMs
  readonly note?: string
}

export interface Acknowledgements {
  of(outage: string): Acknowledgement | null
  set(outage: string, acknowledgement: Acknowledgement): void
}

/** As long as raw readings are kept by default. */
const KEPT_MS = 400 * DAY

export function openAcknowledgements(dataFolder: string): Acknowledgements {
  const path = join(dataFolder, 'acknowledgements.json')
  const text = readIfPresent(path)
  // Written by this program alone, whole or not at all.
  const kept =
    text === null ? {} : (JSON.parse(text) as { acknowledged: Record<string, Acknowledgement> }).acknowledged
  const acknowledged = new Map(Object.entries(kept))
  return {
    of: (outage) => acknowledged.get(outage) ?? null,
    set(outage, acknowledgement) {
      acknowledged.set(outage, acknowledgement)
      for (const [id, { at }] of acknowledged) if (acknowledgement.at - at > KEPT_MS) acknowledged.delete(id)
      writeFileAtomic(
        path,
        `${JSON.stringify({ version: 1, acknowledged: Object.fromEntries(acknowledged) })}\n`,
      )
    },
  }
}
