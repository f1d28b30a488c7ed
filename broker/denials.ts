// What somebody who has signed in tries beyond their rights is in the audit trail (reliability 6.1), as it is over HTTP: once an hour
// each and a few in a minute altogether, so that no device fills the disk or holds up the broker by it.

import { type Clock, HOUR, MINUTE, type TimeMs } from '../contract/time.ts'
import type { AuditLog } from '../runtime/audit.ts'
import type { Logger } from '../runtime/logger.ts'

const MOST_A_MINUTE = 10
/** Beyond so many the one that was told of longest ago is forgotten. */
const MOST_REMEMBERED = 1_000
const LONGEST_DETAIL = 200

export class Denials {
  readonly #audit: AuditLog
  readonly #clock: Clock
  readonly #logger: Logger
  /** When each was last told of, the oldest first. */
  readonly #told = new Map<string, TimeMs>()

  constructor(audit: AuditLog, clock: Clock, logger: Logger) {
    this.#audit = audit
    this.#clock = clock
    this.#logger = logger
  }

  /** `who`: `NAME at ADDRESS`; `topic`: what they were not to publish on or to hear. */
  note(who: string, topic: string): void {
    const now = this.#clock.monotonicMs()
    const told = this.#told.get(who)
    if (told !== undefined && now - told < HOUR) return
    if ([...this.#told.values()].filter((time) => now - time < MINUTE).length >= MOST_A_MINUTE) return
    this.#told.delete(who)
    this.#told.set(who, now)
    if (this.#told.size > MOST_REMEMBERED) this.#told.delete(this.#told.keys().next().value ?? who)
    const at = who.lastIndexOf(' at ')
    const event = {
      who: at < 0 ? who : who.slice(0, at),
      from: at < 0 ? null : who.slice(at + ' at '.length),
      what: 'mqtt.denied',
      on: topic.slice(0, LONGEST_DETAIL),
      result: 'refused',
    } as const
    this.#audit.append(event).catch((error: unknown) => {
      this.#logger.error({ err: error, ...event }, 'the audit trail could not be written')
    })
  }
}
