// The few places where we reach into Aedes beyond its types, gathered so that a new version of it can be checked against them.

import { createRequire } from 'node:module'
import type { Duplex } from 'node:stream'
import type { Aedes, AuthenticateError, Client } from 'aedes'
import type { ParsedPacket } from './packet-faults.ts'

/** Members of Aedes' client that its types leave out. */
export interface ClientState {
  readonly id: string
  close(): void
  will: unknown
  clean: boolean
  /** It sent DISCONNECT. */
  readonly _disconnected: boolean
  readonly subscriptions: Readonly<Record<string, { readonly qos: number }>>
  readonly _keepaliveTimer: NodeJS.Timeout | null
  readonly _parser: Parser
  /** Nothing is read. */
  _paused: boolean
  /** The id of the next message that is sent to it. */
  _nextId: number
  /** Counts a packet as done: when all that were read are, the next are read. */
  _nextBatch(error?: Error | null): void
  /** Calls back when the socket takes more. */
  waitForDrain(done: (error?: Error | null) => void): void
}

/** Members of mqtt-packet's parser, one a connection. */
export interface Parser {
  readonly client: Client
  readonly packet: ParsedPacket
  /** Bytes that wait to be parsed. */
  _list: object
  /** How far the packet was read. */
  readonly _pos: number
  error: Error | null
  _newPacket(): boolean
  _emitError(error: Error): void
}

export function stateOf(client: Client): ClientState {
  return client as unknown as ClientState
}

/** The client of a stream that Aedes handles. */
export function clientOf(stream: Duplex): Client {
  return (stream as unknown as { client: Client }).client
}

/** The client that is connected under an id, if there is one. */
export function connectedAs(aedes: Aedes, id: string): Client | undefined {
  return (aedes as unknown as { clients: Readonly<Record<string, Client>> }).clients[id]
}

/** CONNACK with that code, then the connection is closed. */
export function refusal(code: 2 | 3 | 4 | 5, message: string): AuthenticateError {
  return Object.assign(new Error(message), { returnCode: code as AuthenticateError['returnCode'] })
}

/** First byte of a PUBACK [MQTT 3.1.1, 3.4.1]; its remaining length is 2, the packet identifier. */
const PUBACK = 0x40

/**
 * Ends a publish of QoS 1 that is in the log and that nobody can be subscribed to: the PUBACK goes out, and the client is read on.
 * What Aedes would do besides, for retained messages, sessions and subscribers, would find nothing.
 */
export function acknowledge(client: Client, messageId: number): void {
  const { conn, closed } = client
  if (closed) return
  const stream = conn as Duplex
  if (stream.writableCorked === 0) {
    // All that one group of the log lets go out on a connection is one write.
    stream.cork()
    process.nextTick(() => stream.uncork())
  }
  const state = stateOf(client)
  const isTaken = stream.write(Buffer.of(PUBACK, 2, messageId >> 8, messageId & 0xff))
  if (isTaken) state._nextBatch()
  else state.waitForDrain((error) => state._nextBatch(error))
}

interface Emitter {
  emit(packet: unknown, done: (error?: Error) => void): void
}

/** Aedes reads a publisher no further until every subscriber has taken the message; here only the sockets' own bounds hold. */
export function letPublishersGoOn(aedes: Aedes): void {
  const { mq } = aedes as unknown as { mq: Emitter }
  const emit = mq.emit.bind(mq)
  mq.emit = (packet, done) => {
    emit(packet, () => undefined)
    // Not at once: Aedes' parser must not be entered again from within a packet.
    setImmediate(done)
  }
}

/**
 * Takes out of a connection what only costs memory: the parser gathers its bytes in a list that is a stream as well, which nobody reads
 * as one.
 */
export function trim(client: Client): void {
  const { _parser } = stateOf(client)
  const { BufferList } = _parser._list.constructor as unknown as { BufferList: new () => object }
  _parser._list = new BufferList()
}

/** Aedes' writer of packets keeps a buffer for each number up to 65,535, 7 MB of them from the first packet on; numbers are cheap to write. */
export function keepNoNumbers(): void {
  const aedes = createRequire(import.meta.url).resolve('aedes')
  const { writeToStream } = createRequire(aedes)('mqtt-packet') as {
    writeToStream: { cacheNumbers: boolean }
  }
  writeToStream.cacheNumbers = false
}
