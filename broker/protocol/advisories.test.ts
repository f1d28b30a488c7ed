// What other brokers were brought down or opened by, and what Aedes once was: each advisory by its name, over raw sockets.

import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DeviceCredentials } from '../../runtime/devices.ts'
import { removeDevice } from '../../runtime/devices.ts'
import { logFolder } from '../../runtime/log/segment.ts'
import { registryPath } from '../../runtime/registry.ts'
import { commandFaults } from '../log/test/commanded-faults.ts'
import {
  CONNACK,
  connectPacket,
  number,
  PUBACK,
  PUBCOMP,
  PUBREC,
  packet,
  publishPacket,
  pubrelPacket,
  RawClient,
  SUBACK,
  subscribePacket,
  text,
  UNSUBACK,
  unsubscribePacket,
} from '../test/raw-client.ts'
import {
  type KillableBroker,
  startKillableBroker,
  startTestBroker,
  type TestBroker,
} from '../test/running-broker.ts'
import { until } from '../test/until.ts'
import { clauseBroker, topic } from './clause-broker.ts'

const mqtt = clauseBroker()

describe('GHSA-xxqp-5qx8-gj5q, Aedes: a topic of 101 levels ended the process', () => {
  const deep = `${'a/'.repeat(100)}a`

  it.each([
    ['PUBLISH', publishPacket(deep, '{}')],
    ['SUBSCRIBE', subscribePacket([deep])],
    ['UNSUBSCRIBE', unsubscribePacket([deep])],
  ])('%s of it closes, and the broker serves on', async (_what, bytes) => {
    const client = await mqtt.signedIn()
    client.send(bytes)
    expect(await client.closes()).toBe(true)
    await mqtt.serves()
  })

  it('a will of it is refused', async () => {
    expect((await mqtt.answered({ will: { topic: deep, payload: 'x' } })).connack).toEqual(
      Buffer.from([0, 5]),
    )
    await mqtt.serves()
  })
})

describe('GHSA-52qw-whmv-87c5, Aedes: names that every object has', () => {
  it.each(['__proto__', 'constructor', 'toString'])('%s as client id and name is nobody', async (name) => {
    for (const more of [{ clientId: name }, { username: name, clientId: name }]) {
      const { connack } = await mqtt.answered(more)
      expect([2, 4]).toContain(connack?.[1])
    }
    await mqtt.serves()
  })

  it('a device may be called constructor, and its client __proto__: they publish, subscribe, and have sessions', async () => {
    const device = await mqtt.broker.device('constructor')
    for (const clientId of ['constructor', 'constructor:__proto__', 'constructor:constructor']) {
      const more = { clientId, username: 'constructor', password: device.password, clean: false }
      await until(async () => (await mqtt.answered(more)).connack?.[1] === 0)
      const client = await mqtt.signedIn(more)
      client.send(
        subscribePacket([topic('config', 'constructor')]),
        publishPacket(topic('event', 'constructor'), '{}'),
      )
      expect(await client.next(SUBACK)).not.toBeNull()
      expect(await client.next(PUBACK)).not.toBeNull()
      client.send(unsubscribePacket(['__proto__', 'constructor']))
      expect(await client.next(UNSUBACK)).not.toBeNull()
    }
    await mqtt.serves()
  })

  it('filters and topics of such names are refused', async () => {
    for (const bytes of [subscribePacket(['__proto__']), publishPacket('__proto__/constructor', '{}')]) {
      const client = await mqtt.signedIn()
      client.send(bytes)
      expect(await client.closes()).toBe(true)
    }
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined()
    await mqtt.serves()
  })
})

describe('Aedes issue 612, mqtt-packet pull request 107, NSWG-ECO-500: reading behind the end of a packet', () => {
  it('the bytes of the report close, and the broker serves on', async () => {
    const client = await mqtt.open()
    client.send(Buffer.from('101000044d5154540502003c0321001400006202d301e0020020', 'hex'))
    expect(await client.closes()).toBe(true)
    await mqtt.serves()
  })

  it('each packet that is cut off at any byte and has a length that fits is no harm', async () => {
    const packets = [
      publishPacket(topic('event'), '{}', { qos: 2 }),
      subscribePacket([topic('config'), topic('reply')]),
      unsubscribePacket([topic('config'), topic('reply')]),
      pubrelPacket(1),
    ]
    for (const bytes of packets) {
      const body = bytes.subarray(2)
      await Promise.all(
        Array.from({ length: body.length }, async (_, length) => {
          const client = await mqtt.signedIn({ clientId: `p-1:${length}` })
          client.send(packet(bytes[0] ?? 0, body.subarray(0, length)))
          client.socket.end()
          expect(await client.closes()).toBe(true)
        }),
      )
    }
    await mqtt.serves()
  })
})

