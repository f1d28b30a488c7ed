// Retained messages and persistent sessions outlive the broker: Aedes' memory holds them, a small snapshot and the log bring them
// back. The snapshot says up to which position of the log it knows; retained messages behind it are in the log itself.

import { join } from 'node:path'
import memoryPersistence from 'aedes-persistence'
import type { LogPosition } from '../contract/log.ts'
import { parseTopic } from '../contract/topics.ts'
import { readIfPresent, writeFileAtomic } from '../runtime/files.ts'
import { openLogReader } from '../runtime/log/reader.ts'

/** Sessions that change within this span are written together. */
const SHARED_WRITE_MS = 10

interface Subscription {
  readonly topic: string
  readonly qos: number
}

interface Snapshot {
  /** Retained messages up to here are in it. */
  readonly position: LogPosition
  readonly retained: readonly (readonly [topic: string, payload: string, qos: number])[]
  readonly sessions: readonly (readonly [client: string, subscriptions: readonly Subscription[]])[]
  /** Publishes refused since the data folder began, by reason: the log does not know them. */
  readonly refused: Readonly<Record<string, number>>
}

/** What of Aedes' persistence is used here; its own types are those of a callback interface that it no longer has. */
interface MemoryPersistence {
  storeRetained(packet: {
    topic: string
    payload: Uint8Array
    qos: number
    retain: boolean
    cmd: 'publish'
  }): Promise<void>
  addSubscriptions(client: { id: string }, subscriptions: readonly Subscription[]): Promise<void>
  removeSubscriptions(client: { id: string }, topics: readonly string[]): Promise<void>
  cleanSubscriptions(client: { id: string }): Promise<void>
}

/** The package's types are those of the interface with callbacks, which its default export no longer has. */
const newMemory = memoryPersistence as unknown as () => MemoryPersistence

export class BrokerMemory {
  readonly persistence: MemoryPersistence
  readonly refused: Map<string, number>
  readonly #path: string
  readonly #retained = new Map<string, { payload: Uint8Array; qos: number }>()
  readonly #sessions = new Map<string, Map<string, Subscription>>()
  #isSaved = true
  /** False while what the snapshot holds is brought back. */
  #isOpen = false
  #position: () => LogPosition = () => ({ segment: 1, offset: 0 })
  #saving: Promise<void> | null = null

