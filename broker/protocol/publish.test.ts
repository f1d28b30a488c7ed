// MQTT 3.1.1, 3.3 to 3.7 and 4.3: messages in, messages out, retained ones. Each title carries the clauses that it stands for.

import { describe, expect, it } from 'vitest'
import {
  number,
  PUBACK,
  PUBCOMP,
  PUBLISH,
  PUBREC,
  PUBREL,
  packet,
  pubackPacket,
  pubcompPacket,
  publishPacket,
  pubrecPacket,
  pubrelPacket,
  type RawClient,
  SUBACK,
  subscribePacket,
  text,
} from '../test/raw-client.ts'
import { until } from '../test/until.ts'
import { clauseBroker, NOTHING_MS, type Published, readPublish, topic } from './clause-broker.ts'

const mqtt = clauseBroker()

async function received(client: RawClient, withinMs?: number): Promise<Published | null> {
  const got = await client.next(PUBLISH, withinMs)
  return got === null ? null : readPublish(got)
}

async function logged(payload: string): Promise<number> {
  const messages = await mqtt.broker.messages()
  return messages.filter((message) => Buffer.from(message.payload).toString() === payload).length
}

/** What somebody who subscribes now is sent. */
async function retained(filter = topic('status')): Promise<Published | null> {
  return received(await mqtt.reader([filter]), NOTHING_MS)
}

async function publishStatus(payload: string, more = {}): Promise<void> {
  const client = await mqtt.signedIn()
  client.send(publishPacket(topic('status'), payload, { retain: true, ...more }))
  expect(await client.next(PUBACK)).not.toBeNull()
}

describe('a PUBLISH', () => {
  it('[MQTT-3.3.1-2] of QoS 0 with DUP closes', async () => {
    const client = await mqtt.signedIn()
    client.send(publishPacket(topic('event'), '{"n":"dup0"}', { qos: 0, dup: true }))
    expect(await client.closes()).toBe(true)
    expect(await logged('{"n":"dup0"}')).toBe(0)
  })

  it('[MQTT-3.3.1-1] [MQTT-3.3.1-3] that comes with DUP goes on without it: it is the first time for who gets it', async () => {
    const reader = await mqtt.reader()
    const client = await mqtt.signedIn()
    for (const qos of [1, 2]) {
      client.send(publishPacket(topic('event'), `{"dup":${qos}}`, { qos, id: qos, dup: true }))
      expect(await received(reader)).toMatchObject({ payload: `{"dup":${qos}}`, dup: false, qos })
    }
  })

  it('[MQTT-3.3.1-4] with both bits of QoS closes', async () => {
    for (const first of [0x36, 0x37, 0x3e]) {
      const client = await mqtt.signedIn()
      client.send(packet(first, Buffer.concat([text(topic('event')), number(1), Buffer.from('{}')])))
      expect(await client.closes()).toBe(true)
      expect(client.packets).toEqual([])
    }
  })

  it('[MQTT-3.3.2-1] without a whole topic closes', async () => {
    for (const body of [Buffer.alloc(0), Buffer.from([0]), Buffer.from([0, 5, 0x61])]) {
      const client = await mqtt.signedIn()
      client.send(packet(0x30, body))
      expect(await client.closes()).toBe(true)
    }
  })

  it('[MQTT-3.3.2-2] [MQTT-4.7.1-1] to a topic with a wildcard closes', async () => {
    for (const wildcard of [
      '#',
      '+',
      topic('+'),
      'pantau/#',
      `${topic('reading')}#`,
      `${topic('reading')}+`,
    ]) {
      const client = await mqtt.signedIn()
      client.send(publishPacket(wildcard, '{}'))
      expect([wildcard, await client.closes()]).toEqual([wildcard, true])
      expect(client.packets).toEqual([])
    }
  })

  it('[MQTT-3.3.2-3] reaches a subscriber under the topic that it was sent to, whichever filter matched', async () => {
    const reader = await mqtt.reader(['pantau/cideng/+/p-1/#'])
    const client = await mqtt.signedIn()
    client.send(publishPacket(topic('event'), '{"n":"named"}'))
    expect(await received(reader)).toMatchObject({ topic: topic('event'), payload: '{"n":"named"}' })
  })

  it('[MQTT-3.3.5-2] [MQTT-4.8.0-2] that is not allowed closes and is never acknowledged', async () => {
    for (const other of [
      topic('reading', 'p-2'),
      topic('config'),
      'pantau/menteng/sensor/p-1/reading',
      '$SYS/x',
    ]) {
      for (const qos of [0, 1, 2]) {
        const client = await mqtt.signedIn()
        client.send(publishPacket(other, '{}', { qos }))
        expect([other, qos, await client.closes()]).toEqual([other, qos, true])
        expect(client.packets).toEqual([])
      }
    }
  })

  it('[MQTT-4.7.3-1] [MQTT-4.7.3-3] to a topic of no byte, or of 65,535, closes', async () => {
    for (const name of ['', 'x'.repeat(65_535)]) {
      const client = await mqtt.signedIn()
      client.send(publishPacket(name, '{}'))
      expect(await client.closes()).toBe(true)
      expect(client.packets).toEqual([])
    }
  })
})