describe('CVE-2024-48080 Aedes, CVE-2021-34432 and CVE-2018-12543 Mosquitto: filters and topics that are none', () => {
  it('many #, an empty topic, and topics that begin with $ close, and the broker serves on', async () => {
    const all = [
      ...['#/#', 'a/#/b/#', '##', '#/', ''].map((filter) => subscribePacket([filter])),
      ...['', '$', '$SYSx/a', '$SYS', '$share/a/b'].map((name) => publishPacket(name, '{}')),
      ...['$', '$SYSx/a', '$share/g'].map((filter) => subscribePacket([filter])),
      ...['#/#', 'a/#/b/#', ''].map((filter) => unsubscribePacket([filter])),
    ]
    for (const bytes of all) {
      const client = await mqtt.signedIn()
      client.send(bytes)
      expect([bytes.toString('latin1'), await client.closes()]).toEqual([bytes.toString('latin1'), true])
    }
    await mqtt.serves()
  })
})

describe('CVE-2021-28166, Mosquitto: a client that sends CONNACK', () => {
  it('every packet that only a server sends closes, signed in or not', async () => {
    for (const bytes of [
      packet(0x20, Buffer.from([0, 0])),
      packet(0x90, Buffer.concat([number(1), Buffer.from([0])])),
      packet(0xb0, number(1)),
      packet(0xd0, Buffer.alloc(0)),
    ]) {
      for (const client of [await mqtt.open(), await mqtt.signedIn()]) {
        client.send(bytes)
        expect(await client.closes()).toBe(true)
        expect(client.packets).toEqual([])
      }
    }
    await mqtt.serves()
  })
})

describe('Mosquitto 2.0.12, CVE-2026-8741 EMQX: QoS 2 that is not finished', () => {
  it('of a device that is removed between PUBLISH and PUBREL: it is closed, and its PUBREL finds nothing', async () => {
    const device = await mqtt.broker.device('revoked')
    const more = { clientId: 'revoked', username: 'revoked', password: device.password, clean: false }
    await until(async () => (await mqtt.answered(more)).connack?.[1] === 0)
    const client = await mqtt.signedIn(more)
    client.send(publishPacket(topic('event', 'revoked'), '{"n":"revoked"}', { qos: 2, id: 3 }))
    expect(await client.next(PUBREC)).not.toBeNull()
    await removeDevice(mqtt.broker.dataFolder, 'revoked')
    expect(await client.closes()).toBe(true)
    expect((await mqtt.answered(more)).connack).toEqual(Buffer.from([0, 4]))
  })

  it('that is sent again while the disk holds the first is answered when that is on disk, and kept once', async () => {
    const slow = await startTestBroker({}, { isFaulty: true })
    try {
      const device = await slow.device('slow')
      const client = await signedIn(slow, device)
      commandFaults(logFolder(slow.dataFolder), { syncMs: 500 })
      const twice = publishPacket(topic('event', 'slow'), '{}', { qos: 2, id: 4 })
      client.send(twice)
      client.send(twice)
      const begin = performance.now()
      expect(await client.next(PUBREC)).not.toBeNull()
      expect(performance.now() - begin).toBeGreaterThan(400)
      expect(await client.next(PUBREC)).not.toBeNull()
      client.send(pubrelPacket(4))
      expect(await client.next(PUBCOMP)).not.toBeNull()
      expect(await slow.messages()).toHaveLength(1)
      client.end()
    } finally {
      await slow.dispose()
    }
  })
})

describe('CVE-2018-12550 and -12551, Mosquitto: a list of rights that is empty', () => {
  it('with a registry that is empty, blank or half written nobody gets in, who was in stays, and no broker starts', async () => {
    const listed = await startTestBroker()
    try {
      const device = await listed.device('l-1')
      const client = await signedIn(listed, device)
      for (const damaged of ['', ' \n\n', '{"version":1,"devices":[{"id":"l-1","ki', '{}']) {
        writeFileSync(registryPath(listed.dataFolder), damaged)
        // It is noticed, or not, within this.
        await sleep(200)
        expect((await answer(listed, { clientId: 'x', username: 'x', password: 'x' }))?.[1]).toBe(4)
        expect((await answer(listed, { clientId: '', username: '', password: '' }))?.[1]).toBe(4)
        client.send(publishPacket(topic('event', 'l-1'), '{}'))
        expect(await client.next(PUBACK)).not.toBeNull()
      }
      client.end()
      await listed.stop()
      await expect(listed.restart()).rejects.toThrow(/registry\.json/)
    } finally {
      await listed.dispose()
    }
  })
})

