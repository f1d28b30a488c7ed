// MQTT 3.1.1, 3.8 to 3.11 and 4.7: filters. Each title carries the clauses that it stands for.

import { describe, expect, it } from 'vitest'
import {
  number,
  PUBACK,
  PUBLISH,
  packet,
  pubackPacket,
  publishPacket,
  type RawClient,
  SUBACK,
  subscribePacket,
  text,
  UNSUBACK,
  unsubscribePacket,
} from '../test/raw-client.ts'
import { until } from '../test/until.ts'
import { clauseBroker, NOTHING_MS, type Published, readPublish, topic } from './clause-broker.ts'

const mqtt = clauseBroker()

async function received(client: RawClient, withinMs?: number): Promise<Published | null> {
  const got = await client.next(PUBLISH, withinMs)
  return got === null ? null : readPublish(got)
}

async function publish(payload: string, qos = 1): Promise<void> {
  const client = await mqtt.signedIn()
  client.send(publishPacket(topic('event'), payload, { qos }))
  if (qos === 1) expect(await client.next(PUBACK)).not.toBeNull()
}

/** Staff with nothing subscribed to. */
async function staff(): Promise<RawClient> {
  const { name, token } = mqtt.staff
  return mqtt.signedIn({ clientId: name, username: name, password: token })
}

async function isClosed(client: RawClient, bytes: Uint8Array): Promise<void> {
  client.send(bytes)
  expect([Buffer.from(bytes).toString('latin1'), await client.closes()]).toEqual([
    Buffer.from(bytes).toString('latin1'),
    true,
  ])
  expect(client.packets).toEqual([])
}

describe('a SUBSCRIBE', () => {
  it('[MQTT-3.8.3-1] [MQTT-3.8.3-3] without a filter, or with one that is cut off, closes', async () => {
    for (const body of [number(1), Buffer.concat([number(1), Buffer.from([0, 5, 0x61])])]) {
      await isClosed(await mqtt.signedIn(), packet(0x82, body))
    }
  })

  it('[MQTT-3.8.3-4] with a QoS of 3, or with reserved bits in it, closes', async () => {
    for (const qos of [3, 4, 0x40, 0x80, 0xff]) {
      await isClosed(await mqtt.signedIn(), subscribePacket([topic('config')], { qos }))
    }
  })

  it('[MQTT-3.8.3-2] [MQTT-4.7.1-3] of staff may have + for any level, first in the device’s place, and # for the rest', async () => {
    for (const filter of [
      'pantau/cideng/+/+/event',
      'pantau/cideng/sensor/+/event',
      'pantau/cideng/#',
      'pantau/cideng/+/p-1/#',
    ]) {
      const reader = await mqtt.reader([filter])
      await received(reader, NOTHING_MS)
      await publish(`{"filter":"${filter}"}`)
      expect(await received(reader)).toMatchObject({ payload: `{"filter":"${filter}"}` })
    }
  })

  it('[MQTT-3.8.4-1] [MQTT-3.8.4-2] [MQTT-3.8.4-4] [MQTT-3.8.4-5] [MQTT-3.9.3-1] [MQTT-3.9.3-2] is answered by one SUBACK with its identifier and a code a filter, in their order', async () => {
    const client = await mqtt.signedIn()
    const filters = ['config', 'command', 'reply'].map((channel) => topic(channel))
    const asked = filters.map((filter, index) => Buffer.concat([text(filter), Buffer.from([2 - index])]))
    client.send(packet(0x82, Buffer.concat([number(4_711), ...asked])))
    expect((await client.next(SUBACK))?.body).toEqual(Buffer.concat([number(4_711), Buffer.from([2, 1, 0])]))
  })

  it('[MQTT-3.8.4-3] to a filter that it has already puts the new QoS in the place of the old, and sends what is retained again', async () => {
    const device = await mqtt.signedIn()
    device.send(publishPacket(topic('status'), 'online', { retain: true }))
    await device.next(PUBACK)
    const reader = await mqtt.reader(['pantau/cideng/sensor/p-1/#'], 1)
    expect(await received(reader)).toMatchObject({ payload: 'online', retain: true, qos: 1 })
    reader.send(subscribePacket(['pantau/cideng/sensor/p-1/#'], { qos: 0 }))
    expect((await reader.next(SUBACK))?.body).toEqual(Buffer.from([0, 1, 0]))
    expect(await received(reader)).toMatchObject({ payload: 'online', retain: true, qos: 0 })
    await publish('{"n":"once"}')
    expect(await received(reader)).toMatchObject({ payload: '{"n":"once"}', qos: 0 })
    expect(await received(reader, NOTHING_MS)).toBeNull()
  })

  it('[MQTT-3.8.4-6] gets no message at a higher QoS than it was granted, with wildcards neither', async () => {
    for (const granted of [0, 1, 2]) {
      for (const filter of ['pantau/cideng/#', topic('event')]) {
        const reader = await mqtt.reader([filter], granted)
        await received(reader, NOTHING_MS)
        for (const qos of [0, 1, 2]) {
          await publish(`{"sent":${qos}}`, qos)
          expect(await received(reader)).toMatchObject({
            payload: `{"sent":${qos}}`,
            qos: Math.min(qos, granted),
          })
        }
        reader.end()
        await until(() => reader.isClosed)
      }
    }
  })

  it('[MQTT-3.3.5-1] of overlapping filters gets each message once, at the highest QoS of those that match', async () => {
    for (const [wide, narrow] of [
      [0, 2],
      [2, 0],
      [1, 0],
      [0, 1],
    ] as const) {
      const reader = await staff()
      reader.send(subscribePacket(['pantau/cideng/#'], { qos: wide }))
      await reader.next(SUBACK)
      reader.send(subscribePacket(['pantau/cideng/sensor/+/event'], { qos: narrow }))
      await reader.next(SUBACK)
      await received(reader, NOTHING_MS)
      await publish('{"n":"overlap"}', 2)
      expect(await received(reader)).toMatchObject({
        payload: '{"n":"overlap"}',
        qos: Math.max(wide, narrow),
      })
      expect(await received(reader, NOTHING_MS)).toBeNull()
      reader.end()
      await until(() => reader.isClosed)
    }
  })

  it('[MQTT-4.7.1-1] [MQTT-4.7.1-2] [MQTT-4.7.1-3] with a wildcard within a level, or # before the end, closes', async () => {
    for (const filter of [
      'a+',
      '+a',
      'a#',
      '#a',
      'pantau/#/event',
      '#/#',
      'pantau/cideng/sensor/p+/event',
      'pantau/cideng/sensor#',
    ]) {
      await isClosed(await staff(), subscribePacket([filter]))
    }
  })

  it('[MQTT-4.7.2-1] that begins with a wildcard is refused, so that none matches what begins with $', async () => {
    const { name, token } = await mqtt.broker.staff('root', 'admin')
    const more = { clientId: name, username: name, password: token }
    await until(async () => (await mqtt.answered(more)).connack?.[1] === 0)
    for (const filter of ['#', '+/#', '+/+', '+/cideng/#', '/#']) {
      await isClosed(await mqtt.signedIn(more), subscribePacket([filter]))
    }
    // What is asked for by name is sent.
    const admin = await mqtt.signedIn(more)
    admin.send(subscribePacket(['$SYS/#']))
    expect(await admin.next(SUBACK)).not.toBeNull()
    await mqtt.signedIn({ clientId: 'p-1:seen' })
    expect((await received(admin))?.topic.startsWith('$SYS/')).toBe(true)
  })

  it('[MQTT-4.7.3-1] [MQTT-4.7.3-3] to a filter of no byte, or of 65,535, closes', async () => {
    for (const filter of ['', 'x'.repeat(65_535)])
      await isClosed(await mqtt.signedIn(), subscribePacket([filter]))
  })

  it('[MQTT-3.8.4-5] to what it may not have closes: no code says why, and none of the packet is granted', async () => {
    for (const filters of [
      [topic('config', 'p-2')],
      [topic('config'), 'pantau/cideng/#'],
      ['$share/g/pantau/#'],
    ]) {
      await isClosed(await mqtt.signedIn(), subscribePacket(filters))
    }
  })
})