describe('QoS 0', () => {
  it('[MQTT-4.3.1-1] is kept, goes on at QoS 0 without DUP, and nothing answers it', async () => {
    const reader = await mqtt.reader()
    const client = await mqtt.signedIn()
    client.send(publishPacket(topic('event'), '{"n":"zero"}', { qos: 0 }))
    expect(await received(reader)).toMatchObject({ payload: '{"n":"zero"}', qos: 0, dup: false })
    await until(async () => (await logged('{"n":"zero"}')) === 1)
    expect(client.packets).toEqual([])
  })
})

describe('QoS 1', () => {
  it('[MQTT-4.3.2-2] [MQTT-3.3.4-1] is answered by PUBACK with its identifier; under the same identifier the next is new, DUP or not', async () => {
    const client = await mqtt.signedIn()
    for (const dup of [false, true, true]) {
      client.send(publishPacket(topic('event'), '{"n":"one"}', { id: 9, dup }))
      expect((await client.next(PUBACK))?.body).toEqual(number(9))
    }
    expect(await logged('{"n":"one"}')).toBe(3)
  })

  it('[MQTT-4.3.2-1] [MQTT-4.2.0-1] goes out with an identifier and without DUP', async () => {
    const reader = await mqtt.reader(undefined, 1)
    const client = await mqtt.signedIn()
    client.send(publishPacket(topic('event'), '{"n":"out"}'))
    const got = await received(reader)
    expect(got).toMatchObject({ payload: '{"n":"out"}', qos: 1, dup: false })
    expect(got?.id).toBeGreaterThan(0)
    reader.send(pubackPacket(got?.id ?? 0))
    // An acknowledgement of nothing harms nobody.
    reader.send(pubackPacket(got?.id ?? 0), pubackPacket(60_000))
    client.send(publishPacket(topic('event'), '{"n":"after"}'))
    expect(await received(reader)).toMatchObject({ payload: '{"n":"after"}' })
  })
})

describe('QoS 2', () => {
  it('[MQTT-4.3.3-2] is kept and passed on once, however often it comes before its PUBREL; behind PUBCOMP its identifier is free', async () => {
    const reader = await mqtt.reader()
    for (const clean of [true, false]) {
      const payload = `{"two":${clean}}`
      const client = await mqtt.signedIn({ clientId: `p-1:two-${clean}`, clean })
      for (const dup of [false, true, false]) {
        client.send(publishPacket(topic('event'), payload, { qos: 2, id: 7, dup }))
        expect((await client.next(PUBREC))?.body).toEqual(number(7))
      }
      client.send(pubrelPacket(7))
      expect((await client.next(PUBCOMP))?.body).toEqual(number(7))
      expect(await logged(payload)).toBe(1)
      client.send(publishPacket(topic('event'), payload, { qos: 2, id: 7 }))
      expect((await client.next(PUBREC))?.body).toEqual(number(7))
      expect(await logged(payload)).toBe(2)
      expect(await received(reader)).toMatchObject({ payload })
      expect(await received(reader)).toMatchObject({ payload })
      expect(await received(reader, NOTHING_MS)).toBeNull()
    }
  })

  it('[MQTT-4.3.3-2] that comes again while the first copy is on its way to the disk is the same message', async () => {
    const reader = await mqtt.reader()
    const client = await mqtt.signedIn()
    const twice = publishPacket(topic('event'), '{"n":"race"}', { qos: 2, id: 8 })
    client.send(twice, twice, twice)
    for (let count = 0; count < 3; count += 1) expect((await client.next(PUBREC))?.body).toEqual(number(8))
    expect(await logged('{"n":"race"}')).toBe(1)
    expect(await received(reader)).toMatchObject({ payload: '{"n":"race"}' })
    expect(await received(reader, NOTHING_MS)).toBeNull()
  })

  it('[MQTT-4.3.3-2] is answered to its end: PUBREL by PUBCOMP, also when there is nothing to release', async () => {
    const client = await mqtt.signedIn()
    client.send(pubrelPacket(99), pubrelPacket(99))
    expect((await client.next(PUBCOMP))?.body).toEqual(number(99))
    expect((await client.next(PUBCOMP))?.body).toEqual(number(99))
  })

  it('[MQTT-4.3.3-1] goes out once: PUBREC is answered by PUBREL with the same identifier, also twice', async () => {
    const reader = await mqtt.reader()
    const client = await mqtt.signedIn()
    client.send(publishPacket(topic('event'), '{"n":"out2"}', { qos: 2 }))
    const got = await received(reader)
    expect(got).toMatchObject({ payload: '{"n":"out2"}', qos: 2, dup: false })
    const id = got?.id ?? 0
    for (let count = 0; count < 2; count += 1) {
      reader.send(pubrecPacket(id))
      expect(await reader.next(PUBREL)).toMatchObject({ flags: 2, body: number(id) })
    }
    reader.send(pubcompPacket(id))
    expect(await received(reader, NOTHING_MS)).toBeNull()
  })
})

