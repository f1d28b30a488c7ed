// What Aedes leaves out on the way to a subscriber: the QoS that was granted where filters have wildcards, and that a retained message is
// sent again, under its id, until a client that keeps its session has acknowledged it.

import type { AedesPublishPacket, Client } from 'aedes'
import { stateOf } from './aedes-inside.ts'
import type { BrokerMemory } from './memory/broker-memory.ts'
import { filterMatches } from './memory/retained-messages.ts'

/** The QoS that a client asked for, by filter. */
export type Granted = Map<string, 0 | 1 | 2>

/** The highest QoS of the filters that match, of those that the client still has [MQTT-3.3.5-1] [MQTT-3.8.4-6]. */
export function grantedQos(client: Client, granted: Granted, topic: string): 0 | 1 | 2 {
  const { subscriptions } = stateOf(client)
  const levels = topic.split('/')
  let most: 0 | 1 | 2 = 0
  for (const [filter, qos] of granted) {
    if (!(filter in subscriptions)) granted.delete(filter)
    else if (qos > most && filterMatches(filter.split('/'), levels)) most = qos
  }
  return most
}

/** Gives a retained message its id and puts it into the session's queue, which Aedes does for what is published alone [MQTT-4.4.0-1]. */
export function keepRetained(memory: BrokerMemory, client: Client, packet: AedesPublishPacket): void {
  const receiver = stateOf(client)
  // With an id it comes from the queue.
  if (!packet.retain || packet.qos === 0 || packet.messageId !== undefined) return
  if (!memory.hasSession(receiver) || (receiver.subscriptions[packet.topic]?.qos ?? 0) === 0) return
  const messageId = receiver._nextId
  receiver._nextId = (messageId % 65_535) + 1
  packet.messageId = messageId
  const { cmd, topic, qos, retain } = packet
  memory.enqueue(client.id, { cmd, topic, payload: Buffer.from(packet.payload), qos, retain, messageId })
}
