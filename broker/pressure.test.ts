// Too much, too slow, too full: what gives way is who asks for it, and nobody else.

import { once } from 'node:events'
import { join } from 'node:path'
import type { MqttClient } from 'mqtt'
import { afterEach, describe, expect, it } from 'vitest'
import type { DeviceCredentials } from '../runtime/devices.ts'
import { logFolder } from '../runtime/log/segment.ts'
import { commandFaults } from './log/test/commanded-faults.ts'
import { letIn } from './test/let-in.ts'
import {
  CONNACK,
  connectPacket,
  PINGREQ,
  PINGRESP,
  PUBACK,
  publishPacket,
  RawClient,
  SUBACK,
  subscribePacket,
} from './test/raw-client.ts'
import { startTestBroker, type TestBroker } from './test/running-broker.ts'
import { until } from './test/until.ts'

let broker: TestBroker
afterEach(async () => broker.dispose())

const registered = (id: string): Promise<DeviceCredentials> => letIn(broker, id)

async function rawOf(device: DeviceCredentials, keepalive = 60): Promise<RawClient> {
  const raw = await RawClient.open({ port: broker.port })
  const { username, password } = device
  raw.send(connectPacket({ clientId: username, username, password, keepalive }))
  expect((await raw.next(CONNACK))?.body[1]).toBe(0)
  return raw
}

describe('a device that is faster than its share', () => {
  it('is slowed down to it after a burst of ten seconds, and nothing is dropped', async () => {
    broker = await startTestBroker({ PANTAU_LIMIT_RATE: '50' })
    const device = await registered('fast')
    const raw = await rawOf(device, 1)
    const topic = `${device.topicPrefix}/reading`
    const begin = performance.now()
    for (let id = 1; id <= 600; id += 1) raw.send(publishPacket(topic, String(id), { id }))
    // 500 at once, the others at 50 a second: its keep-alive of 1 s is no reason to close it, since it is we who do not read.
    await until(() => raw.packets.length === 600)
    const tookMs = performance.now() - begin
    expect(tookMs).toBeGreaterThan(1_900)
    expect(raw.packets.every(({ type }) => type === PUBACK)).toBe(true)
    expect(raw.isClosed).toBe(false)
    const payloads = (await broker.messages()).map(({ payload }) => Buffer.from(payload).toString())
    expect(payloads).toEqual(Array.from({ length: 600 }, (_, index) => String(index + 1)))
    raw.end()
  })

  it('holds up no other', async () => {
    broker = await startTestBroker({ PANTAU_LIMIT_RATE: '10' })
    const [fast, other] = [await registered('fast'), await registered('other')]
    const raw = await rawOf(fast)
    for (let id = 1; id <= 300; id += 1) raw.send(publishPacket(`${fast.topicPrefix}/event`, '{}', { id }))
    const client = await broker.connect(other)
    await client.publishAsync(`${other.topicPrefix}/event`, '{}', { qos: 1 })
    expect((await broker.messages()).filter(({ client: id }) => id === 'fast').length).toBeLessThan(300)
    raw.end()
  })
})

describe('a subscriber that does not read', () => {
  it('is closed and counted, while publishers go on', async () => {
    broker = await startTestBroker()
    const device = await registered('d-1')
    const { name, token } = await broker.staff('frozen', 'environment')
    const frozen = await until(async () => {
      const client = await RawClient.open({ port: broker.port })
      client.send(connectPacket({ clientId: name, username: name, password: token }))
      return (await client.next(CONNACK))?.body[1] === 0
    }).then(() => RawClient.open({ port: broker.port }))
    frozen.send(connectPacket({ clientId: name, username: name, password: token }))
    await frozen.next(CONNACK)
    frozen.send(subscribePacket(['pantau/cideng/#'], { qos: 0 }))
    await frozen.next(SUBACK)
    frozen.socket.pause()
    const client = await broker.connect(device)
    let longestMs = 0
    for (let index = 0; index < 400; index += 1) {
      const begin = performance.now()
      await client.publishAsync(`${device.topicPrefix}/reading`, 'x'.repeat(50_000), { qos: 1 })
      longestMs = Math.max(longestMs, performance.now() - begin)
    }
    // Aedes alone holds a publisher up until its drain time-out of 10 s.
    expect(longestMs).toBeLessThan(5_000)
    await until(async () => (await broker.status()).refused['slow_subscriber'] === 1)
    // The kernel does not keep for it what it was sent either: a reset is known to whoever writes, an end behind unread bytes is not.
    const reset = once(frozen.socket, 'error')
    frozen.send(PINGREQ)
    expect(await reset).toMatchObject([{ code: expect.stringMatching(/^(ECONNRESET|EPIPE)$/) }])
    expect(await frozen.closes()).toBe(true)
    expect((await broker.status()).clients).toBe(1)
  })
})

