// The broker: Aedes behind our own doors. A publish is admitted (who, what, how much), kept in the log, and only then
// acknowledged, since Aedes waits for `authorizePublish` before it sends a PUBACK or stores a QoS 2 message (design D2).

import type { Duplex } from 'node:stream'
import { Aedes, type AuthenticateError, type Client, type ConnectPacket, type PublishPacket } from 'aedes'
import type { LogRecord } from '../contract/log.ts'
import type { Registry } from '../contract/registry.ts'
import type { Clock } from '../contract/time.ts'
import { parseTopic } from '../contract/topics.ts'
import type { Logger } from '../runtime/logger.ts'
import {
  acknowledge,
  checkPackets,
  connectedAs,
  letPublishersGoOn,
  refusal,
  stateOf,
} from './aedes-inside.ts'
import { closingReason } from './closing-reason.ts'
import { type Connection, newConnection } from './connection.ts'
import { ExactlyOnce } from './exactly-once.ts'
import { type Identities, type Identity, mayPublish, nameOf } from './identities.ts'
import type { DurableLog } from './log/durable-log.ts'
import { type BrokerMemory, isRetained } from './memory/broker-memory.ts'
import { deviceOf } from './memory/sessions.ts'
import { MAX_CONNECT_BYTES, MAX_PACKET_BYTES, PacketGate } from './packet-gate.ts'
import { RateLimit } from './rate.ts'
import { connectFault, type Origin, type SignInRules, signIn } from './sign-in.ts'
import { Subscribers } from './subscribers.ts'
import { cloneEvent, Unrest } from './unrest.ts'

export interface BrokerPlan extends SignInRules {
  readonly log: DurableLog
  readonly memory: BrokerMemory
  readonly identities: Identities
  readonly limitRatePerS: number
  readonly clock: Clock
  readonly logger: Logger
  /** Somebody who has signed in went beyond their rights. */
  readonly onDenied: (who: string, topic: string) => void
}

const CONNECT_TIMEOUT_MS = 10_000
/** How long a subscriber may read nothing at all. */
const DRAIN_TIMEOUT_MS = 10_000
/** Ours have five. */
const TOPIC_LEVELS = 8
/** What one read of a socket can bring before CONNACK, in the smallest packets that are of use. */
const BEFORE_CONNACK = 2_300
const CLIENT_ID_MOST = 127
/** Of QoS 0 this much may wait for the disk; beyond it the publisher is read no further. */
const UNAWAITED_BYTES = 1_048_576

type Done = (error?: Error | null) => void

export class Broker {
  readonly #plan: BrokerPlan
  readonly #aedes: Aedes
  /** Outlives the stream: a last will is published after it is closed. */
  readonly #connections = new WeakMap<Client, Connection>()
  readonly #open = new Set<Client>()
  readonly #rates = new Map<string, RateLimit>()
  readonly #exactlyOnce = new ExactlyOnce()
  readonly #subscribers: Subscribers
  readonly #unrest: Unrest
  /** Connections that may listen to what devices say. */
  #staff = 0
  #isQuiet = false