describe('a retained message', () => {
  it('[MQTT-3.3.1-5] [MQTT-3.3.1-6] [MQTT-3.3.1-8] of a status is sent to who subscribes later, with its QoS and the flag', async () => {
    await publishStatus('offline')
    await publishStatus('online')
    expect(await retained()).toMatchObject({ payload: 'online', retain: true, qos: 1, dup: false })
    expect(await retained('pantau/cideng/+/+/status')).toMatchObject({ payload: 'online', retain: true })
  })

  it('[MQTT-3.3.1-7] of QoS 0 takes the place of the one before', async () => {
    await publishStatus('online')
    const client = await mqtt.signedIn()
    client.send(publishPacket(topic('status'), 'offline', { qos: 0, retain: true }))
    await until(async () => (await retained())?.payload === 'offline')
  })

  it('[MQTT-3.3.1-9] is sent without the flag to who is subscribed already', async () => {
    const reader = await mqtt.reader([topic('event'), topic('status')])
    await received(reader, NOTHING_MS)
    await publishStatus('online')
    expect(await received(reader)).toMatchObject({ topic: topic('status'), retain: false })
  })

  it('[MQTT-3.3.1-10] [MQTT-3.3.1-11] of no byte is passed on, takes the one before away, and is not kept', async () => {
    await publishStatus('online')
    const reader = await mqtt.reader([topic('status')])
    expect(await received(reader)).toMatchObject({ payload: 'online', retain: true })
    await publishStatus('')
    expect(await received(reader)).toMatchObject({ payload: '', retain: false })
    expect(await retained()).toBeNull()
  })

  it('[MQTT-3.3.1-12] stays when a message without the flag comes', async () => {
    await publishStatus('online')
    await publishStatus('offline', { retain: false })
    expect(await retained()).toMatchObject({ payload: 'online' })
  })

  it('[MQTT-3.1.2-7] stays when the session of who sent it ends', async () => {
    const client = await mqtt.signedIn({ clean: true })
    client.send(publishPacket(topic('status'), 'online', { retain: true }))
    await client.next(PUBACK)
    client.end()
    await mqtt.signedIn({ clean: true })
    expect(await retained()).toMatchObject({ payload: 'online' })
  })

  it('[MQTT-3.3.1-5] of a reading or an event is none: the flag is ignored', async () => {
    const client = await mqtt.signedIn()
    for (const channel of ['reading', 'event']) {
      client.send(publishPacket(topic(channel), '{}', { retain: true }))
      expect(await client.next(PUBACK)).not.toBeNull()
      expect(await retained(topic(channel))).toBeNull()
    }
  })
})

