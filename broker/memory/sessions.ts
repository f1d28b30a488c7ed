// Persistent sessions (clean session 0) of devices: what they subscribe to, and what waits for them. Bounded, since Aedes' own memory
// is not: a queue holds 1,000 messages and 7 days, the oldest go first. Staff always begin anew, so every filter here is a topic.

import { DAY, type TimeMs } from '../../contract/time.ts'
import { isToDevice, parseTopic } from '../../contract/topics.ts'

export const QUEUE_MOST = 1_000
export const ABSENT_MOST_MS = 7 * DAY
/** Sessions of one device, told apart by the suffixes of its client ids. */
export const SESSIONS_MOST = 8

export interface Subscription {
  readonly topic: string
  readonly qos: number
}

/** A packet as Aedes queues it: a message, or the PUBREL that took its place. */
export interface QueuedPacket {
  readonly cmd: string
  readonly topic?: string
  readonly payload?: Uint8Array
  readonly qos?: number
  readonly brokerId?: string
  readonly brokerCounter?: number
  readonly retain?: boolean
  readonly dup?: boolean
  messageId?: number | undefined
}

/** By packet id: whether the message was passed on to who listens, which happens once. */
export type Unreleased = Map<number, boolean>

interface Queued {
  packet: QueuedPacket
  readonly since: TimeMs
}

export interface Session {
  readonly client: string
  /** QoS by topic. */
  readonly subscriptions: Map<string, number>
  readonly queue: Queued[]
  /** Packet ids of its QoS 2 publishes that are in the log and whose PUBREL has not come. */
  readonly unreleased: Unreleased
  /** Null while it is connected. */
  absentSince: TimeMs | null
  /** As it was saved last, while nothing but `unreleased` has changed; null otherwise. */
  text: string | null
}

export class Sessions {
  readonly #byClient = new Map<string, Session>()
  /** Sessions by device, so that thousands of them can begin at once. */
  readonly #byDevice = new Map<string, Set<Session>>()
  /** Clients by topic, and their QoS there. */
  readonly #byTopic = new Map<string, Map<string, number>>()

  get(client: string): Session | undefined {
    return this.#byClient.get(client)
  }

