// The few places where we reach into Aedes beyond its types, gathered so that a new version of it can be checked against them.

import type { Duplex } from 'node:stream'
import type { Aedes, AuthenticateError, Client } from 'aedes'

/** Members of Aedes' client that its types leave out. */
export interface ClientState {
  will: unknown
  clean: boolean
  readonly subscriptions: Readonly<Record<string, unknown>>
  readonly _keepaliveTimer: NodeJS.Timeout | null
  /** Counts a packet as done: when all that were read are, the next are read. */
  _nextBatch(error?: Error | null): void
  /** Calls back when the socket takes more. */
  waitForDrain(done: (error?: Error | null) => void): void
}

export function stateOf(client: Client): ClientState {
  return client as unknown as ClientState
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
