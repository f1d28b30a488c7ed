// When our own broker listened: silence while it did not says nothing of the devices (domain B2). The log tells it by its records; the
// broker's socket tells a death that left no record, and counts only once the log is read up to its end, so that both tell one story.

import { SECOND, type TimeMs } from '../../contract/time.ts'

export interface PresenceListener {
  /** Our broker listens since then. */
  listening(since: TimeMs): void
  /** It has not since then. */
  away(since: TimeMs): void
}

type Heard = { readonly type: 'there' | 'away'; readonly since: TimeMs }

/** The broker takes its status and its record of the same start a moment apart. */
const SAME_START_MS = 10 * SECOND

export class BrokerPresence {
  readonly #listener: PresenceListener
  #since: TimeMs | null = null
  #isAway = false
  #heard: Heard | null = null

  constructor(listener: PresenceListener) {
    this.#listener = listener
  }

  get isAway(): boolean {
    return this.#isAway
  }

  /** By the log: it began to listen. `lastRecord`: arrival of the record before, after which it may have died without a word. */
  recordListening(since: TimeMs, lastRecord: TimeMs | null): void {
    if (!this.#isAway && lastRecord !== null) this.#listener.away(lastRecord)
    if (this.#heard?.type === 'away' && this.#heard.since <= since) this.#heard = null
    this.#set(since)
  }

  /** By the log: it stopped cleanly. */
  recordStopped(at: TimeMs): void {
    if (this.#isAway) return
    this.#isAway = true
    this.#listener.away(at)
  }

  /** By its socket: it is there, and has listened since then. */
  there(since: TimeMs): void {
    this.#heard = { type: 'there', since }
  }

  /** By its socket: it is gone, and was heard last at that time. */
  gone(lastHeard: TimeMs): void {
    this.#heard = { type: 'away', since: lastHeard }
  }

  /** The log is read up to its end: what the socket told counts now. */
  settle(): void {
    const heard = this.#heard
    this.#heard = null
    if (heard === null) return
    if (heard.type === 'away') {
      this.recordStopped(heard.since)
    } else if (this.#since === null || heard.since > this.#since + SAME_START_MS) {
      // Its record lies before the place where this ingest began to read.
      this.#set(heard.since)
    } else if (this.#isAway) this.#set(this.#since)
  }

  #set(since: TimeMs): void {
    this.#since = since
    this.#isAway = false
    this.#listener.listening(since)
  }
}
