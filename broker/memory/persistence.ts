// What Aedes keeps between packets, in memory and bounded: the interface of `aedes-persistence` 11, whose own memory has no bounds.
// Of a QoS 2 message that came in only the id is kept, since Aedes asks for nothing more; last wills die with the broker.

import { Readable } from 'node:stream'
import type { TimeMs } from '../../contract/time.ts'
import { parseTopic } from '../../contract/topics.ts'
import type { RetainedMessages } from './retained-messages.ts'
import type { QueuedPacket, Sessions, Subscription, Unreleased } from './sessions.ts'

interface ClientId {
  readonly id: string
}

/** A client as Aedes knows it. */
export interface InboundClient extends ClientId {
  readonly clean: boolean
  close(): void
}

/** Topic of the subscription by which Aedes is told of a session that has none. */
export const SESSION_MARK = '$session'

interface Message {
  readonly cmd: string
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
  /** What is known of a client's QoS 2 publishes. */
  readonly unreleasedOf: (client: InboundClient) => Unreleased
  /** A PUBREL came; resolves when that is kept as well as what it releases. */
  readonly release: (client: InboundClient, packetId: number) => Promise<void>
}

export class Persistence {
  readonly #plan: PersistencePlan

  constructor(plan: PersistencePlan) {
    this.#plan = plan
  }

  /** Aedes looks at the function's kind. */
  async setup(): Promise<void> {}

  /** A status is retained when it is in the log, in the log's order (`BrokerMemory.logged`); this is for what the broker says itself. */
  async storeRetained({ topic, payload, qos }: Omit<Message, 'cmd'>): Promise<void> {
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

  /** Aedes tells a client that its session is there when it finds a subscription here [MQTT-3.2.2-2]. */
  async subscriptionsByClient({ id }: ClientId): Promise<Subscription[]> {
    const session = this.#plan.sessions.get(id)
    if (session === undefined) return []
    if (session.subscriptions.size === 0) return [{ topic: SESSION_MARK, qos: 0 }]
    return [...session.subscriptions].map(([topic, qos]) => ({ topic, qos }))
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
    // Aedes goes on to change the packet it handed over. Who is subscribed already gets it without the flag [MQTT-3.3.1-9].
    const dropped = this.#plan.sessions.enqueue(
      clientId,
      { ...packet, retain: false, messageId: undefined },
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

  /** The message is in the log and is about to be passed on. */
  async incomingStorePacket(client: InboundClient, { messageId = 0 }: Message): Promise<void> {
    this.#plan.unreleasedOf(client).set(messageId, true)
  }

  /** Rejects for a message that was not passed on yet, and for a PUBREL of none. */
  async incomingGetPacket(client: InboundClient, packet: Message): Promise<Message> {
    const isPassedOn = this.#plan.unreleasedOf(client).get(packet.messageId ?? 0)
    if (isPassedOn === undefined || (packet.cmd === 'publish' && !isPassedOn))
      throw new Error('no such packet')
    return packet
  }

  async incomingDelPacket(client: InboundClient, { messageId = 0 }: Message): Promise<void> {
    await this.#plan.release(client, messageId)
  }

  /** What is not of a session goes with the connection, what is of one with the session. */
  async cleanIncoming(): Promise<void> {}

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
