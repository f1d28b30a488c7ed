// MQTT 3.1.1, 3.1 and 3.2: who is let in, and how who is not is told. Each title carries the clauses that it stands for.

import { describe, expect, it } from 'vitest'
import {
  CONNACK,
  connectPacket,
  DISCONNECT,
  number,
  PINGREQ,
  PINGRESP,
  PUBACK,
  packet,
  publishPacket,
  subscribePacket,
  text,
  unsubscribePacket,
} from '../test/raw-client.ts'
import { until } from '../test/until.ts'
import { clauseBroker, topic } from './clause-broker.ts'

const mqtt = clauseBroker()

/** A CONNECT of which every part can be wrong. */
function connect(
  { name = text('MQTT'), level = 4, flags = 0xc2, keepAlive = number(60) } = {},
  payload: readonly Uint8Array[] = [text('p-1'), text('p-1'), text(mqtt.device.password)],
): Buffer {
  return packet(0x10, Buffer.concat([name, Buffer.from([level, flags]), keepAlive, ...payload]))
}

/** Closed without an answer. */
async function isClosed(bytes: Uint8Array): Promise<void> {
  const client = await mqtt.open()
  client.send(bytes)
  expect([Buffer.from(bytes).toString('hex'), await client.closes()]).toEqual([
    Buffer.from(bytes).toString('hex'),
    true,
  ])
  expect(client.packets).toEqual([])
}

describe('the first packet', () => {
  it('[MQTT-3.1.0-1] that is no CONNECT closes without an answer', async () => {
    for (const bytes of [
      publishPacket(topic('reading'), '{}'),
      subscribePacket([topic('config')]),
      unsubscribePacket([topic('config')]),
      packet(0x40, number(1)),
      packet(0x50, number(1)),
      packet(0x62, number(1)),
      packet(0x70, number(1)),
      PINGREQ,
      DISCONNECT,
    ]) {
      await isClosed(bytes)
    }
  })

  it('[MQTT-3.1.0-2] that is followed by a second CONNECT closes, and the will is published', async () => {
    const client = await mqtt.signedIn({
      clientId: 'p-1:twice',
      will: { topic: topic('event'), payload: '{"will":"twice"}', qos: 1 },
    })
    client.send(mqtt.connect({ clientId: 'p-1:twice' }))
    expect(await client.closes()).toBe(true)
    expect(client.packets).toEqual([])
    await until(async () => (await payloads()).includes('{"will":"twice"}'))
  })
})

async function payloads(): Promise<string[]> {
  return (await mqtt.broker.messages()).map(({ payload }) => Buffer.from(payload).toString())
}