describe('a disk', () => {
  const faults = (value: Parameters<typeof commandFaults>[1]): void =>
    commandFaults(logFolder(broker.dataFolder), value)

  async function closed(client: MqttClient): Promise<void> {
    await until(() => !client.connected)
  }

  it.each([
    ['that is full', { fail: { write: 'ENOSPC' } }, 'disk_full'],
    // What is filled ahead needs no room, so that a lack of it is seen within a second.
    ['with less than the reserve', { free: 1 }, 'disk_full', 3_000],
    ['whose sync fails', { fail: { sync: 'EIO' } }, 'disk_error'],
    ['that is read-only', { fail: { write: 'EROFS', create: 'EROFS' } }, 'disk_error'],
  ])(
    '%s: nothing is acknowledged, the publisher is closed and counted, and all is well when it is',
    async (_what, fault, reason, seenWithinMs = 0) => {
      broker = await startTestBroker({}, { isFaulty: true })
      const device = await registered('d-1')
      const raw = await rawOf(device)
      faults(fault)
      if (seenWithinMs > 0) await until(async () => !(await broker.status()).accepting, seenWithinMs)
      raw.send(publishPacket(`${device.topicPrefix}/reading`, 'lost', { id: 9 }))
      expect(await raw.closes()).toBe(true)
      expect(raw.packets).toEqual([])
      await until(async () => ((await broker.status()).refused[reason] ?? 0) > 0)
      expect((await broker.status()).accepting).toBe(false)
      // QoS 0 is closed as well: nothing is taken in silence.
      const client = await broker.connect(device)
      client.publish(`${device.topicPrefix}/reading`, 'lost', { qos: 0 })
      await closed(client)
      faults({})
      await until(async () => (await broker.status()).accepting, 5_000)
      const again = await broker.connect(device)
      await again.publishAsync(`${device.topicPrefix}/reading`, 'kept', { qos: 1 })
      const kept = (await broker.messages()).map(({ payload }) => Buffer.from(payload).toString())
      expect(kept).toEqual(['kept'])
    },
  )

  it('that is slow: the answer is late, not lost, and not early', async () => {
    broker = await startTestBroker({}, { isFaulty: true })
    const device = await registered('d-1')
    const client = await broker.connect(device)
    faults({ syncMs: 1_500 })
    let isAnswered = false
    const answered = client.publishAsync(`${device.topicPrefix}/reading`, '{}', { qos: 1 }).then(() => {
      isAnswered = true
    })
    await until(async () =>
      (await broker.status()).detail.includes('the disk has not finished a write for 1 s'),
    )
    expect(isAnswered).toBe(false)
    await answered
    expect(await broker.messages()).toHaveLength(1)
  })

  it('that is slow: QoS 0 does not wait', async () => {
    broker = await startTestBroker({}, { isFaulty: true })
    const device = await registered('d-1')
    const raw = await rawOf(device)
    faults({ syncMs: 1_000 })
    raw.send(publishPacket(`${device.topicPrefix}/reading`, '{}', { qos: 0 }), PINGREQ)
    const begin = performance.now()
    expect(await raw.next(PINGRESP)).not.toBeNull()
    expect(performance.now() - begin).toBeLessThan(900)
    await until(async () => (await broker.messages()).length === 1)
    raw.end()
  })

  it('that has no room at the start: the broker listens and refuses, and begins when there is', async () => {
    broker = await startTestBroker({}, { isFaulty: true })
    const device = await registered('d-1')
    await broker.stop()
    faults({ free: 1 })
    await broker.restart()
    expect((await broker.status()).accepting).toBe(false)
    faults({})
    await until(async () => (await broker.status()).accepting, 5_000)
    const client = await broker.connect(device)
    await client.publishAsync(`${device.topicPrefix}/reading`, '{}', { qos: 1 })
    await until(async () => (await broker.records()).filter(({ type }) => type === 'listening').length === 2)
    expect(join(broker.dataFolder, 'log')).toBe(logFolder(broker.dataFolder))
  })
})
