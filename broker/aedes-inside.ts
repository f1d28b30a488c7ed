// The few places where we reach into Aedes beyond its types, gathered so that a new version of it can be checked against them.

import type { Aedes, AuthenticateError, Client } from 'aedes'

/** Members of Aedes' client that its types leave out. */
export interface ClientState {
  will: unknown
  clean: boolean
  readonly subscriptions: Readonly<Record<string, unknown>>
  readonly _keepaliveTimer: NodeJS.Timeout | null
}

export function stateOf(client: Client): ClientState {
  return client as unknown as ClientState
}

/** CONNACK with that code, then the connection is closed. */
export function refusal(code: 2 | 3 | 4 | 5, message: string): AuthenticateError {
  return Object.assign(new Error(message), { returnCode: code as AuthenticateError['returnCode'] })
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
