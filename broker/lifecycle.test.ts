import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DeviceCredentials, removeDevice, rotateDevice } from '../runtime/devices.ts'
import { writeFileAtomic } from '../runtime/files.ts'
import { logFolder, segmentPath } from '../runtime/log/segment.ts'
import {
  CONNACK,
  connectPacket,
  DISCONNECT,
  PINGREQ,
  PINGRESP,
  PUBACK,
  PUBLISH,
  packet,
  publishPacket,
  RawClient,
  SUBACK,
  subscribePacket,
} from './test/raw-client.ts'
import { type Message, startTestBroker, type TestBroker, VILLAGE } from './test/running-broker.ts'
import { until } from './test/until.ts'

let broker: TestBroker
let reader: MqttClient
const heard: string[] = []
let count = 0

beforeAll(async () => {
  broker = await startTestBroker()
  const { name, token } = await broker.staff('reader', 'environment')
  await seen(async () => {
    reader = await broker.connect({ username: name, password: token } as DeviceCredentials)
  })
  reader.on('message', (topic, payload, { retain }) => heard.push(`${topic} ${payload} ${retain}`))
  await reader.subscribeAsync(`pantau/${VILLAGE}/#`, { qos: 1 })
})
afterAll(async () => broker.dispose())

/** The registry is noticed within a second. */
async function seen(work: () => Promise<void>): Promise<void> {
  await until(async () => {
    try {
      await work()
      return true
    } catch {
      return false
    }
  })
}

async function newDevice(): Promise<DeviceCredentials> {
  count += 1
  const device = await broker.device(`d-${count}`)
  await seen(async () => (await broker.connect(device)).endAsync())
  return device
}

const will = (device: DeviceCredentials) =>
  ({ topic: `${device.topicPrefix}/status`, payload: 'offline', qos: 1, retain: true }) as const

async function raw(device: DeviceCredentials, options: object = {}): Promise<RawClient> {
  const client = await RawClient.open({ port: broker.port })
  client.send(
    connectPacket({
      clientId: device.username,
      username: device.username,
      password: device.password,
      ...options,
    }),
  )
  expect((await client.next(CONNACK))?.body[1]).toBe(0)
  return client
}

async function statusesOf(device: DeviceCredentials): Promise<Message[]> {
  return (await broker.messages()).filter(({ topic }) => topic === `${device.topicPrefix}/status`)
}

const text = ({ payload }: Message): string => Buffer.from(payload).toString()

/** What a newcomer is told of the device's status. */
async function retainedStatus(device: DeviceCredentials): Promise<string | null> {
  const from = heard.length
  const topic = `${device.topicPrefix}/status`
  await reader.subscribeAsync(topic, { qos: 1 })
  await reader.unsubscribeAsync(topic)
  await sleep(100)
  const line = heard.slice(from).find((other) => other.startsWith(`${topic} `) && other.endsWith(' true'))
  return line?.split(' ')[1] ?? null
}

describe('a last will', () => {
  it.each(['cut off', 'with subscriptions cut off', 'reset'])(
    'of a connection that is %s is in the log, marked',
    async (how) => {
      const device = await newDevice()
      const client = await raw(device, { will: will(device) })
      if (how.startsWith('with')) {
        client.send(subscribePacket([`${device.topicPrefix}/config`]))
        await client.next(SUBACK)
      }
      if (how === 'reset') client.socket.resetAndDestroy()
      else client.end()
      await until(async () => (await statusesOf(device)).length === 1)
      const [record] = await statusesOf(device)
      expect(record).toMatchObject({ client: device.id, will: true, retain: true, qos: 1 })
      expect(record === undefined ? '' : text(record)).toBe('offline')
      await until(() => heard.includes(`${device.topicPrefix}/status offline false`))
      expect(await retainedStatus(device)).toBe('offline')
    },
  )

  it('of a client that is silent for one and a half times its keep-alive is in the log', async () => {
    const device = await newDevice()
    const client = await raw(device, { will: will(device), keepalive: 1 })
    expect(await client.closes(4_000)).toBe(true)
    await until(async () => (await statusesOf(device)).length === 1)
    expect((await statusesOf(device))[0]).toMatchObject({ will: true })
  })

  it('of a client that breaks its rights is in the log', async () => {
    const device = await newDevice()
    const client = await raw(device, { will: will(device) })
    client.send(publishPacket('pantau/cideng/sensor/other/reading', '{}'))
    await until(async () => (await statusesOf(device)).length === 1)
    expect(client.packets).toEqual([])
  })

  it('is gone after DISCONNECT', async () => {
    const device = await newDevice()
    const client = await raw(device, { will: will(device) })
    client.send(DISCONNECT)
    expect(await client.closes()).toBe(true)
    await sleep(100)
    expect(await statusesOf(device)).toEqual([])
  })

  it('of a connection that is taken over comes before what the new one says', async () => {
    const device = await newDevice()
    const first = await raw(device, { will: will(device) })
    const second = await raw(device, { will: will(device) })
    expect(await first.closes()).toBe(true)
    second.send(publishPacket(`${device.topicPrefix}/status`, 'online', { retain: true }))
    await second.next(PUBACK)
    expect((await statusesOf(device)).map(text)).toEqual(['offline', 'online'])
    expect(await retainedStatus(device)).toBe('online')
    second.send(DISCONNECT)
  })
})

