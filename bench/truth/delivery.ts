// What simulated devices send, in the order in which the broker gets it, without a wire: the steps of `simulators/session.ts`, with a will
// as late as the broker could know. A power cut ends no TCP connection; the broker gives up 1.5 keep-alives after the last packet (MQTT
// 3.1.1, section 3.1.2.10).

import { SECOND, type TimeMs } from '../../contract/time.ts'
import type { Topic } from '../../contract/topics.ts'
import type { DeviceModel } from '../../simulators/device-model.ts'
import { DeviceSession, KEEP_ALIVE_S } from '../../simulators/session.ts'
import { TickQueue } from '../../simulators/tick-queue.ts'
import { firstTick } from '../../simulators/world.ts'

export interface Delivered {
  readonly topic: Topic
  readonly payload: Uint8Array
  readonly arrival: TimeMs
}

/** From measuring to the broker. */
const ON_THE_WAY_MS = 100
const KEEP_ALIVE_MS = KEEP_ALIVE_S * SECOND

interface Linked {
  readonly type: 'tick'
  readonly session: DeviceSession
  lastPacket: TimeMs
  nextTick: TimeMs
  /** The link is gone, and the broker will find that out. */
  isGone: boolean
}

type Due =
  | Linked
  /** A keep-alive after a packet: a PINGREQ, unless another packet went in between. */
  | { readonly type: 'ping'; readonly of: Linked; readonly after: TimeMs }
  | { readonly type: 'will'; readonly model: DeviceModel }

/** Messages of all models in [from, to), in the order of arrival. */
export function* deliveries(
  models: readonly DeviceModel[],
  village: string,
  from: TimeMs,
  to: TimeMs,
): Generator<Delivered> {
  const queue = new TickQueue<Due>()
  for (const model of models) {
    const nextTick = firstTick(model, from)
    const session = new DeviceSession(model)
    queue.push(nextTick, { type: 'tick', session, lastPacket: from, nextTick, isGone: false })
  }
  const text = new TextEncoder()
  const message = (model: DeviceModel, channel: Topic['channel'], body: string, time: TimeMs): Delivered => ({
    topic: { village, kind: model.kind, device: model.id, channel },
    payload: text.encode(body),
    arrival: time + ON_THE_WAY_MS,
  })
  const sent = (link: Linked, time: TimeMs): void => {
    link.lastPacket = time
    link.isGone = false
    // One that reports more often never pings.
    if (link.session.model.everyMs > KEEP_ALIVE_MS)
      queue.push(time + KEEP_ALIVE_MS, { type: 'ping', of: link, after: time })
  }
  const gone = (link: Linked, time: TimeMs): void => {
    if (link.isGone) return
    link.isGone = true
    const given = link.lastPacket + 1.5 * KEEP_ALIVE_MS
    queue.push(Math.max(time, given), { type: 'will', model: link.session.model })
  }
  for (let due = queue.popUntil(to - 1); due !== null; due = queue.popUntil(to - 1)) {
    const { item, time } = due
    if (item.type === 'will') {
      yield message(item.model, 'status', 'offline', time)
      continue
    }
    if (item.type === 'ping') {
      const { of: link, after } = item
      const { model } = link.session
      if (link.lastPacket !== after || link.isGone) continue
      if (model.isReachable(time)) sent(link, time)
      // What is back at its next tick has lost no link, as far as the session can tell.
      else if (!model.isReachable(link.nextTick)) gone(link, time)
      continue
    }
    const { model } = item.session
    item.nextTick = time + model.everyMs
    queue.push(item.nextTick, item)
    const step = item.session.at(time)
    if (step === null) continue
    if (step.type === 'cut') {
      gone(item, time)
      continue
    }
    sent(item, time)
    yield step.type === 'connect'
      ? message(model, 'status', 'online', time)
      : message(model, 'reading', step.payload, time)
  }
}
