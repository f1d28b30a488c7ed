// A publish on its way into the log: whether its sender may say it, whether it has to wait for its share, and how it is answered once it is
// on disk, or is not.

import type { Client, PublishPacket } from 'aedes'
import type { LogRecord } from '../contract/log.ts'
import type { Clock } from '../contract/time.ts'
import { parseTopic } from '../contract/topics.ts'
import { acknowledge, stateOf } from './aedes-inside.ts'
import type { Connection } from './connection.ts'
import { ExactlyOnce } from './exactly-once.ts'
import { type Identity, mayPublish, nameOf } from './identities.ts'
import type { DurableLog } from './log/durable-log.ts'
import { type BrokerMemory, isRetained } from './memory/broker-memory.ts'
import { RateLimit } from './rate.ts'

export interface PublishingPlan {
  readonly village: string
  readonly log: DurableLog
  readonly memory: BrokerMemory
  readonly limitRatePerS: number
  readonly clock: Clock
  readonly connectionOf: (client: Client) => Connection | undefined
  /** Counts and tells. */
  readonly refuse: (reason: string, who: string, detail: string) => void
  /** Nothing is taken any more. */
  readonly isQuiet: () => boolean
  /** Somebody is here who may listen to what devices say. */
  readonly isListenedTo: () => boolean
}

/** Of QoS 0 this much may wait for the disk; beyond it the publisher is read no further. */
const UNAWAITED_BYTES = 1_048_576

type Done = (error?: Error | null) => void

export class Publishing {
  readonly #plan: PublishingPlan
  readonly #rates = new Map<string, RateLimit>()
  readonly #exactlyOnce = new ExactlyOnce()

  constructor(plan: PublishingPlan) {
    this.#plan = plan
  }

  /** For Aedes' `authorizePublish`: calls back when the message is on disk, with an error when it is not taken. */
  authorize(client: Client | null, packet: PublishPacket, done: Done): void {
    // Null: the will of a client of a broker that is dead; with one broker there is none.
    const connection = client === null ? undefined : this.#plan.connectionOf(client)
    const identity = connection?.identity ?? null
    if (client === null || connection === undefined || identity === null || this.#plan.isQuiet()) {
      done(new Error('nobody publishes this now'))
      return
    }
    if (!mayPublish(identity, this.#plan.village, packet.topic)) {
      const reason = parseTopic(packet.topic) === null ? 'topic' : 'acl'
      this.#plan.refuse(reason, `${nameOf(identity)} at ${connection.origin.address}`, packet.topic)
      done(new Error('not its own topic'))
      return
    }
    const isWill = stateOf(client).will === packet
    const rate = this.#rateOf(identity)
    const waitMs = isWill ? 0 : rate.take(this.#plan.clock.monotonicMs())
    if (isWill || (waitMs === 0 && rate.waiting.length === 0)) {
      this.#keep(client, packet, isWill, done)
      return
    }
    rate.waiting.push(() => {
      // It is we who do not read: its silence does not count.
      if (!client.closed) stateOf(client)._keepaliveTimer?.refresh()
      this.#keep(client, packet, isWill, done)
    })
    // Whichever timer comes first, since a late loop mixes them: the message that waits the longest goes.
    setTimeout(() => rate.waiting.shift()?.(), waitMs)
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
      else this.#plan.refuse(refused.reason, client.id, refused.message)
      if (refused === null && packet.qos === 1 && !isWill && !this.#mayBeHeard(packet.topic))
        acknowledge(client, packet.messageId ?? 0)
      else if (isAwaited) done(refused)
      else if (refused !== null) client.close()
    })
    if (!isAwaited) done()
  }

  /** Whether anybody can be subscribed to the topic: devices hear only what is said to them, and of what they say a status is kept. */
  #mayBeHeard(topic: string): boolean {
    return this.#plan.isListenedTo() || topic.endsWith('/status')
  }

  #rateOf(identity: Identity): RateLimit {
    const name = nameOf(identity)
    const rate =
      this.#rates.get(name) ?? new RateLimit(this.#plan.limitRatePerS, this.#plan.clock.monotonicMs())
    this.#rates.set(name, rate)
    return rate
  }
}
