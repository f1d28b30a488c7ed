// Devices whose credentials two seem to use, by the broker's own word (event `clone_suspected`). They are kept with the position of the log,
// so that no restart forgets one, until a week has passed or the credentials were made anew.

import type { CloneSuspicion } from '../contract/feed.ts'
import type { LogRecord } from '../contract/log.ts'
import type { DeviceEvent } from '../contract/observation.ts'
import { DAY, type TimeMs } from '../contract/time.ts'

export const CLONE_EVENT = 'clone_suspected'
/** The note in the store that holds them. */
export const CLONES_NOTE = 'clones'
const KEPT_MS = 7 * DAY
/** Devices; those suspected longest ago go first. */
const MOST_KEPT = 1_000

/** What the broker says by an event; null when it is another, or another's: a device can send any event, as a last will too. */
export function suspicionIn(record: LogRecord, event: DeviceEvent | null): CloneSuspicion | null {
  if (event?.event !== CLONE_EVENT) return null
  if (record.type !== 'message' || record.client !== null || record.will) return null
  const { takeovers = null } = (event.detail ?? {}) as { takeovers?: unknown }
  return Number.isSafeInteger(takeovers) ? { time: event.arrival, takeovers: takeovers as number } : null
}

/** `secretSince`: since when the device's credentials are what they are; null when it has none. */
export function isOpen({ time }: CloneSuspicion, secretSince: TimeMs | null, now: TimeMs): boolean {
  return now - time < KEPT_MS && time >= (secretSince ?? time)
}

/** The newest of each device. The same record may be taken again: the later one stands. */
export class Clones {
  readonly #newest = new Map<string, CloneSuspicion>()

  add(device: string, suspicion: CloneSuspicion): void {
    if (suspicion.time < (this.#newest.get(device)?.time ?? Number.NEGATIVE_INFINITY)) return
    this.#newest.delete(device)
    this.#newest.set(device, suspicion)
    for (const [old, { time }] of this.#newest) {
      const isOver = suspicion.time - time >= KEPT_MS || this.#newest.size > MOST_KEPT
      if (isOver) this.#newest.delete(old)
    }
  }

  entries(): Iterable<readonly [device: string, suspicion: CloneSuspicion]> {
    return this.#newest
  }

  /** As text that `readClones` reads. */
  save(): string {
    return JSON.stringify([...this.#newest])
  }
}

/** From a text of `save`; without one there are none. */
export function readClones(text: string | undefined): Clones {
  const clones = new Clones()
  // It was written by `save`, in the transaction of a position.
  const saved = JSON.parse(text ?? '[]') as [string, CloneSuspicion][]
  for (const [device, suspicion] of saved) clones.add(device, suspicion)
  return clones
}