describe('a CONNECT', () => {
  it('[MQTT-3.1.2-1] of another protocol name closes without an answer', async () => {
    for (const name of ['mqtt', 'MQTt', 'MQT', 'MQTTX', 'HTTP', ''])
      await isClosed(connect({ name: text(name) }))
  })

  it('[MQTT-3.1.2-2] [MQTT-3.2.2-4] [MQTT-3.2.2-5] of a level that is not spoken is answered by CONNACK 1, and closed', async () => {
    for (const level of [0, 1, 2, 5, 6, 7, 127, 0x83, 0x84, 255]) {
      const client = await mqtt.open()
      // Of MQTT 5 there would be properties.
      const keepAlive = level === 5 ? Buffer.concat([number(60), Buffer.from([0])]) : number(60)
      client.send(connect({ level, keepAlive }))
      expect([level, (await client.next(CONNACK))?.body]).toEqual([level, Buffer.from([0, 1])])
      expect(await client.closes()).toBe(true)
    }
  })

  it('[MQTT-3.1.2-3] with the reserved flag closes without an answer', async () => {
    await isClosed(connect({ flags: 0xc3 }))
  })

  it('[MQTT-3.1.2-9] with the will flag and no will, or half of one, closes without an answer', async () => {
    const { password } = mqtt.device
    await isClosed(connect({ flags: 0xc6 }))
    await isClosed(connect({ flags: 0x06 }, [text('p-1')]))
    await isClosed(connect({ flags: 0x06 }, [text('p-1'), text(topic('status'))]))
    await isClosed(
      connect({ flags: 0xc6 }, [text('p-1'), text(topic('status')), text('p-1'), text(password)]),
    )
  })

  it('[MQTT-3.1.2-11] [MQTT-3.1.2-13] [MQTT-3.1.2-15] without the will flag and with a QoS, a retain flag or a will closes', async () => {
    for (const flags of [0xca, 0xd2, 0xda, 0xe2]) await isClosed(connect({ flags }))
    const { password } = mqtt.device
    await isClosed(
      connect({ flags: 0xc2 }, [text('p-1'), text(topic('status')), text('x'), text('p-1'), text(password)]),
    )
  })

  it('[MQTT-3.1.2-14] with a will of QoS 3 closes without an answer', async () => {
    const will = [
      text('p-1'),
      text(topic('status')),
      text('offline'),
      text('p-1'),
      text(mqtt.device.password),
    ]
    await isClosed(connect({ flags: 0xde }, will))
    const client = await mqtt.open()
    client.send(connect({ flags: 0xd6 }, will))
    expect((await client.next(CONNACK))?.body).toEqual(Buffer.from([0, 0]))
    client.send(DISCONNECT)
  })

  it('[MQTT-3.1.2-18] [MQTT-3.1.2-20] [MQTT-3.1.4-1] with a name, a password or anything else that no flag speaks of closes', async () => {
    const { password } = mqtt.device
    await isClosed(connect({ flags: 0x02 }, [text('p-1'), text('p-1')]))
    await isClosed(connect({ flags: 0x82 }, [text('p-1'), text('p-1'), text(password)]))
    await isClosed(connect({}, [text('p-1'), text('p-1'), text(password), Buffer.from([0])]))
  })

  it('[MQTT-3.1.2-19] [MQTT-3.1.2-21] [MQTT-3.1.3-1] without the name or password that its flags speak of closes', async () => {
    await isClosed(connect({}, [text('p-1')]))
    await isClosed(connect({}, [text('p-1'), text('p-1')]))
    await isClosed(connect({ flags: 0x82 }, [text('p-1')]))
  })

  it('[MQTT-3.1.2-22] with a password and no name closes without an answer', async () => {
    await isClosed(connect({ flags: 0x42 }, [text('p-1'), text(mqtt.device.password)]))
  })

  it('[MQTT-3.1.3-3] [MQTT-3.1.4-1] that ends at any byte before its end closes without an answer', async () => {
    const body = mqtt.connect({ will: { topic: topic('status'), payload: 'offline' } }).subarray(2)
    await Promise.all(
      Array.from({ length: body.length }, (_, length) => isClosed(packet(0x10, body.subarray(0, length)))),
    )
    await mqtt.serves()
  })

  it('[MQTT-3.1.3-4] [MQTT-3.1.3-10] [MQTT-3.1.3-11] whose id, will topic or name is no string closes without an answer', async () => {
    const ill = Buffer.from([0xff])
    for (const more of [{ clientId: ill }, { username: ill }, { will: { topic: ill, payload: '' } }]) {
      await isClosed(mqtt.connect(more))
    }
  })

  it('[MQTT-3.1.4-4] [MQTT-3.2.2-1] that is right is answered by CONNACK 0, session present 0 when it begins anew', async () => {
    for (const level of [3, 4]) {
      const { client, connack } = await mqtt.answered({ level })
      expect(connack).toEqual(Buffer.from([0, 0]))
      client.send(PINGREQ)
      expect(await client.next(PINGRESP)).not.toBeNull()
    }
  })

  it('[MQTT-3.1.4-5] that is refused is followed by nothing, though a publish came in the same piece', async () => {
    const client = await mqtt.open()
    client.send(
      mqtt.connect({ password: 'wrong' }),
      publishPacket(topic('event'), '{"n":"refused"}'),
      PINGREQ,
    )
    expect(await client.closes()).toBe(true)
    expect(client.packets.map(({ type, body }) => [type, body[1]])).toEqual([[CONNACK, 4]])
    expect(await payloads()).not.toContain('{"n":"refused"}')
  })

  it('[MQTT-3.1.4-5] may be followed at once by as much as one read holds, all of which is taken', async () => {
    const client = await mqtt.open()
    const many = Array.from({ length: 1_000 }, (_, index) =>
      publishPacket(topic('event'), '{}', { id: index + 1 }),
    )
    client.send(mqtt.connect(), ...many)
    await until(() => client.packets.length === 1_001)
    expect(client.packets.slice(1).every(({ type }) => type === PUBACK)).toBe(true)
  })

  it('[MQTT-3.2.2-6] with a keep-alive that is not taken closes without an answer, since no code says so', async () => {
    for (const keepAlive of [0, 1_201, 65_535]) await isClosed(connect({ keepAlive: number(keepAlive) }))
  })
})