  private constructor(path: string, snapshot: Snapshot | null) {
    this.#path = path
    this.refused = new Map(Object.entries(snapshot?.refused ?? {}))
    for (const [topic, payload, qos] of snapshot?.retained ?? []) {
      this.#retained.set(topic, { payload: Buffer.from(payload, 'base64'), qos })
    }
    for (const [client, subscriptions] of snapshot?.sessions ?? []) {
      this.#sessions.set(
        client,
        new Map(subscriptions.map((subscription) => [subscription.topic, subscription])),
      )
    }
    this.persistence = this.#watched(newMemory())
  }

  /** Reads the snapshot, and from the log what was retained behind it up to `end`. */
  static async open(dataFolder: string, logFolder: string, end: LogPosition): Promise<BrokerMemory> {
    const path = join(dataFolder, 'broker.json')
    const text = readIfPresent(path)
    const snapshot = text === null ? null : (JSON.parse(text) as Snapshot)
    const kept = new BrokerMemory(path, snapshot)
    const reader = openLogReader(logFolder, snapshot?.position ?? { segment: 1, offset: 0 })
    for (let items = await reader.read(end); items.length > 0; items = await reader.read(end)) {
      for (const item of items) {
        if (item.type !== 'record' || item.record.type !== 'message' || !item.record.retain) continue
        if (parseTopic(item.record.topic)?.channel === 'status') kept.#retain(item.record.topic, item.record)
      }
    }
    await reader.close()
    await kept.#restore()
    return kept
  }

  /** Counts a publish or connection that was refused. */
  refuse(reason: string): void {
    this.refused.set(reason, (this.refused.get(reason) ?? 0) + 1)
    this.#isSaved = false
  }

  /** Forgets a device that was removed or got another secret: retained status (only when `isGone`) and sessions. */
  async forget(device: string, isGone: boolean): Promise<void> {
    for (const client of [...this.#sessions.keys()]) {
      if (client === device || client.startsWith(`${device}:`))
        await this.persistence.cleanSubscriptions({ id: client })
    }
    if (!isGone) return
    for (const topic of [...this.#retained.keys()]) {
      if (parseTopic(topic)?.device !== device) continue
      await this.persistence.storeRetained({
        cmd: 'publish',
        topic,
        payload: new Uint8Array(),
        qos: 0,
        retain: true,
      })
    }
  }

  /** From now on snapshots are taken; `position` is the end of what the log has on disk. */
  follow(position: () => LogPosition): void {
    this.#position = position
  }

  /** Writes the snapshot when something changed. */
  save(): void {
    if (this.#isSaved) return
    this.#isSaved = true
    const snapshot: Snapshot = {
      position: this.#position(),
      retained: [...this.#retained].map(([topic, { payload, qos }]) => [
        topic,
        Buffer.from(payload).toString('base64'),
        qos,
      ]),
      sessions: [...this.#sessions].map(([client, subscriptions]) => [client, [...subscriptions.values()]]),
      refused: Object.fromEntries(this.refused),
    }
    writeFileAtomic(this.#path, JSON.stringify(snapshot))
  }

  /** Resolves when what is known now is on disk; those who ask within the same moment share one write. */
  #savedSoon(): Promise<void> {
    this.#saving ??= new Promise((done, fail) => {
      setTimeout(() => {
        this.#saving = null
        try {
          this.save()
          done()
        } catch (error) {
          fail(error)
        }
      }, SHARED_WRITE_MS)
    })
    return this.#saving
  }

  #retain(topic: string, message: { payload: Uint8Array; qos: number }): void {
    if (message.payload.length === 0) this.#retained.delete(topic)
    else this.#retained.set(topic, { payload: Buffer.from(message.payload), qos: message.qos })
    this.#isSaved = false
  }

  async #restore(): Promise<void> {
    const wasSaved = this.#isSaved
    for (const [topic, { payload, qos }] of [...this.#retained]) {
      await this.persistence.storeRetained({ cmd: 'publish', topic, payload, qos, retain: true })
    }
    for (const [id, subscriptions] of [...this.#sessions]) {
      await this.persistence.addSubscriptions({ id }, [...subscriptions.values()])
    }
    this.#isSaved = wasSaved
    this.#isOpen = true
  }

  /** The same persistence, whose changes are mirrored here. */
  #watched(persistence: MemoryPersistence): MemoryPersistence {
    const { storeRetained, addSubscriptions, removeSubscriptions, cleanSubscriptions } = persistence
    persistence.storeRetained = async (packet) => {
      this.#retain(packet.topic, packet)
      await storeRetained.call(persistence, packet)
    }
    persistence.addSubscriptions = async (client, subscriptions) => {
      const session = this.#sessions.get(client.id) ?? new Map<string, Subscription>()
      for (const { topic, qos } of subscriptions) session.set(topic, { topic, qos })
      this.#sessions.set(client.id, session)
      this.#isSaved = false
      await addSubscriptions.call(persistence, client, subscriptions)
      // SUBACK follows: the session must outlive us from then on.
      if (this.#isOpen) await this.#savedSoon()
    }
    persistence.removeSubscriptions = async (client, topics) => {
      const session = this.#sessions.get(client.id)
      for (const topic of topics) session?.delete(topic)
      if (session?.size === 0) this.#sessions.delete(client.id)
      this.#isSaved = false
      await removeSubscriptions.call(persistence, client, topics)
    }
    persistence.cleanSubscriptions = async (client) => {
      if (this.#sessions.delete(client.id)) this.#isSaved = false
      await cleanSubscriptions.call(persistence, client)
    }
    return persistence
  }
}
