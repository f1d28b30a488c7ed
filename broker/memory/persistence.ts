// What Aedes keeps between packets, in memory and bounded: the interface of `aedes-persistence` 11, whose own memory has no bounds.
// Of a QoS 2 message under way only the id is kept, since Aedes asks for nothing more; last wills die with the broker.

import { Readable } from 'node:stream'
import type { TimeMs } from '../../contract/time.ts'
import { parseTopic } from '../../contract/topics.ts'
import type { RetainedMessages } from './retained-messages.ts'
import type { QueuedPacket, Sessions, Subscription } from './sessions.ts'

interface ClientId {
  readonly id: string
}

interface Message {
  readonly topic: string
  readonly payload: Buffer | string
  readonly qos: 0 | 1 | 2
  readonly messageId?: number | undefined
}

export interface PersistencePlan {
  readonly retained: RetainedMessages
  readonly sessions: Sessions
  readonly now: () => TimeMs
  /** Something that outlives the broker changed. */
  readonly onChange: () => void
  /** Resolves when what was subscribed to is on disk. */
  readonly saved: () => Promise<void>
  /** That many queued messages gave way to newer ones. */
  readonly onOverflow: (count: number) => void
}

/** Ids of one client that wait for their PUBREL; beyond it the connection is closed. */
const AWAITED_MOST = 1_000

export class Persistence {
  readonly #plan: PersistencePlan
  /** Message ids of QoS 2 publishes whose PUBREL has not come, by client. */
  readonly #awaited = new Map<string, Set<number | undefined>>()

  constructor(plan: PersistencePlan) {
    this.#plan = plan
  }

  /** Aedes looks at the function's kind. */
  async setup(): Promise<void> {}

  /** A status is retained when it is in the log, in the log's order (`BrokerMemory.logged`); this is for what the broker says itself. */
  async storeRetained({ topic, payload, qos }: Message): Promise<void> {
    if (parseTopic(topic)?.channel === 'status') return
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload
    if (this.#plan.retained.set({ topic, payload: bytes, qos })) this.#plan.onChange()
  }

  createRetainedStreamCombi(filters: readonly string[]): Readable {
    return Readable.from(this.#retained(filters))
  }

  createRetainedStream(filter: string): Readable {
    return Readable.from(this.#retained([filter]))
  }

  async addSubscriptions({ id }: ClientId, subscriptions: readonly Subscription[]): Promise<void> {
    if (!this.#plan.sessions.subscribe(id, subscriptions)) return
    this.#plan.onChange()
    // SUBACK follows: from then on the session outlives the broker.
    await this.#plan.saved()
  }

  async removeSubscriptions({ id }: ClientId, topics: readonly string[]): Promise<void> {
    if (this.#plan.sessions.unsubscribe(id, topics)) this.#plan.onChange()
  }

  async cleanSubscriptions({ id }: ClientId): Promise<void> {
    if (this.#plan.sessions.end(id)) this.#plan.onChange()
  }

  async subscriptionsByClient({ id }: ClientId): Promise<Subscription[]> {
    const subscriptions = this.#plan.sessions.get(id)?.subscriptions ?? []
    return [...subscriptions].map(([topic, qos]) => ({ topic, qos }))
  }

  async subscriptionsByTopic(topic: string): Promise<{ clientId: string; topic: string; qos: number }[]> {
    return this.#plan.sessions.subscribersOf(topic)
  }

  async countOffline(): Promise<{ subsCount: number; clientsCount: number }> {
    const sessions = this.#plan.sessions.all()
    const subsCount = sessions.reduce((sum, { subscriptions }) => sum + subscriptions.size, 0)
    return { subsCount, clientsCount: sessions.length }
  }

  async outgoingEnqueue({ clientId }: { clientId: string }, packet: QueuedPacket): Promise<void> {
    // Aedes goes on to change the packet it handed over.
    const dropped = this.#plan.sessions.enqueue(
      clientId,
      { ...packet, messageId: undefined },
      this.#plan.now(),
    )
    if (dropped > 0) this.#plan.onOverflow(dropped)
    this.#plan.onChange()
  }

  async outgoingEnqueueCombi(
    subscriptions: readonly { clientId: string }[],
    packet: QueuedPacket,
  ): Promise<void> {
    for (const subscription of subscriptions) await this.outgoingEnqueue(subscription, packet)
  }

  async outgoingUpdate({ id }: ClientId, packet: QueuedPacket): Promise<void> {
    if (!this.#plan.sessions.update(id, packet)) throw new Error('no such packet')
  }

  async outgoingClearMessageId(
    { id }: ClientId,
    { messageId }: { messageId?: number },
  ): Promise<QueuedPacket | undefined> {
    const packet = this.#plan.sessions.acknowledge(id, messageId)
    if (packet !== undefined) this.#plan.onChange()
    return packet
  }

  outgoingStream({ id }: ClientId): Readable {
    return Readable.from(this.#plan.sessions.waiting(id, this.#plan.now()))
  }

  async incomingStorePacket({ id }: ClientId, { messageId }: Message): Promise<void> {
    const awaited = this.#awaited.get(id) ?? new Set()
    if (awaited.size >= AWAITED_MOST) throw new Error(`${id} owes ${AWAITED_MOST} PUBRELs`)
    this.#awaited.set(id, awaited.add(messageId))
  }

  async incomingGetPacket({ id }: ClientId, packet: Message): Promise<Message> {
    if (this.#awaited.get(id)?.has(packet.messageId) !== true) throw new Error('no such packet')
    return packet
  }

  async incomingDelPacket({ id }: ClientId, { messageId }: Message): Promise<void> {
    const awaited = this.#awaited.get(id)
    if (awaited?.delete(messageId) !== true) throw new Error('no such packet')
    if (awaited.size === 0) this.#awaited.delete(id)
  }

  async cleanIncoming({ id }: ClientId): Promise<void> {
    this.#awaited.delete(id)
  }

  async putWill(): Promise<void> {}
  async getWill(): Promise<undefined> {}
  async delWill(): Promise<undefined> {}
  streamWill(): Readable {
    return Readable.from([])
  }

  async destroy(): Promise<void> {}

  *#retained(filters: readonly string[]): Generator<object> {
    for (const message of this.#plan.retained.matching(filters)) {
      yield { cmd: 'publish', ...message, retain: true }
    }
  }
}
