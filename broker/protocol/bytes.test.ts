// MQTT 3.1.1, chapters 1, 2 and 4.8: strings, fixed headers, packet identifiers. Each title carries the clauses that it stands for;
// docs/mqtt.md has the table.

import { describe, expect, it } from 'vitest'
import {
  CONNACK,
  number,
  PINGREQ,
  PINGRESP,
  PUBACK,
  PUBCOMP,
  PUBLISH,
  PUBREC,
  packet,
  pubackPacket,
  publishPacket,
  pubrelPacket,
  SUBACK,
  subscribePacket,
  text,
  UNSUBACK,
  unsubscribePacket,
} from '../test/raw-client.ts'
import { clauseBroker, NOTHING_MS, readPublish, topic } from './clause-broker.ts'

const mqtt = clauseBroker()

/** Ill-formed by RFC 3629: a lone continuation, a cut one, an overlong slash, a surrogate, one beyond U+10FFFF. */
const ILL_FORMED = ['80', 'c3', 'c0af', 'eda080', 'f4908080'].map((hex) => Buffer.from(hex, 'hex'))

const within = (bytes: Uint8Array): Buffer => Buffer.concat([Buffer.from(topic('reading')), bytes])

describe('a string', () => {
  it('[MQTT-1.5.3-1] that is no UTF-8 closes, wherever it stands, and is never acknowledged', async () => {
    for (const ill of ILL_FORMED) {
      for (const more of [
        { clientId: Buffer.concat([Buffer.from('p-1:'), ill]) },
        { username: Buffer.concat([Buffer.from('p-1'), ill]) },
        { will: { topic: within(ill), payload: '' } },
      ]) {
        const { client, connack } = await mqtt.answered(more)
        expect([ill, connack]).toEqual([ill, null])
        expect(await client.closes()).toBe(true)
      }
      for (const bytes of [
        publishPacket(within(ill), '{}'),
        subscribePacket([within(ill)]),
        unsubscribePacket([within(ill)]),
      ]) {
        const client = await mqtt.signedIn()
        client.send(bytes)
        expect([bytes, await client.closes()]).toEqual([bytes, true])
        expect(client.packets).toEqual([])
      }
    }
    await mqtt.serves()
  })

  it('[MQTT-1.5.3-2] [MQTT-4.7.3-2] with U+0000 closes, wherever it stands', async () => {
    const zero = Buffer.from([0])
    for (const more of [
      { clientId: 'p-1:\u0000' },
      { username: 'p-1\u0000' },
      { will: { topic: within(zero), payload: '' } },
    ]) {
      const { client, connack } = await mqtt.answered(more)
      expect(connack).toBeNull()
      expect(await client.closes()).toBe(true)
    }
    for (const bytes of [
      publishPacket(within(zero), '{}'),
      subscribePacket([within(zero)]),
      unsubscribePacket([within(zero)]),
    ]) {
      const client = await mqtt.signedIn()
      client.send(bytes)
      expect(await client.closes()).toBe(true)
      expect(client.packets).toEqual([])
    }
  })

  it('[MQTT-1.5.3-3] [MQTT-4.7.3-4] keeps its byte order mark and its every other character: it is another name', async () => {
    for (const other of [
      `\ufeff${topic('reading')}`,
      topic('Reading'),
      topic('reading '),
      `${topic('reading')}/`,
    ]) {
      const client = await mqtt.signedIn()
      client.send(publishPacket(other, '{}'))
      expect([other, await client.closes()]).toEqual([other, true])
      expect(client.packets).toEqual([])
    }
    expect((await mqtt.answered({ clientId: '\ufeffp-1' })).connack?.[1]).toBe(2)
    expect((await mqtt.answered({ username: '\ufeffp-1' })).connack?.[1]).toBe(4)
  })
})