  private constructor(plan: BrokerPlan) {
    this.#plan = plan
    this.#subscribers = new Subscribers({
      ...plan,
      connectionOf: (client) => this.#connections.get(client),
      refuse: (reason, who, detail) => this.#refuse(reason, who, detail, false),
    })
    this.#unrest = new Unrest({
      ...plan,
      onClone: (client, takeovers) => this.#reportClone(client, takeovers),
    })
    this.#aedes = new Aedes({
      persistence: plan.memory.persistence,
      // One slow subscriber must not hold up the others' messages: bounds are by socket.
      concurrency: 0,
      connectTimeout: CONNECT_TIMEOUT_MS,
      drainTimeout: DRAIN_TIMEOUT_MS,
      maxTopicLevels: TOPIC_LEVELS,
      queueLimit: BEFORE_CONNACK,
      // The bound is that of `ExactlyOnce`, which holds before the log.
      maxInflightInbound: 0,
      maxClientsIdLength: CLIENT_ID_MOST,
      preConnect: (client, packet, done) => this.#preConnect(client, packet, done),
      authenticate: (client, _name, _secret, done) => this.#authenticate(client, done),
      authorizePublish: (client, packet, done) => this.#authorizePublish(client, packet, done),
      authorizeSubscribe: (client, subscription, done) => {
        this.#subscribers.authorize(client, subscription, done)
      },
      authorizeForward: (client, packet) => this.#subscribers.forward(client, packet),
    })
    letPublishersGoOn(this.#aedes)
    this.#aedes.on('connackSent', ({ returnCode }, client) => {
      if (returnCode === 0) plan.memory.connected(stateOf(client))
    })
    this.#aedes.on('clientDisconnect', (client) => this.#onDisconnect(client))
    this.#aedes.on('connectionError', (client, error) => this.#onError(client, error))
    this.#aedes.on('clientError', (client, error) => this.#onError(client, error))
  }

  static async open(plan: BrokerPlan): Promise<Broker> {
    const broker = new Broker(plan)
    await broker.#aedes.listen()
    return broker
  }

  clients(): number {
    return this.#aedes.connectedClients
  }

  /** Takes a connection over; its packets are measured before they are gathered. `onSignedIn` is called once it is no stranger. */
  accept(stream: Duplex, origin: Origin, onSignedIn: () => void): void {
    const gate = new PacketGate()
    const read = stream.read.bind(stream)
    const client = this.#aedes.handle(stream)
    checkPackets(client)
    const connection = newConnection(origin, onSignedIn)
    this.#connections.set(client, connection)
    this.#open.add(client)
    stream.once('close', () => {
      this.#open.delete(client)
      if (connection.identity?.type === 'staff') this.#staff -= 1
    })
    stream.read = (size?: number) => {
      const chunk = read(size) as Buffer | null
      if (chunk === null) return null
      const most = connection.identity === null ? MAX_CONNECT_BYTES : MAX_PACKET_BYTES
      if (gate.admits(chunk, most)) return chunk
      this.#refuse('packet_too_large', origin.address, '', true)
      stream.destroy()
      return null
    }
  }

  /** Devices that were removed or got another secret are closed and forgotten, their last wills with them. */
  updateRegistry(registry: Registry): void {
    const ended = this.#plan.identities.update(registry)
    for (const client of [...this.#open]) {
      const identity = this.#connections.get(client)?.identity ?? null
      if (identity === null || this.#plan.identities.stillHolds(identity)) continue
      stateOf(client).will = null
      this.#dismiss(client)
      client.close()
    }
    this.#plan.memory.forget(new Set(ended))
  }

  /** Closes those who showed a certificate, their last wills unsaid: it may not be good any more, and they are asked again. */
  closeCertified(): void {
    for (const client of [...this.#open]) {
      if (this.#connections.get(client)?.origin.certificateNames === undefined) continue
      stateOf(client).will = null
      this.#dismiss(client)
      client.close()
    }
  }

  /** Says something to a device, retained: it gets it now, or when it comes. */
  tell(topic: string, payload: string): Promise<void> {
    const packet: PublishPacket = {
      cmd: 'publish',
      topic,
      payload: Buffer.from(payload),
      qos: 1,
      retain: true,
      dup: false,
    }
    return new Promise((done, fail) => {
      this.#aedes.publish(packet, (error) => (error === undefined || error === null ? done() : fail(error)))
    })
  }

  /** From now on no publish is taken: what the log has is acknowledged, the rest is sent again to our successor. */
  quiet(): void {
    this.#isQuiet = true
  }

  /** Closes every connection. Last wills stay unsaid: it is we who go, not the devices. */
  async close(): Promise<void> {
    for (const client of this.#open) stateOf(client).will = null
    await new Promise<void>((done) => this.#aedes.close(done))
    for (const client of this.#open) client.conn.destroy()
  }

  #refuse(reason: string, who: string, detail: string, isMessage: boolean): void {
    this.#plan.memory.refuse(reason, isMessage)
    this.#plan.logger.debug({ reason, who, detail }, 'refused')
    if (reason === 'acl') this.#plan.onDenied(who, detail)
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
    const { address } = connection.origin
    if ((packet.protocolVersion ?? 4) > 4) {
      // Aedes answers by CONNACK 1 and closes.
      this.#refuse('protocol', address, 'MQTT 5 is not spoken yet; use 3.1.1', false)
      done(null, true)
      return
    }
    const fault = connectFault(packet)
    if (fault !== null) this.#refuse(fault.reason, address, fault.detail, false)
    done(fault === null ? null : new Error(fault.detail), fault === null)
  }

  #authenticate(
    client: Client,
    done: (error: AuthenticateError | null, success: boolean | null) => void,
  ): void {
    const connection = this.#connections.get(client)
    const packet = connection?.packet ?? null
    if (connection === undefined || packet === null || this.#isQuiet) {
      done(refusal(3, 'the broker stops'), false)
      return
    }
    const signedIn = signIn(packet, connection.origin, this.#plan.identities, this.#plan)
    if (!signedIn.ok) {
      this.#refuse(signedIn.reason, connection.origin.address, signedIn.detail, false)
      done(refusal(signedIn.code, signedIn.detail), false)
      return
    }
    connection.identity = signedIn.identity
    connection.onSignedIn()
    const state = stateOf(client)
    state._nextId = this.#plan.memory.nextId(client.id) ?? state._nextId
    // Staff read what is live: a queue for an absent reader would only grow.
    if (signedIn.identity.type === 'staff') {
      packet.clean = true
      state.clean = true
      connection.granted = new Map()
      this.#staff += 1
    }
    const waitMs = this.#unrest.holdBackMs(connection.origin.address, client.id)
    if (waitMs === 0) this.#letIn(client, connection, done)
    else setTimeout(() => this.#letIn(client, connection, done), waitMs)
  }

  #letIn(client: Client, { origin }: Connection, done: (error: null, success: true) => void): void {
    const other = connectedAs(this.#aedes, client.id)
    if (other !== undefined && !client.closed) {
      this.#dismiss(other)
      this.#unrest.takenOver(origin.address, client.id)
    }
    done(null, true)
  }

  /** Its end will say nothing about the client. */
  #dismiss(client: Client): void {
    const connection = this.#connections.get(client)
    if (connection !== undefined) connection.isDismissed = true
  }

  #onDisconnect(client: Client): void {
    this.#plan.memory.disconnected(client.id)
    const connection = this.#connections.get(client)
    if (connection === undefined || connection.isDismissed || this.#isQuiet) return
    if (!stateOf(client)._disconnected) this.#unrest.brokeOff(connection.origin.address, client.id)
  }

  /** An event of the device, so that staff see it where they look. */
  #reportClone(client: string, takeovers: number): void {
    const { village, identities, clock, log, memory } = this.#plan
    const device = deviceOf(client)
    const kind = identities.kindOf(device)
    if (kind === null) return
    const record = cloneEvent({ village, kind, device, client, takeovers, arrival: clock.now() })
    log.append(record, (refusal) => {
      if (refusal === null) memory.logged(record)
    })
  }

  #authorizePublish(
    client: Client | null,
    packet: PublishPacket,
    done: (error?: Error | null) => void,
  ): void {
    // Null: the will of a client of a broker that is dead; with one broker there is none.
    const connection = client === null ? undefined : this.#connections.get(client)
    const identity = connection?.identity ?? null
    if (client === null || connection === undefined || identity === null || this.#isQuiet) {
      done(new Error('nobody publishes this now'))
      return
    }
    if (!mayPublish(identity, this.#plan.village, packet.topic)) {
      const reason = parseTopic(packet.topic) === null ? 'topic' : 'acl'
      this.#refuse(reason, `${nameOf(identity)} at ${connection.origin.address}`, packet.topic, true)
      done(new Error('not its own topic'))
      return
    }
    const isWill = stateOf(client).will === packet
    const waitMs = isWill ? 0 : this.#rateOf(identity).take(this.#plan.clock.monotonicMs())
    if (waitMs === 0) {
      this.#keep(client, packet, isWill, done)
      return
    }
    setTimeout(() => {
      // It is we who do not read: its silence does not count.
      if (!client.closed) stateOf(client)._keepaliveTimer?.refresh()
      this.#keep(client, packet, isWill, done)
    }, waitMs)
  }

  #keep(client: Client, packet: PublishPacket, isWill: boolean, done: Done): void {
    if (packet.qos === 2 && !isWill) this.#keepOnce(client, packet, packet.messageId ?? 0, done)
    else this.#log(client, packet, { isWill }, done)
  }

  #keepOnce(client: Client, packet: PublishPacket, packetId: number, done: Done): void {
    const { memory } = this.#plan
    const sender = stateOf(client)
    const unreleased = memory.unreleasedOf(sender)
    if (!this.#exactlyOnce.begins(unreleased, packetId, done)) return
    const kept = memory.hasSession(sender) ? { isWill: false, packetId } : { isWill: false }
    this.#log(client, packet, kept, (refusal) => {
      this.#exactlyOnce.ended(unreleased, packetId, refusal ?? null)
      done(refusal)
    })
  }

  #log(
    client: Client,
    packet: PublishPacket,
    { isWill, ...packetId }: { readonly isWill: boolean; readonly packetId?: number },
    done: Done,
  ): void {
    const { log } = this.#plan
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload
    const record: LogRecord = {
      type: 'message',
      arrival: this.#plan.clock.now(),
      client: client.id,
      topic: packet.topic,
      payload,
      qos: packet.qos as 0 | 1 | 2,
      retain: packet.retain,
      dup: packet.dup === true,
      will: isWill,
      ...packetId,
    }
    // Whether it is sent again to others is told by us alone [MQTT-3.3.1-3].
    packet.dup = false
    // On anything but a status the flag means nothing; ingest counts it from the record.
    if (packet.retain && !isRetained(packet.topic, payload)) packet.retain = false
    const isAwaited = packet.qos > 0 || log.refusal() !== null || log.waitingBytes() > UNAWAITED_BYTES
    log.append(record, (refused) => {
      if (refused === null) this.#plan.memory.logged(record)
      else this.#refuse(refused.reason, client.id, refused.message, true)
      if (refused === null && packet.qos === 1 && !isWill && !this.#mayBeHeard(packet.topic))
        acknowledge(client, packet.messageId ?? 0)
      else if (isAwaited) done(refused)
      else if (refused !== null) client.close()
    })
    if (!isAwaited) done()
  }

  /** Whether anybody can be subscribed to the topic: devices hear only what is said to them, and of what they say a status is kept. */
  #mayBeHeard(topic: string): boolean {
    return this.#staff > 0 || topic.endsWith('/status')
  }

  #rateOf(identity: Identity): RateLimit {
    const name = nameOf(identity)
    const rate =
      this.#rates.get(name) ?? new RateLimit(this.#plan.limitRatePerS, this.#plan.clock.monotonicMs())
    this.#rates.set(name, rate)
    return rate
  }

  #onError(client: Client, error: Error): void {
    const address = this.#connections.get(client)?.origin.address ?? ''
    const reason = closingReason(error)
    if (reason !== null)
      this.#refuse(reason, `${client.id ?? 'a stranger'} at ${address}`, error.message, false)
    else this.#plan.logger.debug({ client: client.id, address }, error.message)
  }
}