describe('an UNSUBSCRIBE', () => {
  it('[MQTT-3.10.3-1] [MQTT-3.10.3-2] without a filter, or with one that is none, closes', async () => {
    await isClosed(await mqtt.signedIn(), unsubscribePacket([]))
    for (const filter of ['', 'a#', '+a', '#/a', Buffer.from([0xff])]) {
      await isClosed(await mqtt.signedIn(), unsubscribePacket([filter]))
    }
  })

  it('[MQTT-3.10.4-1] takes away the filter that is the same byte for byte, and no other', async () => {
    const reader = await mqtt.reader(['pantau/cideng/sensor/+/event'])
    reader.send(
      unsubscribePacket([
        'pantau/cideng/sensor/p-1/event',
        'pantau/cideng/#',
        'pantau/cideng/sensor/+/Event',
      ]),
    )
    expect(await reader.next(UNSUBACK)).not.toBeNull()
    await publish('{"n":"still"}')
    expect(await received(reader)).toMatchObject({ payload: '{"n":"still"}' })
    reader.send(unsubscribePacket(['pantau/cideng/sensor/+/event']))
    expect(await reader.next(UNSUBACK)).not.toBeNull()
    await publish('{"n":"gone"}')
    expect(await received(reader, NOTHING_MS)).toBeNull()
  })

  it('[MQTT-3.10.4-2] [MQTT-3.10.4-3] stops what is new; what was sent can still be acknowledged', async () => {
    const reader = await mqtt.reader(undefined, 1)
    await received(reader, NOTHING_MS)
    await publish('{"n":"before"}')
    reader.send(unsubscribePacket(['pantau/cideng/#']))
    expect(await reader.next(UNSUBACK)).not.toBeNull()
    await publish('{"n":"behind"}')
    const got = await received(reader)
    expect(got).toMatchObject({ payload: '{"n":"before"}', qos: 1 })
    reader.send(pubackPacket(got?.id ?? 0))
    expect(await received(reader, NOTHING_MS)).toBeNull()
    expect(reader.isClosed).toBe(false)
  })

  it('[MQTT-3.10.4-4] [MQTT-3.10.4-5] [MQTT-3.10.4-6] is answered by one UNSUBACK with its identifier, whatever it takes away', async () => {
    const client = await mqtt.signedIn()
    for (const filters of [[topic('config')], ['none/such'], [topic('config'), topic('reply'), 'a/+/#']]) {
      client.send(unsubscribePacket(filters, { id: 1_234 }))
      expect((await client.next(UNSUBACK))?.body).toEqual(number(1_234))
      expect(client.packets).toEqual([])
    }
  })
})
