// What the fuzzer begins with: each packet that a client may send, and each payload that a device may, right as they are.

import {
  connectPacket,
  DISCONNECT,
  PINGREQ,
  packet,
  pubackPacket,
  pubcompPacket,
  publishPacket,
  pubrecPacket,
  pubrelPacket,
  subscribePacket,
  unsubscribePacket,
} from '../../broker/test/raw-client.ts'
import type { DeviceCredentials } from '../../runtime/devices.ts'
import { mutated, oneOf, type Random, randomBytes, wholeNumber } from './mutate.ts'

export interface Seeds {
  /** A CONNECT that is let in, under a client id of the worker's own. */
  connect(worker: number): Buffer
  readonly connects: readonly Buffer[]
  readonly packets: readonly Buffer[]
}

export function seedsOf(device: DeviceCredentials): Seeds {
  const { username, password, topicPrefix } = device
  const connect = (suffix: string, more = {}): Buffer =>
    connectPacket({ clientId: `${username}:${suffix}`, username, password, ...more })
  const to = (channel: string): string => `${topicPrefix}/${channel}`
  const will = { topic: to('status'), payload: 'offline', qos: 1, retain: true }
  return {
    connect: (worker) => connect(String(worker)),
    connects: [
      connect('c'),
      connect('c', { clean: false }),
      connect('c', { will }),
      connect('c', { level: 3 }),
      connect('c', { level: 5 }),
    ],
    packets: [
      publishPacket(to('reading'), '{"values":{"pm2_5":12}}', { qos: 0 }),
      publishPacket(to('reading'), '{"values":{"pm2_5":12}}', { qos: 1, id: 7 }),
      publishPacket(to('event'), '{"event":"boot"}', { qos: 2, id: 8 }),
      publishPacket(to('status'), 'online', { qos: 1, id: 9, retain: true }),
      pubackPacket(7),
      pubrecPacket(8),
      pubrelPacket(8),
      pubcompPacket(8),
      subscribePacket([to('config')]),
      subscribePacket([to('config'), to('command'), to('reply')], { qos: 2 }),
      unsubscribePacket([to('config'), to('command')]),
      PINGREQ,
      DISCONNECT,
    ],
  }
}

/** Each packet cut at each byte: as it comes, and with its length made to fit. */
export function* cutPackets({ connects, packets }: Seeds): Generator<Buffer> {
  for (const whole of [...connects, ...packets]) {
    const [first = 0] = whole
    // All of them are shorter than 128 bytes or have two bytes of length.
    const body = whole.subarray((whole[1] ?? 0) < 0x80 ? 2 : 3)
    for (let length = 0; length <= body.length; length += 1) {
      yield packet(first, body.subarray(0, length))
      yield whole.subarray(0, whole.length - length)
    }
  }
}

/** What one connection sends: something in the place of a CONNECT, or a CONNECT and something behind it. */
export function randomStream(seeds: Seeds, worker: number, random: Random): Buffer {
  const all = [...seeds.connects, ...seeds.packets]
  const kind = random()
  if (kind < 0.05) return randomBytes(random, 600)
  if (kind < 0.3) return mutated(oneOf(random, seeds.connects), random, all)
  const behind = Array.from({ length: 1 + wholeNumber(random, 4) }, () => {
    const right = oneOf(random, all)
    return random() < 0.75 ? mutated(right, random, all) : right
  })
  return Buffer.concat([seeds.connect(worker), ...behind])
}

const TIME = '2026-11-24T08:00:00.000Z'
const POSITION = { lat: -6.1702, lon: 106.8071, speed: 4.2, bearing: 180, accuracy: 5 }

/** By channel. */
export const PAYLOADS: Readonly<Record<'reading' | 'event', readonly unknown[]>> = {
  reading: [
    { time: TIME, seq: 42, values: { pm2_5: 12.3, temperature: 29.1, humidity: 70 } },
    [
      { time: TIME, values: { pm10: 31 } },
      { time: TIME, values: { noise_dba: 55.5, up: true } },
    ],
    { values: { battery_v: 3.6 }, position: POSITION },
    {
      time: TIME,
      values: { speed: 4 },
      position: POSITION,
      trip: 't1',
      route: '1',
      direction: 0,
      occupancy: 'EMPTY',
    },
  ],
  event: [{ time: TIME, event: 'boot', detail: { reason: 'power', count: 3 } }],
}