  all(): Session[] {
    return [...this.#byClient.values()]
  }

  ofDevice(device: string): Session[] {
    return [...(this.#byDevice.get(device) ?? [])]
  }

  /** Puts back a session that was saved. */
  restore(session: Session): void {
    this.#add(session)
    for (const [topic, qos] of session.subscriptions) this.#index(topic, session.client, qos)
  }

  /**
   * Adds subscriptions to a client's session, all or none; false when nothing changed. Throws when one is not a topic to the client's
   * own device: Aedes hands over whole packets, also when one filter of them was denied.
   */
  subscribe(client: string, subscriptions: readonly Subscription[]): boolean {
    const stranger = subscriptions.find(({ topic }) => !isOwnTopic(client, topic))
    if (stranger !== undefined) throw new Error(`${stranger.topic} is not for ${client}`)
    const session = this.ensure(client)
    if (session === null) throw new Error(`${client} would be session ${SESSIONS_MOST + 1}`)
    let changed = false
    for (const { topic, qos } of subscriptions) {
      if (session.subscriptions.get(topic) === qos) continue
      session.subscriptions.set(topic, qos)
      session.text = null
      this.#index(topic, client, qos)
      changed = true
    }
    return changed
  }

  /** A client's session, begun when there is none [MQTT-3.1.2-4]; null when all its device may have are in use. */
  ensure(client: string): Session | null {
    return this.#byClient.get(client) ?? this.#open(client)
  }

  unsubscribe(client: string, topics: readonly string[]): boolean {
    const session = this.#byClient.get(client)
    let changed = false
    for (const topic of topics) {
      if (session?.subscriptions.delete(topic) !== true) continue
      session.text = null
      const clients = this.#byTopic.get(topic)
      clients?.delete(client)
      if (clients?.size === 0) this.#byTopic.delete(topic)
      changed = true
    }
    return changed
  }

  /** Ends a client's session: subscriptions and queue [MQTT-3.1.2-6]. False when there was none. */
  end(client: string): boolean {
    const session = this.#byClient.get(client)
    if (session === undefined) return false
    this.unsubscribe(client, [...session.subscriptions.keys()])
    const siblings = this.#byDevice.get(deviceOf(client))
    siblings?.delete(session)
    if (siblings?.size === 0) this.#byDevice.delete(deviceOf(client))
    return this.#byClient.delete(client)
  }

  /** Clients that get a message on `topic` into their queue: those that asked for it at QoS 1 or 2. */
  subscribersOf(topic: string): { clientId: string; topic: string; qos: number }[] {
    const clients = [...(this.#byTopic.get(topic) ?? [])]
    return clients.filter(([, qos]) => qos > 0).map(([clientId, qos]) => ({ clientId, topic, qos }))
  }

  /** Queues a packet; how many old ones went for it. */
  enqueue(client: string, packet: QueuedPacket, now: TimeMs): number {
    const session = this.#byClient.get(client)
    if (session === undefined) return 0
    session.queue.push({ packet, since: now })
    session.text = null
    return session.queue.splice(0, session.queue.length - QUEUE_MOST).length
  }

  /** What waits for a client, oldest first, without what is too old. */
  waiting(client: string, now: TimeMs): QueuedPacket[] {
    const session = this.#byClient.get(client)
    const queue = session?.queue ?? []
    while (session !== undefined && queue[0] !== undefined && now - queue[0].since > ABSENT_MOST_MS) {
      queue.shift()
      session.text = null
    }
    // What has an id was sent before: it is sent again [MQTT-3.3.1-1], under that id [MQTT-4.4.0-1].
    return queue.map(({ packet }) =>
      packet.cmd === 'publish' && packet.messageId !== undefined ? { ...packet, dup: true } : packet,
    )
  }

  /** The id behind that of the message that was queued last, so that none is given twice [MQTT-2.3.1-4]; null when none has one. */
  nextId(client: string): number | null {
    const ids = this.#byClient.get(client)?.queue.flatMap(({ packet }) => packet.messageId ?? [])
    const last = ids?.at(-1)
    return last === undefined ? null : (last % 65_535) + 1
  }

  /** Gives a queued packet its message id, or puts a PUBREL in its place. False when it is not queued. */
  update(client: string, packet: QueuedPacket): boolean {
    const session = this.#byClient.get(client)
    if (session === undefined) return false
    for (const queued of session.queue) {
      const held = queued.packet
      if (held.brokerId === packet.brokerId && held.brokerId !== undefined) {
        if (held.brokerCounter !== packet.brokerCounter) continue
        held.messageId = packet.messageId
        session.text = null
        return true
      }
      if (held.messageId !== packet.messageId) continue
      queued.packet = packet
      session.text = null
      return true
    }
    return false
  }

  /** Takes the packet of that message id out of the queue. */
  acknowledge(client: string, messageId: number | undefined): QueuedPacket | undefined {
    const session = this.#byClient.get(client)
    const index = session?.queue.findIndex(({ packet }) => packet.messageId === messageId) ?? -1
    if (session === undefined || index < 0) return undefined
    session.text = null
    return session.queue.splice(index, 1)[0]?.packet
  }

  /** Marks a session's client as here (null) or gone since then. */
  setAbsent(client: string, since: TimeMs | null): boolean {
    const session = this.#byClient.get(client)
    if (session === undefined) return false
    session.absentSince = since
    session.text = null
    return true
  }

  /** Ends the sessions of those who have been away for too long; how many. */
  endAbsent(now: TimeMs): number {
    const ended = this.all().filter(
      ({ absentSince }) => absentSince !== null && now - absentSince > ABSENT_MOST_MS,
    )
    for (const { client } of ended) this.end(client)
    return ended.length
  }

  #open(client: string): Session | null {
    const siblings = this.ofDevice(deviceOf(client))
    if (siblings.length >= SESSIONS_MOST) {
      const [longestAbsent] = siblings
        .filter(({ absentSince }) => absentSince !== null)
        .sort((a, b) => (a.absentSince ?? 0) - (b.absentSince ?? 0))
      if (longestAbsent === undefined) return null
      this.end(longestAbsent.client)
    }
    const session: Session = {
      client,
      subscriptions: new Map(),
      queue: [],
      unreleased: new Map(),
      absentSince: null,
      text: null,
    }
    this.#add(session)
    return session
  }

  #add(session: Session): void {
    this.#byClient.set(session.client, session)
    const device = deviceOf(session.client)
    this.#byDevice.set(device, (this.#byDevice.get(device) ?? new Set()).add(session))
  }

  #index(topic: string, client: string, qos: number): void {
    const clients = this.#byTopic.get(topic) ?? new Map<string, number>()
    clients.set(client, qos)
    this.#byTopic.set(topic, clients)
  }
}

/** The user name in a client id: itself, or what stands before its colon. */
export function deviceOf(client: string): string {
  const colon = client.indexOf(':')
  return colon < 0 ? client : client.slice(0, colon)
}

function isOwnTopic(client: string, topic: string): boolean {
  const parsed = parseTopic(topic)
  return parsed !== null && parsed.device === deviceOf(client) && isToDevice(parsed.channel)
}