describe('client ids', () => {
  it('with different suffixes of one device are connected side by side', async () => {
    const device = await newDevice()
    const clients = await Promise.all(
      ['', ':a', ':b'].map((suffix) => raw(device, { clientId: `${device.id}${suffix}` })),
    )
    for (const client of clients) {
      client.send(PINGREQ)
      expect(await client.next(PINGRESP)).not.toBeNull()
      client.send(DISCONNECT)
    }
  })
})

describe('a status', () => {
  it('that is neither online nor offline is kept in the log and not retained', async () => {
    const device = await newDevice()
    const client = await broker.connect(device)
    const publish = (payload: string) =>
      client.publishAsync(`${device.topicPrefix}/status`, payload, { qos: 1, retain: true })
    await publish('online')
    await publish('maybe')
    expect((await statusesOf(device)).map(text)).toEqual(['online', 'maybe'])
    expect(await retainedStatus(device)).toBe('online')
    await publish('')
    expect(await retainedStatus(device)).toBeNull()
  })
})

describe('a device that is', () => {
  it.each(['removed', 'rotated'])(
    '%s while connected is closed within two seconds, and nothing of it is left',
    async (how) => {
      const device = await newDevice()
      const client = await raw(device, { will: will(device), clean: false })
      client.send(subscribePacket([`${device.topicPrefix}/config`]))
      await client.next(SUBACK)
      client.send(publishPacket(`${device.topicPrefix}/status`, 'online', { retain: true }))
      await client.next(PUBACK)
      expect(await retainedStatus(device)).toBe('online')
      let next = device
      if (how === 'removed') await removeDevice(broker.dataFolder, device.id)
      else next = await rotateDevice(broker.dataFolder, VILLAGE, device.id, 0)
      expect(await client.closes(2_000)).toBe(true)
      await sleep(100)
      expect((await statusesOf(device)).map(text)).toEqual(['online'])
      expect(await retainedStatus(device)).toBeNull()
      if (how === 'removed') return
      const again = await RawClient.open({ port: broker.port })
      const { username, password } = next
      again.send(connectPacket({ clientId: username, username, password, clean: false }))
      // Signed in, session present 0.
      expect((await again.next(CONNACK))?.body).toEqual(Buffer.from([0, 0]))
      again.send(DISCONNECT)
    },
  )
})

describe('the settings of a device', () => {
  const configure = (configs: object): void =>
    writeFileAtomic(join(broker.dataFolder, 'device-config.json'), JSON.stringify(configs))

  it('are told to it, now and whenever it comes, and taken back', async () => {
    const device = await newDevice()
    const told: string[] = []
    const listen = async (): Promise<MqttClient> => {
      const client = await broker.connect(device)
      client.on('message', (_topic, payload, { retain }) => told.push(`${payload} ${retain}`))
      await client.subscribeAsync(`${device.topicPrefix}/config`, { qos: 1 })
      return client
    }
    const first = await listen()
    configure({ [device.id]: { every_s: 30 }, nobody: {} })
    await until(() => told.length === 1)
    await first.endAsync()
    const second = await listen()
    await until(() => told.length === 2)
    configure({})
    await until(() => told.length === 3)
    expect(told).toEqual(['{"every_s":30} false', '{"every_s":30} true', ' false'])
    await second.endAsync()
  })

  it('that were given while it was away wait for it, over a restart of the broker, and come once', async () => {
    const device = await newDevice()
    const connect = async (): Promise<RawClient> => {
      const client = await RawClient.open({ port: broker.port })
      const { username, password } = device
      client.send(connectPacket({ clientId: username, username, password, clean: false }))
      return client
    }
    const first = await connect()
    first.send(subscribePacket([`${device.topicPrefix}/config`]))
    await first.next(SUBACK)
    first.send(DISCONNECT)
    await first.closes()
    for (const every of [10, 20]) {
      configure({ [device.id]: { every_s: every } })
      await until(() => readFileSync(join(broker.dataFolder, 'broker.json'), 'utf8').includes(base64(every)))
    }
    await broker.stop()
    await broker.restart()
    const second = await connect()
    // Session present 1.
    expect((await second.next(CONNACK))?.body).toEqual(Buffer.from([1, 0]))
    for (const every of [10, 20]) {
      const { body = Buffer.alloc(0) } = (await second.next(PUBLISH)) ?? {}
      const topicLength = body.readUInt16BE(0)
      expect(body.toString('utf8', 2 + topicLength + 2)).toBe(`{"every_s":${every}}`)
      second.send(packet(0x40, body.subarray(2 + topicLength, 2 + topicLength + 2)))
    }
    second.send(PINGREQ)
    await second.next(PINGRESP)
    second.send(DISCONNECT)
    await second.closes()
    const third = await connect()
    await third.next(CONNACK)
    expect(await third.next(PUBLISH, 200)).toBeNull()
    third.end()
  })

  const base64 = (every: number): string => Buffer.from(`{"every_s":${every}}`).toString('base64')
})

describe('a second broker on the same data folder', () => {
  it('does not start, and does not touch the log', async () => {
    const before = readFileSync(segmentPath(logFolder(broker.dataFolder), 1))
    await expect(broker.restart()).rejects.toThrow('is served by another running Pantau')
    expect(readFileSync(segmentPath(logFolder(broker.dataFolder), 1))).toEqual(before)
    const client = await broker.connect(await newDevice())
    await client.publishAsync(`pantau/${VILLAGE}/sensor/d-${count}/event`, '{}', { qos: 1 })
  })
})
