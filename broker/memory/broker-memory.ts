// What outlives the broker beside the log: retained messages, sessions and counts. Aedes keeps them in memory; a small snapshot and
// the log behind it bring them back, so that no database stands in the way of a publish.

import { comparePositions, type LogPosition, type LogRecord } from '../../contract/log.ts'
import type { Clock } from '../../contract/time.ts'
import { parseTopic } from '../../contract/topics.ts'
import { openLogReader } from '../../runtime/log/reader.ts'
import { Counts, NO_COUNTS, type ToldCounts } from './counts.ts'
import { type InboundClient, Persistence } from './persistence.ts'
import { RetainedMessages } from './retained-messages.ts'
import { deviceOf, type QueuedPacket, Sessions, type Unreleased } from './sessions.ts'
import {
  openSnapshotFile,
  retainedFrom,
  type Snapshot,
  type SnapshotFile,
  savedRetained,
  savedSession,
  sessionFrom,
  type TakenSnapshot,
} from './snapshot.ts'

/** With nothing changed the snapshot is still taken when the log grew by this much, so that a start reads no more than that. */
const GROWN_BYTES = 16 * 1024 * 1024

export interface MemoryPlan {
  readonly dataFolder: string
  readonly logFolder: string
  readonly snapshot: Snapshot | null
  /** The end of what the log has on disk, now. */
  readonly end: () => LogPosition
  /** Resolves with the disk's refusal; null: it is in the log. */
  readonly append: (record: LogRecord) => Promise<Error | null>
  /** Whether a device may still have something here. */
  readonly isKnown: (device: string) => boolean
  readonly clock: Clock
}

export class BrokerMemory {
  readonly persistence: Persistence
  readonly #plan: MemoryPlan
  readonly #retained = new RetainedMessages()
  readonly #sessions = new Sessions()
  /** Of connections without a session. */
  readonly #unreleased = new WeakMap<InboundClient, Unreleased>()
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
      unreleasedOf: (client) => this.unreleasedOf(client),
      release: (client, packetId) => this.#release(client, packetId),
    })
  }

  /** Takes the snapshot up, and what the log has behind it. */
  static async open(plan: MemoryPlan): Promise<BrokerMemory> {
    const memory = new BrokerMemory(plan)
    const end = plan.end()
    const reader = openLogReader(plan.logFolder, memory.#savedPosition)
    try {
      for (let items = await reader.read(end); items.length > 0; items = await reader.read(end)) {
        for (const item of items) if (item.type === 'record') memory.#replay(item.record)
      }
    } finally {
      await reader.close()
    }
    memory.#forgetUnknown()
    return memory
  }

  /** A record that is on disk: counted, a status with the retain flag is retained, and a packet id is held until it is released. */
  logged(record: LogRecord): void {
    this.#counts.logged(record)
    if (record.type === 'released') this.#sessions.get(record.client)?.unreleased.delete(record.packetId)
    if (record.type !== 'message') return
    if (record.packetId !== undefined && record.client !== null) {
      this.#sessions.get(record.client)?.unreleased.set(record.packetId, true)
      this.#isChanged = true
    }
    if (!record.retain) return
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

  /** A client that keeps its session has one from now on [MQTT-3.1.2-4]. */
  connected({ id, clean }: InboundClient): void {
    if (!clean) this.#sessions.ensure(id)
    if (this.#sessions.setAbsent(id, null)) this.#isChanged = true
  }

  disconnected(client: string): void {
    if (this.#sessions.setAbsent(client, this.#plan.clock.now())) this.#isChanged = true
  }

  /** Whether the client's QoS 2 publishes are known beyond its connection. */
  hasSession({ id, clean }: InboundClient): boolean {
    return !clean && this.#sessions.get(id) !== undefined
  }

  /** The client's QoS 2 publishes that wait for their PUBREL: of its session, or of this connection alone [MQTT-3.1.2-6]. */
  unreleasedOf(client: InboundClient): Unreleased {
    const ofSession = client.clean ? undefined : this.#sessions.get(client.id)?.unreleased
    const unreleased = ofSession ?? this.#unreleased.get(client) ?? new Map<number, boolean>()
    if (ofSession === undefined) this.#unreleased.set(client, unreleased)
    return unreleased
  }

  /** The packet id that follows those of what waits for the client; null when nothing does. */
  nextId(client: string): number | null {
    return this.#sessions.nextId(client)
  }

  /** A message that is sent to a client now and comes again with its session until it is acknowledged [MQTT-4.4.0-1]. */
  enqueue(client: string, packet: QueuedPacket): void {
    this.#sessions.enqueue(client, packet, this.#plan.clock.now())
    this.#isChanged = true
  }

  /** Of a session that has nothing in it nothing is left. */
  endEmptySession(client: string): void {
    const session = this.#sessions.get(client)
    if (session === undefined || session.subscriptions.size + session.unreleased.size > 0) return
    this.#sessions.end(client)
    this.#isChanged = true
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

  /** A record behind the snapshot. Its client's session may be younger than that. */
  #replay(record: LogRecord): void {
    if (record.type === 'message' && record.packetId !== undefined && record.client !== null) {
      this.#sessions.ensure(record.client)
      this.disconnected(record.client)
    }
    this.logged(record)
  }

  /** Never ends when the disk refuses: the client is closed, and sends its PUBREL again. */
  async #release(client: InboundClient, packetId: number): Promise<void> {
    if (!this.hasSession(client)) {
      this.unreleasedOf(client).delete(packetId)
      return
    }
    const record = { type: 'released', arrival: this.#plan.clock.now(), client: client.id, packetId } as const
    if ((await this.#plan.append(record)) === null) {
      this.logged(record)
      return
    }
    client.close()
    await new Promise(() => undefined)
  }

  #hasGrown(): boolean {
    const end = this.#plan.end()
    return (
      end.segment !== this.#savedPosition.segment || end.offset - this.#savedPosition.offset >= GROWN_BYTES
    )
  }

  #take(): TakenSnapshot {
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