describe('a fixed header', () => {
  const RESERVED = [
    ['PUBACK', 0x40, 0],
    ['PUBREC', 0x50, 0],
    ['PUBREL', 0x60, 2],
    ['PUBCOMP', 0x70, 0],
    ['SUBSCRIBE', 0x80, 2],
    ['UNSUBSCRIBE', 0xa0, 2],
    ['PINGREQ', 0xc0, 0],
    ['DISCONNECT', 0xe0, 0],
  ] as const

  it.each(RESERVED)(
    '[MQTT-2.2.2-1] [MQTT-2.2.2-2] [MQTT-3.6.1-1] [MQTT-3.8.1-1] [MQTT-3.10.1-1] [MQTT-3.14.1-1] of %s with any other reserved bits closes',
    async (name, type, right) => {
      const filter = text(topic('config'))
      const bodies: Record<string, Buffer> = {
        SUBSCRIBE: Buffer.concat([number(1), filter, Buffer.from([1])]),
        UNSUBSCRIBE: Buffer.concat([number(1), filter]),
        PINGREQ: Buffer.alloc(0),
        DISCONNECT: Buffer.alloc(0),
      }
      const others = Array.from({ length: 16 }, (_, flags) => flags).filter((flags) => flags !== right)
      await Promise.all(
        others.map(async (flags) => {
          const client = await mqtt.signedIn({ clientId: `p-1:${flags}` })
          client.send(packet(type | flags, bodies[name] ?? number(1)))
          expect([flags, await client.closes()]).toEqual([flags, true])
          expect(client.packets).toEqual([])
        }),
      )
    },
  )

  it('[MQTT-2.2.2-2] of CONNECT with reserved bits closes without an answer', async () => {
    for (let flags = 1; flags < 16; flags += 1) {
      const client = await mqtt.open()
      const bytes = Buffer.from(mqtt.connect())
      bytes[0] = 0x10 | flags
      client.send(bytes)
      expect(await client.closes()).toBe(true)
      expect(client.packets).toEqual([])
    }
  })

  it('[MQTT-4.8.0-1] of a type that no client sends closes', async () => {
    for (const type of [0, 2, 9, 11, 13, 15]) {
      for (const length of [0, 1, 2, 3]) {
        const client = await mqtt.signedIn()
        client.send(packet(type << 4, Buffer.alloc(length)))
        expect([type, length, await client.closes()]).toEqual([type, length, true])
        expect(client.packets).toEqual([])
      }
    }
  })

  it('[MQTT-4.8.0-1] whose length is too long or too short for what it holds closes', async () => {
    const wrong = [
      // Acknowledgements have two bytes, PINGREQ and DISCONNECT none.
      ...[0x40, 0x50, 0x62, 0x70].flatMap((first) =>
        [0, 1, 3].map((length) => packet(first, Buffer.alloc(length, 1))),
      ),
      packet(0xc0, Buffer.from([0])),
      packet(0xe0, Buffer.from([0])),
      // The packet identifier would be of the next packet.
      Buffer.concat([packet(0x32, text(topic('reading'))), PINGREQ, PINGREQ]),
      Buffer.concat([packet(0x62, Buffer.alloc(0)), PINGREQ, PINGREQ]),
      packet(0x82, Buffer.from([0])),
      packet(0x82, Buffer.concat([number(1), text(topic('config'))])),
      packet(0xa2, Buffer.from([0])),
      packet(0xa2, Buffer.concat([number(1), Buffer.from([0, 9, 1])])),
      packet(0x30, Buffer.from([0, 9, 1])),
    ]
    for (const bytes of wrong) {
      const client = await mqtt.signedIn()
      client.send(bytes)
      expect([bytes, await client.closes()]).toEqual([bytes, true])
      expect(client.packets.filter(({ type }) => type !== PINGRESP)).toEqual([])
    }
    await mqtt.serves()
  })
})

describe('a packet identifier', () => {
  it('[MQTT-2.3.1-1] of zero closes: PUBLISH above QoS 0, SUBSCRIBE, UNSUBSCRIBE and every acknowledgement', async () => {
    for (const bytes of [
      publishPacket(topic('reading'), '{}', { qos: 1, id: 0 }),
      publishPacket(topic('reading'), '{}', { qos: 2, id: 0 }),
      subscribePacket([topic('config')], { id: 0 }),
      unsubscribePacket([topic('config')], { id: 0 }),
      pubackPacket(0),
      packet(0x50, number(0)),
      pubrelPacket(0),
      packet(0x70, number(0)),
    ]) {
      const client = await mqtt.signedIn()
      client.send(bytes)
      expect([bytes, await client.closes()]).toEqual([bytes, true])
      expect(client.packets).toEqual([])
    }
  })

  it('[MQTT-2.3.1-5] is not looked for at QoS 0, and none is sent', async () => {
    const reader = await mqtt.reader()
    const client = await mqtt.signedIn()
    client.send(publishPacket(topic('event'), '{"n":5}', { qos: 0 }))
    const got = await reader.next(PUBLISH)
    expect(got?.body).toEqual(Buffer.concat([text(topic('event')), Buffer.from('{"n":5}')]))
  })

  it('[MQTT-2.3.1-6] [MQTT-2.3.1-7] comes back in every answer as it was sent, least and greatest', async () => {
    const client = await mqtt.signedIn()
    for (const id of [1, 255, 256, 65_535]) {
      client.send(publishPacket(topic('event'), '{}', { id }))
      expect((await client.next(PUBACK))?.body).toEqual(number(id))
      client.send(publishPacket(topic('event'), '{}', { qos: 2, id }))
      expect((await client.next(PUBREC))?.body).toEqual(number(id))
      client.send(pubrelPacket(id))
      expect((await client.next(PUBCOMP))?.body).toEqual(number(id))
      client.send(subscribePacket([topic('config')], { id }))
      expect((await client.next(SUBACK))?.body.subarray(0, 2)).toEqual(number(id))
      client.send(unsubscribePacket([topic('config')], { id }))
      expect((await client.next(UNSUBACK))?.body).toEqual(number(id))
    }
  })

  it('[MQTT-2.3.1-2] [MQTT-2.3.1-4] that the broker gives is of no message that still waits for its acknowledgement', async () => {
    const reader = await mqtt.reader()
    const client = await mqtt.signedIn()
    for (let id = 1; id <= 300; id += 1) client.send(publishPacket(topic('event'), '{}', { id }))
    const ids = new Set<number | null>()
    for (let count = 0; count < 300; count += 1) {
      const got = await reader.next(PUBLISH)
      ids.add(got === null ? null : readPublish(got).id)
    }
    expect(ids.size).toBe(300)
    expect(ids.has(0)).toBe(false)
    expect(ids.has(null)).toBe(false)
  })
})

describe('the broker', () => {
  it('[MQTT-3.2.0-1] says nothing before CONNACK, and CONNACK first', async () => {
    const client = await mqtt.open()
    expect(await client.next(CONNACK, NOTHING_MS)).toBeNull()
    client.send(
      mqtt.connect(),
      subscribePacket([topic('config')]),
      PINGREQ,
      publishPacket(topic('event'), '{}'),
    )
    expect(await client.next(PUBACK)).not.toBeNull()
    expect(client.packets[0]?.type).toBe(CONNACK)
  })
})