describe('a last will', () => {
  async function gone(
    more: { payload: string; retain?: boolean; qos?: number },
    end: (client: RawClient) => void,
  ) {
    const client = await mqtt.signedIn({ clientId: 'p-1:will', will: { topic: topic('status'), ...more } })
    end(client)
    await until(() => client.isClosed)
  }
  const cut = (client: RawClient): void => client.end()

  it('[MQTT-3.1.2-8] [MQTT-3.1.2-10] is published once when the connection ends without DISCONNECT', async () => {
    const reader = await mqtt.reader([topic('event')])
    const client = await mqtt.signedIn({ will: { topic: topic('event'), payload: '{"will":1}', qos: 1 } })
    client.end()
    expect(await received(reader)).toMatchObject({ payload: '{"will":1}', qos: 1 })
    const again = await mqtt.signedIn()
    again.end()
    expect(await received(reader, NOTHING_MS)).toBeNull()
    expect(await logged('{"will":1}')).toBe(1)
  })

  it('[MQTT-3.1.2-10] [MQTT-3.14.4-3] is forgotten at DISCONNECT', async () => {
    const reader = await mqtt.reader([topic('event')])
    const client = await mqtt.signedIn({ will: { topic: topic('event'), payload: '{"will":2}', qos: 1 } })
    client.send(Buffer.from([0xe0, 0]))
    expect(await client.closes()).toBe(true)
    expect(await received(reader, NOTHING_MS)).toBeNull()
    expect(await logged('{"will":2}')).toBe(0)
  })

  it('[MQTT-3.1.2-12] is not there without the will flag', async () => {
    const reader = await mqtt.reader()
    await received(reader, NOTHING_MS)
    const client = await mqtt.signedIn()
    client.end()
    expect(await received(reader, NOTHING_MS)).toBeNull()
  })

  it('[MQTT-3.1.2-16] [MQTT-3.1.2-17] is retained when its flag says so, and not when it does not', async () => {
    await publishStatus('online')
    await gone({ payload: 'offline', retain: false, qos: 1 }, cut)
    await until(async () => (await logged('offline')) > 0)
    expect(await retained()).toMatchObject({ payload: 'online' })
    await gone({ payload: 'offline', retain: true, qos: 1 }, cut)
    await until(async () => (await retained())?.payload === 'offline')
  })

  it('[MQTT-3.1.2-9] has the QoS that its flags say', async () => {
    for (const qos of [0, 1, 2]) {
      const reader = await mqtt.reader([topic('event')])
      const payload = `{"will":"qos ${qos}"}`
      const client = await mqtt.signedIn({ will: { topic: topic('event'), payload, qos } })
      client.end()
      expect(await received(reader)).toMatchObject({ payload, qos })
      reader.end()
    }
  })
})

describe('order', () => {
  it('[MQTT-4.6.0-5] [MQTT-4.6.0-6] of a topic and a QoS is kept: in the answers, in the log, and to every subscriber', async () => {
    const readers = [await mqtt.reader(), await mqtt.reader(['pantau/cideng/sensor/p-1/event'])]
    // The second took the place of the first: they have one client id.
    const [, reader] = readers
    if (reader === undefined) throw new Error('no reader')
    for (const qos of [0, 1, 2]) {
      const client = await mqtt.signedIn()
      const numbers = Array.from({ length: 200 }, (_, index) => index + 1)
      client.send(...numbers.map((n) => publishPacket(topic('event'), `{"q${qos}":${n}}`, { qos, id: n })))
      const got: string[] = []
      for (const _ of numbers) got.push((await received(reader))?.payload ?? 'none')
      expect(got).toEqual(numbers.map((n) => `{"q${qos}":${n}}`))
      if (qos === 0) continue
      await until(() => client.packets.length === numbers.length)
      expect(client.packets.map(({ body }) => body.readUInt16BE(0))).toEqual(numbers)
    }
    const inLog = (await mqtt.broker.messages()).map(({ payload }) => Buffer.from(payload).toString())
    for (const qos of [0, 1, 2]) {
      const numbers = inLog.filter((payload) => payload.startsWith(`{"q${qos}"`))
      expect(numbers).toEqual(Array.from({ length: 200 }, (_, index) => `{"q${qos}":${index + 1}}`))
    }
  })

  it('[MQTT-4.5.0-1] holds that a message is on its way to every subscriber whose filter matches, and to nobody else', async () => {
    const other = await mqtt.broker.staff('budi', 'environment')
    const budi = await mqtt.open()
    const more = { clientId: other.name, username: other.name, password: other.token }
    await until(async () => (await mqtt.answered(more)).connack?.[1] === 0)
    budi.send(mqtt.connect(more), subscribePacket(['pantau/cideng/vehicle/#']))
    expect(await budi.next(SUBACK)).not.toBeNull()
    const ani = await mqtt.reader(['pantau/cideng/sensor/#'])
    await received(ani, NOTHING_MS)
    const client = await mqtt.signedIn()
    client.send(publishPacket(topic('event'), '{"n":"for ani"}'))
    expect(await received(ani)).toMatchObject({ payload: '{"n":"for ani"}' })
    expect(await received(budi, NOTHING_MS)).toBeNull()
  })
})
