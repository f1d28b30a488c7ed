// Counts since the data folder began. What is in the log is counted again from it after the snapshot's position; what was refused is
// not in it, so it is told only once it is saved. Thus no count ever goes back, whenever the broker dies.

import type { LogRecord } from '../../contract/log.ts'

export interface CountsSnapshot {
  /** Messages that came into the log. */
  readonly logged: number
  readonly acknowledged: number
  /** Messages, and connections, that were refused, by reason. */
  readonly refused: Readonly<Record<string, number>>
  /** Messages among them. */
  readonly refusedMessages: number
}

export interface ToldCounts {
  readonly received: number
  readonly acknowledged: number
  readonly refused: Readonly<Record<string, number>>
}

export const NO_COUNTS: CountsSnapshot = { logged: 0, acknowledged: 0, refused: {}, refusedMessages: 0 }

export class Counts {
  #logged: number
  #acknowledged: number
  readonly #refused: Map<string, number>
  #refusedMessages: number
  #saved: CountsSnapshot

  constructor(snapshot: CountsSnapshot) {
    this.#logged = snapshot.logged
    this.#acknowledged = snapshot.acknowledged
    this.#refused = new Map(Object.entries(snapshot.refused))
    this.#refusedMessages = snapshot.refusedMessages
    this.#saved = snapshot
  }

  /** A record that is on disk. What has a QoS is acknowledged then; a will has nobody to tell. */
  logged(record: LogRecord): void {
    if (record.type !== 'message') return
    this.#logged += 1
    if (record.qos > 0 && !record.will) this.#acknowledged += 1
  }

  refused(reason: string, isMessage: boolean): void {
    this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1)
    if (isMessage) this.#refusedMessages += 1
  }

  snapshot(): CountsSnapshot {
    return {
      logged: this.#logged,
      acknowledged: this.#acknowledged,
      refused: Object.fromEntries(this.#refused),
      refusedMessages: this.#refusedMessages,
    }
  }

  saved(snapshot: CountsSnapshot): void {
    this.#saved = snapshot
  }

  told(): ToldCounts {
    const { refused, refusedMessages } = this.#saved
    return { received: this.#logged + refusedMessages, acknowledged: this.#acknowledged, refused }
  }
}
