// What simulated devices send, in the order in which the broker gets it, without a wire: the steps of `simulators/session.ts`, with a will
// as late as the broker could know. A power cut ends no TCP connection; the broker gives up 1.5 keep-alives after the last packet (MQTT
// 3.1.1, section 3.1.2.10).

import { SECOND, type TimeMs } from '../../contract/time.ts'
import type { Topic } from '../../contract/topics.ts'
import type { DeviceModel } from '../../simulators/device-model.ts'
import { DeviceSession } from '../../simulators/session.ts'
import { TickQueue } from '../../simulators/tick-queue.ts'
import { firstTick } from '../../simulators/world.ts'

export interface Delivered {
  readonly topic: Topic
  readonly payload: Uint8Array
  readonly arrival: TimeMs
}

/** From measuring to the broker. */
const ON_THE_WAY_MS = 100
/** The keep-alive of the simulators' links. */
const KEEP_ALIVE_MS = 60 * SECOND

type Due =
  | { readonly type: 'tick'; readonly session: DeviceSession; lastPacket: TimeMs }
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
    queue.push(firstTick(model, from), { type: 'tick', session: new DeviceSession(model), lastPacket: from })
  }
  const text = new TextEncoder()
  const message = (model: DeviceModel, channel: Topic['channel'], body: string, time: TimeMs): Delivered => ({
    topic: { village, kind: model.kind, device: model.id, channel },
    payload: text.encode(body),
    arrival: time + ON_THE_WAY_MS,
  })
  for (let due = queue.popUntil(to - 1); due !== null; due = queue.popUntil(to - 1)) {
    const { item, time } = due
    if (item.type === 'will') {
      yield message(item.model, 'status', 'offline', time)
      continue
    }
    const { model } = item.session
    queue.push(time + model.everyMs, item)
    const step = item.session.at(time)
    if (step === null) continue
    if (step.type === 'cut') {
      queue.push(Math.max(time, item.lastPacket + 1.5 * KEEP_ALIVE_MS), { type: 'will', model })
      continue
    }
    item.lastPacket = time
    yield step.type === 'connect'
      ? message(model, 'status', 'online', time)
      : message(model, 'reading', step.payload, time)
  }
}
