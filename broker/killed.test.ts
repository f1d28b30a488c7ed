// kill -9 of the broker's own process: what it answered for is on disk, and it comes back as it was.

import { setTimeout as sleep } from 'node:timers/promises'
import type { MqttClient } from 'mqtt'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DeviceCredentials } from '../runtime/devices.ts'
import { letIn } from './test/let-in.ts'
import { CONNACK, connectPacket, RawClient, SUBACK, subscribePacket } from './test/raw-client.ts'
import { type KillableBroker, startKillableBroker } from './test/running-broker.ts'
import { until } from './test/until.ts'

let broker: KillableBroker
let device: DeviceCredentials

beforeEach(async () => {
  broker = await startKillableBroker()
  device = await letIn(broker, 'k-1')
})
afterEach(async () => broker.dispose())

/** Publishes without end; the numbers that were acknowledged. */
function publishOn(client: MqttClient, begin: number): Set<number> {
  const acknowledged = new Set<number>()
  let next = begin
  const one = (): void => {
    const number = next
    next += 1
    client.publish(`${device.topicPrefix}/reading`, String(number), { qos: 1 }, (error) => {
      if (error) return
      acknowledged.add(number)
      if (client.connected) one()
    })
  }
  for (let first = 0; first < 20; first += 1) one()
  return acknowledged
}

async function logged(): Promise<Set<number>> {
  return new Set((await broker.messages()).map(({ payload }) => Number(Buffer.from(payload).toString())))
}

describe('a broker that is killed', () => {
  it('has everything that it acknowledged, at once and after it came back, and counts no less', async () => {
    const all = new Set<number>()
    for (let round = 0; round < 5; round += 1) {
      const client = await broker.connect(device)
      const acknowledged = publishOn(client, round * 1_000_000)
      await sleep(150 + 50 * round)
      // Also where the machine is busy.
      await until(() => acknowledged.size > 100, 10_000)
      const before = await broker.status()
      await broker.kill()
      await client.endAsync(true)
      for (const number of acknowledged) all.add(number)
      const inLog = await logged()
      expect([...all].filter((number) => !inLog.has(number))).toEqual([])
      await broker.restart()
      const after = await broker.status()
      const messages = await broker.messages()
      expect(after.received).toBe(messages.length)
      expect(after.acknowledged).toBe(messages.length)
      expect(after.received).toBeGreaterThanOrEqual(before.received)
      expect(after.acknowledged).toBeGreaterThanOrEqual(all.size)
    }
    expect(all.size).toBeGreaterThan(500)
  })

  it('still has retained statuses, those that it heard a moment before included', async () => {
    const client = await broker.connect(device)
    await client.publishAsync(`${device.topicPrefix}/status`, 'online', { qos: 1, retain: true })
    await broker.kill()
    await broker.restart()
    const { name, token } = await broker.staff('ani', 'environment')
    const heard: string[] = []
    await until(async () => {
      try {
        const staff = await broker.connect({ ...device, username: name, password: token })
        staff.on('message', (topic, payload, { retain }) => heard.push(`${topic} ${payload} ${retain}`))
        await staff.subscribeAsync('pantau/cideng/#')
        return true
      } catch {
        return false
      }
    })
    await until(() => heard.length > 0)
    expect(heard).toEqual([`${device.topicPrefix}/status online true`])
  })

  it('still has the sessions whose SUBACK it sent', async () => {
    const first = await RawClient.open({ port: broker.port })
    const connect = connectPacket({
      clientId: 'k-1',
      username: 'k-1',
      password: device.password,
      clean: false,
    })
    first.send(connect, subscribePacket([`${device.topicPrefix}/config`]))
    expect(await first.next(SUBACK)).not.toBeNull()
    await broker.kill()
    await broker.restart()
    const again = await RawClient.open({ port: broker.port })
    again.send(connect)
    expect((await again.next(CONNACK))?.body).toEqual(Buffer.from([1, 0]))
    again.end()
  })

  it('counts what it refused no less than it said', async () => {
    const client = await RawClient.open({ port: broker.port })
    client.send(connectPacket({ clientId: 'k-1', username: 'k-1', password: 'wrong' }))
    await client.closes()
    await until(async () => (await broker.status()).refused['credentials'] === 1)
    await broker.kill()
    await broker.restart()
    expect((await broker.status()).refused['credentials']).toBe(1)
  })
})

describe('a broker that is told to stop', () => {
  it('under load ends with 0 within five seconds, says so in the log, and leaves last wills unsaid', async () => {
    const will = { topic: `${device.topicPrefix}/status`, payload: Buffer.from('offline'), qos: 1 as const }
    const client = await broker.connect(device, { will })
    const acknowledged = publishOn(client, 0)
    await sleep(200)
    const begin = performance.now()
    expect(await broker.terminate()).toBe(0)
    expect(performance.now() - begin).toBeLessThan(5_000)
    await client.endAsync(true)
    const inLog = await logged()
    expect([...acknowledged].filter((number) => !inLog.has(number))).toEqual([])
    const records = await broker.records()
    expect(records.at(0)?.type).toBe('listening')
    expect(records.at(-1)?.type).toBe('stopped')
    expect((await broker.messages()).filter(({ will: isWill }) => isWill)).toEqual([])
    await broker.restart()
    expect((await broker.records()).at(-1)?.type).toBe('listening')
    expect((await broker.status()).received).toBe((await broker.messages()).length)
  })
})