describe('a client id', () => {
  it('[MQTT-3.1.3-2] [MQTT-3.1.4-2] that is connected already: the first connection is closed, the second stays', async () => {
    const first = await mqtt.signedIn()
    const second = await mqtt.signedIn()
    expect(await first.closes()).toBe(true)
    second.send(PINGREQ)
    expect(await second.next(PINGRESP)).not.toBeNull()
    // Another id of the same device is another client.
    await mqtt.signedIn({ clientId: 'p-1:other' })
    second.send(PINGREQ)
    expect(await second.next(PINGRESP)).not.toBeNull()
  })

  it('[MQTT-3.1.3-5] of 1 to 23 letters and digits is taken when it is the name of a device', async () => {
    for (const id of ['0', 'a', 'abcdefghijklmnopqrstuvw', '01234567890123456789012']) {
      const device = await mqtt.broker.device(id)
      const more = { clientId: id, username: id, password: device.password }
      await until(async () => (await mqtt.answered(more)).connack?.[1] === 0)
    }
  })

  it('[MQTT-3.1.3-6] [MQTT-3.1.3-7] [MQTT-3.1.3-8] [MQTT-3.1.3-9] that is empty, or not its own, is answered by CONNACK 2 and closed', async () => {
    for (const clientId of ['', 'p-2', 'P-1', 'p-1x', 'x'.repeat(200), 'p-1:\u0007']) {
      for (const clean of [true, false]) {
        const { client, connack } = await mqtt.answered({ clientId, clean })
        expect([clientId, connack]).toEqual([clientId, Buffer.from([0, 2])])
        expect(await client.closes()).toBe(true)
      }
    }
  })
})

describe('silence', () => {
  it('[MQTT-3.1.2-24] for one and a half times the keep-alive closes, as if the network had failed', {
    timeout: 20_000,
  }, async () => {
    const will = { topic: topic('event'), payload: '{"will":"silent"}', qos: 1 }
    const silent = await mqtt.signedIn({ clientId: 'p-1:silent', keepalive: 1, will })
    const busy = await mqtt.signedIn({ clientId: 'p-1:busy', keepalive: 1 })
    const begin = performance.now()
    // Every packet counts, and one at each keep-alive is enough.
    const timer = setInterval(() => busy.send(PINGREQ), 900)
    expect(await silent.closes(8_000)).toBe(true)
    expect(performance.now() - begin).toBeGreaterThan(1_450)
    await until(async () => (await payloads()).includes('{"will":"silent"}'))
    expect(busy.isClosed).toBe(false)
    clearInterval(timer)
  })

  it('[MQTT-3.12.4-1] of which PINGREQ says that it is none is answered by PINGRESP', async () => {
    const client = await mqtt.signedIn()
    for (let count = 0; count < 3; count += 1) {
      client.send(PINGREQ)
      expect((await client.next(PINGRESP))?.body).toEqual(Buffer.alloc(0))
    }
  })
})

describe('a network', () => {
  it('[MQTT-7.0.0-2] [MQTT-7.1.1-1] of TCP is enough, in pieces of one byte too, for MQTT 3.1.1 and 3.1', async () => {
    for (const level of [3, 4]) {
      const client = await mqtt.open()
      const { password } = mqtt.device
      for (const byte of connectPacket({ clientId: 'p-1', username: 'p-1', password, level })) {
        client.send(Buffer.from([byte]))
        await new Promise((done) => setImmediate(done))
      }
      expect((await client.next(CONNACK))?.body).toEqual(Buffer.from([0, 0]))
    }
  })
})
