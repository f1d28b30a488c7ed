// The broker: Aedes behind our own doors. A publish is admitted (who, what, how much), kept in the log, and only then
// acknowledged, since Aedes waits for `authorizePublish` before it sends a PUBACK or stores a QoS 2 message (design D2).

import type { Duplex } from 'node:stream'
import { Aedes, type AuthenticateError, type Client, type ConnectPacket, type PublishPacket } from 'aedes'
import type { Registry } from '../contract/registry.ts'
import type { Clock } from '../contract/time.ts'
import type { Logger } from '../runtime/logger.ts'
import {
  clientOf,
  connectedAs,
  keepNoNumbers,
  letPublishersGoOn,
  refusal,
  stateOf,
  trim,
} from './aedes-inside.ts'
import { checkPackets } from './aedes-packets.ts'
import { closingReason } from './closing-reason.ts'
import { type Connection, newConnection } from './connection.ts'
import type { Identities } from './identities.ts'
import type { DurableLog } from './log/durable-log.ts'
import type { BrokerMemory } from './memory/broker-memory.ts'
import { deviceOf } from './memory/sessions.ts'
import { gatedRead, MAX_CONNECT_BYTES, MAX_PACKET_BYTES } from './packet-gate.ts'
import { Publishing } from './publishing.ts'
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
export class Broker {
  readonly #plan: BrokerPlan
  readonly #aedes: Aedes
  /** Outlives the stream: a last will is published after it is closed. */
  readonly #connections = new WeakMap<Client, Connection>()
  readonly #open = new Set<Client>()
  readonly #publishing: Publishing
  readonly #subscribers: Subscribers
  readonly #unrest: Unrest
  /** Connections that may listen to what devices say. */
  #staff = 0
  #isQuiet = false
  /** Of every stream: thousands are open, and each function of its own would be kept for each. */
  readonly #read = gatedRead((stream, chunk) => this.#admits(stream, chunk))
  readonly #onClose: (this: Duplex) => void

  private constructor(plan: BrokerPlan) {
    this.#plan = plan
    this.#subscribers = new Subscribers({
      ...plan,
      connectionOf: (client) => this.#connections.get(client),
      refuse: (reason, who, detail) => this.#refuse(reason, who, detail, false),
    })
    this.#publishing = new Publishing({
      ...plan,
      connectionOf: (client) => this.#connections.get(client),
      refuse: (reason, who, detail) => this.#refuse(reason, who, detail, true),
      isQuiet: () => this.#isQuiet,
      isListenedTo: () => this.#staff > 0,
    })
    const closed = (stream: Duplex): void => this.#closed(stream)
    this.#onClose = function onClose() {
      closed(this)
    }
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
      authorizePublish: (client, packet, done) => this.#publishing.authorize(client, packet, done),
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
    keepNoNumbers()
    const broker = new Broker(plan)
    await broker.#aedes.listen()
    return broker
  }

  clients(): number {
    return this.#aedes.connectedClients
  }

  /** Takes a connection over; its packets are measured before they are gathered. `onSignedIn` is called once it is no stranger. */
  accept(stream: Duplex, origin: Origin, onSignedIn: (stream: Duplex) => void): void {
    const client = this.#aedes.handle(stream)
    trim(client)
    checkPackets(client)
    this.#connections.set(client, newConnection(origin, onSignedIn))
    this.#open.add(client)
    stream.on('close', this.#onClose)
    stream.read = this.#read
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

  #closed(stream: Duplex): void {
    const client = clientOf(stream)
    this.#open.delete(client)
    if (this.#connections.get(client)?.identity?.type === 'staff') this.#staff -= 1
  }

  /** Whether what was read may go on to the parser; closes the stream when it may not. */
  #admits(stream: Duplex, chunk: Uint8Array): boolean {
    const connection = this.#connections.get(clientOf(stream))
    if (connection === undefined) return true
    const most = connection.identity === null ? MAX_CONNECT_BYTES : MAX_PACKET_BYTES
    if (connection.gate.admits(chunk, most)) return true
    this.#refuse('packet_too_large', connection.origin.address, '', true)
    stream.destroy()
    return false
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
    // The parser keeps the packet as long as the connection lasts: without the secret, and the buffer that it came in.
    delete packet.password
    connection.packet = null
    connection.onSignedIn(client.conn as Duplex)
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

  #onError(client: Client, error: Error): void {
    const address = this.#connections.get(client)?.origin.address ?? ''
    const reason = closingReason(error)
    if (reason !== null)
      this.#refuse(reason, `${client.id ?? 'a stranger'} at ${address}`, error.message, false)
    else this.#plan.logger.debug({ client: client.id, address }, error.message)
  }
}
