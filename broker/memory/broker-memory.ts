// What outlives the broker beside the log: retained messages, sessions and counts. Aedes keeps them in memory; a small snapshot and
// the log behind it bring them back, so that no database stands in the way of a publish.

import { comparePositions, type LogPosition, type LogRecord } from '../../contract/log.ts'
import type { Clock } from '../../contract/time.ts'
import { parseTopic } from '../../contract/topics.ts'
import { openLogReader } from '../../runtime/log/reader.ts'
import { Counts, NO_COUNTS, type ToldCounts } from './counts.ts'
import { Persistence } from './persistence.ts'
import { RetainedMessages } from './retained-messages.ts'
import { deviceOf, Sessions } from './sessions.ts'
import {
  openSnapshotFile,
  retainedFrom,
  type Snapshot,
  type SnapshotFile,
  savedRetained,
  savedSession,
  sessionFrom,
} from './snapshot.ts'

/** With nothing changed the snapshot is still taken when the log grew by this much, so that a start reads no more than that. */
const GROWN_BYTES = 16 * 1024 * 1024

export interface MemoryPlan {
  readonly dataFolder: string
  readonly logFolder: string
  readonly snapshot: Snapshot | null
  /** The end of what the log has on disk, now. */
  readonly end: () => LogPosition
  /** Whether a device may still have something here. */
  readonly isKnown: (device: string) => boolean
  readonly clock: Clock
}

export class BrokerMemory {
  readonly persistence: Persistence
  readonly #plan: MemoryPlan
  readonly #retained = new RetainedMessages()
  readonly #sessions = new Sessions()
  readonly #counts: Counts
  readonly #file: SnapshotFile
  #isChanged = false
  #savedPosition: LogPosition

  private constructor(plan: MemoryPlan) {
    const { snapshot, clock } = plan
    this.#plan = plan
    this.#counts = new Counts(snapshot?.counts ?? NO_COUNTS)
    this.#savedPosition = snapshot?.position ?? { segment: 1, offset: 0 }
    for (const saved of snapshot?.retained ?? []) this.#retained.set(retainedFrom(saved))
    for (const saved of snapshot?.sessions ?? []) this.#sessions.restore(sessionFrom(saved, clock.now()))
    this.#file = openSnapshotFile(
      plan.dataFolder,
      () => this.#take(),
      (saved) => {
        this.#counts.saved(saved.counts)
        this.#savedPosition = saved.position
      },
    )
    this.persistence = new Persistence({
      retained: this.#retained,
      sessions: this.#sessions,
      now: () => clock.now(),
      onChange: () => {
        this.#isChanged = true
      },
      saved: () => this.#file.save(),
      onOverflow: (count) => {
        for (let index = 0; index < count; index += 1) this.refuse('queue_full', false)
      },
    })
  }

  /** Takes the snapshot up, and what the log has behind it. */
  static async open(plan: MemoryPlan): Promise<BrokerMemory> {
    const memory = new BrokerMemory(plan)
    const end = plan.end()
    const reader = openLogReader(plan.logFolder, memory.#savedPosition)
    try {
      for (let items = await reader.read(end); items.length > 0; items = await reader.read(end)) {
        for (const item of items) if (item.type === 'record') memory.logged(item.record)
      }
    } finally {
      await reader.close()
    }
    memory.#forgetUnknown()
    return memory
  }

  /** A record that is on disk: counted, and a status with the retain flag is retained. */
  logged(record: LogRecord): void {
    this.#counts.logged(record)
    if (record.type !== 'message' || !record.retain) return
    const { topic, payload, qos } = record
    if (isRetained(topic, payload) && this.#retained.set({ topic, payload, qos })) this.#isChanged = true
  }

  /** Counts a message, or a connection, that was refused. */
  refuse(reason: string, isMessage: boolean): void {
    this.#counts.refused(reason, isMessage)
    this.#isChanged = true
  }

  counts(): ToldCounts {
    return this.#counts.told()
  }

  /** Retained messages of devices' `config`, as text by topic. */
  configs(): Map<string, string> {
    const configs = this.#retained.all().filter(({ topic }) => parseTopic(topic)?.channel === 'config')
    return new Map(configs.map(({ topic, payload }) => [topic, Buffer.from(payload).toString()]))
  }

  /** With what is not saved yet, and may be forgotten. */
  refusedNow(): Readonly<Record<string, number>> {
    return this.#counts.snapshot().refused
  }

  connected(client: string): void {
    if (this.#sessions.setAbsent(client, null)) this.#isChanged = true
  }

  disconnected(client: string): void {
    if (this.#sessions.setAbsent(client, this.#plan.clock.now())) this.#isChanged = true
    // Without a session nothing of it is kept.
    else void this.persistence.cleanIncoming({ id: client })
  }

  /** Forgets all of devices that were removed or got another secret: retained messages, sessions and their queues. */
  forget(devices: ReadonlySet<string>): void {
    if (devices.size === 0) return
    for (const { client } of this.#sessions.all()) {
      if (devices.has(deviceOf(client))) this.#sessions.end(client)
    }
    for (const { topic, qos } of this.#retained.all()) {
      if (devices.has(parseTopic(topic)?.device ?? '')) {
        this.#retained.set({ topic, payload: new Uint8Array(), qos })
      }
    }
    this.#isChanged = true
  }

  /** Saves when something changed, and ends the sessions of those who stayed away. Rejects when the disk refuses. */
  async save(): Promise<void> {
    if (this.#sessions.endAbsent(this.#plan.clock.now()) > 0) this.#isChanged = true
    if (!this.#isChanged && !this.#hasGrown()) return
    try {
      await this.#file.save()
    } catch (error) {
      this.#isChanged = true
      throw error
    }
  }

  /** Saves all there is, for the last time. */
  async close(): Promise<void> {
    await this.#file.idle()
    if (comparePositions(this.#savedPosition, this.#plan.end()) !== 0) this.#isChanged = true
    await this.save()
  }

  #hasGrown(): boolean {
    const end = this.#plan.end()
    return (
      end.segment !== this.#savedPosition.segment || end.offset - this.#savedPosition.offset >= GROWN_BYTES
    )
  }

  #take(): Snapshot {
    this.#isChanged = false
    return {
      version: 1,
      position: this.#plan.end(),
      counts: this.#counts.snapshot(),
      retained: this.#retained.all().map(savedRetained),
      sessions: this.#sessions.all().map(savedSession),
    }
  }

  /** A device may have been removed while the broker was not there to hear of it. */
  #forgetUnknown(): void {
    const devices = [
      ...this.#retained.all().map(({ topic }) => parseTopic(topic)?.device ?? ''),
      ...this.#sessions.all().map(({ client }) => deviceOf(client)),
    ]
    this.forget(new Set(devices.filter((device) => !this.#plan.isKnown(device))))
  }
}

const STATUSES: ReadonlySet<string> = new Set(['', 'online', 'offline'])
const STATUS_MOST_BYTES = 8

/** Only a status is kept for those who come later, and only one that says something. */
export function isRetained(topic: string, payload: Uint8Array): boolean {
  if (payload.length > STATUS_MOST_BYTES || parseTopic(topic)?.channel !== 'status') return false
  return STATUSES.has(Buffer.from(payload).toString('latin1'))
}