describe('memory that a stranger can take', () => {
  let broker: KillableBroker
  let device: DeviceCredentials
  beforeAll(async () => {
    broker = await startKillableBroker()
    device = await broker.device('m-1')
    ;(await signedIn(broker, device)).end()
  })
  afterAll(async () => broker.dispose())
  const MIB = 1_048_576

  it('CVE-2023-0809 Mosquitto, fault 25: 200 first packets that promise 256 MiB close at once and take less than 10 MiB', async () => {
    const before = broker.residentBytes()
    const clients = await Promise.all(
      Array.from({ length: 200 }, () => RawClient.open({ port: broker.port })),
    )
    for (const [index, client] of clients.entries()) {
      client.send(Buffer.from([index % 2 === 0 ? 0x10 : 0x30, 0xff, 0xff, 0xff, 0x7f, 0]))
    }
    for (const client of clients) expect(await client.closes()).toBe(true)
    expect(broker.residentBytes() - before).toBeLessThan(10 * MIB)
  })

  it('CVE-2023-28366 Mosquitto: one QoS 2 message 100,000 times, its PUBREC never answered, is kept once and takes no memory', async () => {
    const client = await signedIn(broker, device)
    const once = publishPacket(topic('event', 'm-1'), '{"n":"again"}', { qos: 2, id: 9 })
    const thousand = Buffer.concat(Array.from({ length: 1_000 }, () => once))
    const sendThousand = async (): Promise<void> => {
      const { length } = client.packets
      client.send(thousand)
      await until(() => client.packets.length === length + 1_000)
      client.packets.length = 0
    }
    for (let count = 0; count < 20; count += 1) await sendThousand()
    const before = broker.residentBytes()
    for (let count = 0; count < 80; count += 1) await sendThousand()
    expect(broker.residentBytes() - before).toBeLessThan(20 * MIB)
    expect(await broker.messages()).toHaveLength(1)
    client.end()
  })

  it('CVE-2023-3592 and CVE-2021-34431 Mosquitto: a CONNECT of MQTT 5 with many properties is refused and takes no memory', async () => {
    const property = Buffer.concat([Buffer.from([0x26]), text('k'), text('v')])
    const withProperties = (count: number): Buffer => {
      const properties = Buffer.concat(Array.from({ length: count }, () => property))
      const length = packet(0, properties).subarray(1)
      return packet(0x10, Buffer.concat([text('MQTT'), Buffer.from([5, 2]), number(60), length, text('m-1')]))
    }
    const refused = async (count: number): Promise<void> => {
      const client = await RawClient.open({ port: broker.port })
      client.send(withProperties(count))
      // Above 16 KiB it is closed at its fixed header, before anything of it is read.
      if (count < 2_000) expect((await client.next(CONNACK))?.body).toEqual(Buffer.from([0, 1]))
      expect(await client.closes()).toBe(true)
    }
    for (let times = 0; times < 40; times += 1) await refused(times % 2 === 0 ? 1_500 : 10_000)
    const before = broker.residentBytes()
    for (let times = 0; times < 120; times += 1) await refused(times % 2 === 0 ? 1_500 : 10_000)
    expect(broker.residentBytes() - before).toBeLessThan(20 * MIB)
  })
})

async function answer(broker: TestBroker, who: Parameters<typeof connectPacket>[0]): Promise<Buffer | null> {
  const client = await RawClient.open({ port: broker.port })
  client.send(connectPacket(who))
  const connack = await client.next(CONNACK)
  client.end()
  return connack?.body ?? null
}

async function signedIn(broker: TestBroker, { username, password }: DeviceCredentials): Promise<RawClient> {
  const who = { clientId: username, username, password }
  await until(async () => (await answer(broker, who))?.[1] === 0)
  const client = await RawClient.open({ port: broker.port })
  client.send(connectPacket(who))
  expect((await client.next(CONNACK))?.body[1]).toBe(0)
  return client
}
