// The broker: Aedes behind our own doors. A publish is admitted (who, what, how much), kept in the log, and only then
// acknowledged, since Aedes waits for `authorizePublish` before it sends a PUBACK or stores a QoS 2 message (design D2).

import type { Duplex } from 'node:stream'
import {
  Aedes,
  type AedesPublishPacket,
  type AuthenticateError,
  type Client,
  type ConnectPacket,
} from 'aedes'
import type { Registry } from '../contract/registry.ts'
import type { Clock } from '../contract/time.ts'
import { isDeviceId, parseTopic } from '../contract/topics.ts'
import type { Logger } from '../runtime/logger.ts'
import { Identities, type Identity, mayPublish, maySubscribe } from './identities.ts'
import type { DurableLog } from './log/durable-log.ts'
import { MAX_CONNECT_BYTES, MAX_PACKET_BYTES, PacketGate } from './packet-gate.ts'
import { RateLimit } from './rate.ts'
import type { BrokerMemory } from './retained.ts'

export interface BrokerPlan {
  readonly village: string
  readonly log: DurableLog
  readonly memory: BrokerMemory
  readonly registry: Registry
  readonly limitPayload: number
  readonly limitRatePerS: number
  /** Devices come in without credentials. */
  readonly anonymous: boolean
  readonly clock: Clock
  readonly logger: Logger
}

/** Where a connection came from and, over TLS with client certificates, whose certificate it showed. */
export interface Origin {
  readonly address: string
  readonly certificateName?: string
}

const KEEPALIVE_MOST_S = 1_200
const CONNECT_TIMEOUT_MS = 10_000
const DRAIN_TIMEOUT_MS = 10_000
/** What a subscriber may leave unread before it is closed. */
const UNREAD_BYTES = 1_048_576
/** Ours have five. */
const TOPIC_LEVELS = 8
const INFLIGHT_IN = 100
const FILTERS_MOST = 16

interface Connection {
  readonly origin: Origin
  packet: ConnectPacket | null
  identity: Identity | null
}

export class Broker {
  readonly #plan: BrokerPlan
  readonly #identities: Identities
  readonly #aedes: Aedes
  readonly #connections = new Map<Client, Connection>()
  readonly #rates = new Map<string, RateLimit>()
  #received = 0
  #acknowledged = 0

