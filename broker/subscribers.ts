// Who may hear what: filters when they are asked for, and messages again on their way out, behind the filters.

import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import type { AedesPublishPacket, Client, Subscription } from 'aedes'
import { stateOf } from './aedes-inside.ts'
import type { Connection } from './connection.ts'
import { maySubscribe, nameOf } from './identities.ts'
import type { BrokerMemory } from './memory/broker-memory.ts'
import { SESSION_MARK } from './memory/persistence.ts'
import { grantedQos, keepRetained } from './outgoing.ts'

export interface SubscribersPlan {
  readonly village: string
  readonly limitPayload: number
  readonly memory: BrokerMemory
  readonly connectionOf: (client: Client) => Connection | undefined
  /** Counts and tells. */
  readonly refuse: (reason: string, who: string, detail: string) => void
}

type SubscribeDone = (error: Error | null, subscription?: Subscription | null) => void

/** What a subscriber may leave unread before it is closed. */
const UNREAD_BYTES = 1_048_576
const FILTERS_MOST = 16

export class Subscribers {
  readonly #plan: SubscribersPlan

  constructor(plan: SubscribersPlan) {
    this.#plan = plan
  }

  /** For Aedes' `authorizeSubscribe`: a filter that may not be had closes the connection. */
  authorize(client: Client, subscription: Subscription, done: SubscribeDone): void {
    const { topic, qos } = subscription
    if (topic === SESSION_MARK && !client.connected) {
      done(null, null)
      return
    }
    const connection = this.#plan.connectionOf(client)
    if (connection === undefined || !this.#allows(client, connection, topic)) {
      done(new Error('not a filter that it may have'), subscription)
      return
    }
    // Aedes delivers to the first of overlapping filters; `forward` lowers what it sends to what was asked for.
    const isStaff = connection.identity?.type === 'staff'
    if (isStaff) connection.granted.set(topic, qos)
    done(null, isStaff ? { ...subscription, qos: 2 } : subscription)
  }

  /** For Aedes' `authorizeForward`: the message as this client gets it; null when it does not. */
  forward(client: Client, packet: AedesPublishPacket): AedesPublishPacket | null {
    const { village, limitPayload, memory, refuse } = this.#plan
    if (packet.payload.length > limitPayload) return null
    const connection = this.#plan.connectionOf(client)
    const identity = connection?.identity ?? null
    if (connection === undefined || identity === null) return null
    if ((client.conn as Duplex).writableLength > UNREAD_BYTES) {
      refuse('slow_subscriber', client.id, '')
      cutOff(client)
      return null
    }
    if (!maySubscribe(identity, village, packet.topic)) return null
    if (identity.type === 'device') keepRetained(memory, client, packet)
    else if (packet.qos > 0) {
      const granted = grantedQos(client, connection.granted, packet.topic)
      if (granted < packet.qos) packet.qos = granted
    }
    return packet
  }

  #allows(client: Client, connection: Connection, filter: string): boolean {
    const { identity, isDenied, origin } = connection
    if (identity === null || isDenied) return false
    const { subscriptions } = stateOf(client)
    const isRoom = filter in subscriptions || Object.keys(subscriptions).length < FILTERS_MOST
    if (isRoom && maySubscribe(identity, this.#plan.village, filter)) return true
    // The other filters of the packet are denied as well: one that may not have all gets none.
    connection.isDenied = true
    this.#plan.memory.endEmptySession(client.id)
    this.#plan.refuse('acl', `${nameOf(identity)} at ${origin.address}`, filter)
    return false
  }
}

/**
 * Closes the connection of a client that does not read, by a reset where it is plain TCP: behind an end in order the kernel keeps
 * megabytes for whoever never reads them, and the client is not told before it does.
 */
function cutOff(client: Client): void {
  const { conn } = client
  if (conn instanceof Socket && conn.remoteAddress !== undefined && !(conn instanceof TLSSocket)) {
    conn.resetAndDestroy()
  } else client.close()
}
