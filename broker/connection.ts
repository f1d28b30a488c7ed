// What the broker knows of a connection beside Aedes, from its first byte on.

import type { Duplex } from 'node:stream'
import type { ConnectPacket } from 'aedes'
import type { Identity } from './identities.ts'
import type { Granted } from './outgoing.ts'
import { PacketGate } from './packet-gate.ts'
import type { Origin } from './sign-in.ts'

export interface Connection {
  readonly origin: Origin
  readonly onSignedIn: (stream: Duplex) => void
  readonly gate: PacketGate
  /** While it signs in. */
  packet: ConnectPacket | null
  identity: Identity | null
  /** Of staff: what was asked for. */
  granted: Granted
  /** A filter was denied: nothing more is subscribed to on this connection. */
  isDenied: boolean
  /** It was closed by us, or its place was taken over: its end says nothing about the client. */
  isDismissed: boolean
}

/** Shared by those who are not staff, which ask for nothing that it holds. */
const NOTHING_GRANTED: Granted = new Map()

export function newConnection(origin: Origin, onSignedIn: (stream: Duplex) => void): Connection {
  return {
    origin,
    onSignedIn,
    gate: new PacketGate(),
    packet: null,
    identity: null,
    granted: NOTHING_GRANTED,
    isDenied: false,
    isDismissed: false,
  }
}