  private constructor(plan: BrokerPlan) {
    this.#plan = plan
    this.#identities = new Identities(plan.registry)
    this.#aedes = new Aedes({
      persistence: plan.memory.persistence,
      // One slow subscriber must not hold up the others' messages: bounds are by socket.
      concurrency: 0,
      connectTimeout: CONNECT_TIMEOUT_MS,
      drainTimeout: DRAIN_TIMEOUT_MS,
      maxTopicLevels: TOPIC_LEVELS,
      maxInflightInbound: INFLIGHT_IN,
      maxClientsIdLength: 127,
      preConnect: (client, packet, done) => this.#preConnect(client, packet, done),
      authenticate: (client, name, secret, done) => this.#authenticate(client, name, secret, done),
      authorizePublish: (client, packet, done) => this.#authorizePublish(client, packet, done),
      authorizeSubscribe: (client, subscription, done) => {
        const refusal = this.#subscribeRefusal(client, subscription.topic)
        if (refusal !== null) void plan.memory.persistence.cleanSubscriptions(client)
        done(refusal, subscription)
      },
      authorizeForward: (client, packet) => this.#forward(client, packet),
    })
    this.#aedes.on('clientDisconnect', (client) => this.#connections.delete(client))
    this.#aedes.on('connectionError', (client, error) => this.#onConnectionError(client, error))
    this.#aedes.on('clientError', (client, error) => this.#onConnectionError(client, error))
  }

  static async open(plan: BrokerPlan): Promise<Broker> {
    const broker = new Broker(plan)
    await broker.#aedes.listen()
    return broker
  }

  counts(): { readonly clients: number; readonly received: number; readonly acknowledged: number } {
    return {
      clients: this.#aedes.connectedClients,
      received: this.#received,
      acknowledged: this.#acknowledged,
    }
  }

  /** Takes a connection over; its packets are measured before they are gathered. */
  accept(stream: Duplex, origin: Origin): void {
    const gate = new PacketGate()
    const read = stream.read.bind(stream)
    const client = this.#aedes.handle(stream)
    const connection: Connection = { origin, packet: null, identity: null }
    this.#connections.set(client, connection)
    stream.once('close', () => this.#connections.delete(client))
    stream.read = (size?: number) => {
      const chunk = read(size) as Buffer | null
      if (chunk === null) return null
      if (gate.admits(chunk, connection.identity === null ? MAX_CONNECT_BYTES : MAX_PACKET_BYTES))
        return chunk
      this.#refuse('packet_too_large', origin.address)
      stream.destroy()
      return null
    }
  }

  /** Devices that were removed or got another secret are closed, and forgotten. */
  async updateRegistry(registry: Registry): Promise<void> {
    this.#identities.update(registry)
    const known = new Set(registry.devices.map((device) => device.id))
    for (const [client, { identity }] of [...this.#connections]) {
      if (identity === null || this.#identities.stillHolds(identity)) continue
      // Its will must not speak for it any more.
      ;(client as Client & { will: unknown }).will = null
      client.close()
      if (identity.type === 'device') await this.#plan.memory.forget(identity.id, !known.has(identity.id))
    }
  }

  async close(): Promise<void> {
    await new Promise<void>((done) => this.#aedes.close(done))
  }

  #refuse(reason: string, who: string, detail = ''): void {
    this.#plan.memory.refuse(reason)
    this.#plan.logger.debug({ reason, who, detail }, 'refused')
  }

  #preConnect(
    client: Client,
    packet: ConnectPacket,
    done: (error: Error | null, success: boolean) => void,
  ): void {
    const connection = this.#connections.get(client)
    if (connection === undefined) {
      done(new Error('connection is gone'), false)
      return
    }
    connection.packet = packet
    const keepalive = packet.keepalive ?? 0
    // Aedes answers a protocol that it does not speak by CONNACK 1; for ours the standard asks to close [MQTT-3.2.2-6].
    if ((keepalive < 1 || keepalive > KEEPALIVE_MOST_S) && (packet.protocolVersion ?? 4) <= 4) {
      this.#refuse('keepalive', connection.origin.address)
      done(new Error(`keep-alive is ${keepalive} s; 1 to ${KEEPALIVE_MOST_S} is taken`), false)
      return
    }
    done(null, true)
  }

  #authenticate(
    client: Client,
    name: string | undefined,
    secret: Buffer | undefined,
    done: (error: AuthenticateError | null, success: boolean | null) => void,
  ): void {
    const connection = this.#connections.get(client)
    const packet = connection?.packet
    if (connection === undefined || packet === null || packet === undefined) {
      done(refusal(5, 'connection is gone'), false)
      return
    }
    const { address } = connection.origin
    const fail = (code: 2 | 4 | 5, reason: string, detail: string): void => {
      this.#refuse(reason, address, detail)
      done(refusal(code, detail), false)
    }
    const identity = this.#identityOf(connection, name, secret, packet.clientId)
    if (identity === null) {
      fail(4, 'credentials', 'wrong name or secret')
      return
    }
    const ownName = identity.type === 'device' ? identity.id : identity.name
    if (packet.clientId !== ownName && !packet.clientId.startsWith(`${ownName}:`)) {
      fail(
        2,
        'client_id',
        `client id is ${packet.clientId}; it is the user name, or the user name, a colon and a suffix`,
      )
      return
    }
    const will = packet.will
    if (will !== undefined && !mayPublish(identity, this.#plan.village, will.topic)) {
      fail(5, 'acl', 'the will is for a topic that is not its own')
      return
    }
    if (will !== undefined && will.payload.length > this.#plan.limitPayload) {
      fail(5, 'too_large', 'the will is too large')
      return
    }
    connection.identity = identity
    // Staff read what is live: a queue for an absent reader would only grow.
    if (identity.type === 'staff') {
      packet.clean = true
      ;(client as Client & { clean: boolean }).clean = true
    }
    done(null, true)
  }

  #identityOf(
    { origin }: Connection,
    name: string | undefined,
    secret: Buffer | undefined,
    clientId: string,
  ): Identity | null {
    if (name !== undefined && name !== '' && secret !== undefined) {
      const identity = this.#identities.signIn(name, secret)
      const isOwnCertificate = origin.certificateName === undefined || origin.certificateName === name
      if (identity !== null || !this.#plan.anonymous) return isOwnCertificate ? identity : null
    }
    if (!this.#plan.anonymous) return null
    const id = name !== undefined && isDeviceId(name) ? name : (clientId.split(':')[0] ?? '')
    return this.#identities.anonymous(id)
  }

  #authorizePublish(
    client: Client | null,
    packet: { topic: string; payload: Buffer | string; qos: number; retain: boolean; dup?: boolean },
    done: (error?: Error | null) => void,
  ): void {
    // Null: the will of a client of a broker that is dead; with one broker there is none.
    const connection = client === null ? undefined : this.#connections.get(client)
    const identity = connection?.identity ?? null
    if (client === null || connection === undefined || identity === null) {
      done(new Error('nobody publishes this'))
      return
    }
    this.#received += 1
    const isWill = (client as Client & { will?: unknown }).will === packet
    if (!mayPublish(identity, this.#plan.village, packet.topic)) {
      this.#refuse(
        parseTopic(packet.topic) === null ? 'topic' : 'acl',
        connection.origin.address,
        packet.topic,
      )
      done(new Error('not its own topic'))
      return
    }
    const waitMs = isWill ? 0 : this.#rateOf(identity).take(this.#plan.clock.monotonicMs())
    if (waitMs > 0) setTimeout(() => this.#keep(client, packet, isWill, done), waitMs)
    else this.#keep(client, packet, isWill, done)
  }

  #keep(
    client: Client,
    packet: { topic: string; payload: Buffer | string; qos: number; retain: boolean; dup?: boolean },
    isWill: boolean,
    done: (error?: Error | null) => void,
  ): void {
    const { retain } = packet
    // Only a status is kept for those who come later; on a reading the flag means nothing and is counted by ingest.
    if (retain && parseTopic(packet.topic)?.channel !== 'status') packet.retain = false
    this.#plan.log.append(
      {
        type: 'message',
        arrival: this.#plan.clock.now(),
        client: client.id,
        topic: packet.topic,
        payload: typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload,
        qos: packet.qos as 0 | 1 | 2,
        retain,
        dup: packet.dup === true,
        will: isWill,
      },
      (refused) => {
        if (refused !== null) {
          this.#refuse(refused.reason, client.id)
          done(refused)
          return
        }
        if (packet.qos > 0) this.#acknowledged += 1
        done()
      },
    )
    // Nobody waits for the disk at QoS 0; Aedes goes on when the record is in the log all the same, which keeps the order.
  }

  #rateOf(identity: Identity): RateLimit {
    const name = identity.type === 'device' ? identity.id : identity.name
    const rate =
      this.#rates.get(name) ?? new RateLimit(this.#plan.limitRatePerS, this.#plan.clock.monotonicMs())
    this.#rates.set(name, rate)
    return rate
  }

  #subscribeRefusal(client: Client, filter: string): Error | null {
    const connection = this.#connections.get(client)
    const identity = connection?.identity ?? null
    const filters = Object.keys((client as Client & { subscriptions: object }).subscriptions).length
    if (identity !== null && filters < FILTERS_MOST && maySubscribe(identity, this.#plan.village, filter))
      return null
    this.#refuse('acl', connection?.origin.address ?? '', filter)
    return new Error('not a filter that it may have')
  }

  /** The second gate on the way out, behind the filters. */
  #forward(client: Client, packet: AedesPublishPacket): AedesPublishPacket | null {
    if (packet.payload.length > this.#plan.limitPayload) return null
    const stream = client.conn as Duplex
    if (stream.writableLength > UNREAD_BYTES) {
      this.#refuse('slow_subscriber', client.id)
      client.close()
      return null
    }
    const identity = this.#connections.get(client)?.identity
    if (identity?.type === 'staff') return packet
    const parsed = parseTopic(packet.topic)
    return identity?.type === 'device' && parsed?.device === identity.id ? packet : null
  }

  #onConnectionError(client: Client, error: Error): void {
    const connection = this.#connections.get(client)
    this.#plan.logger.debug({ client: client.id, address: connection?.origin.address }, error.message)
    this.#connections.delete(client)
  }
}

/** CONNACK with that code, then the connection is closed. */
function refusal(code: 2 | 4 | 5, message: string): AuthenticateError {
  return Object.assign(new Error(message), { returnCode: code as AuthenticateError['returnCode'] })
}
