import type { MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DeviceCredentials } from '../runtime/devices.ts'
import { startTestBroker, type TestBroker } from './test/running-broker.ts'
import { until } from './test/until.ts'

describe('a publish', () => {
  let broker: TestBroker
  let device: DeviceCredentials
  let client: MqttClient

  beforeAll(async () => {
    broker = await startTestBroker()
    device = await broker.device('s-1')
    client = await broker.connect(device)
  })
  afterAll(async () => broker.dispose())

  it.each([0, 1, 2] as const)('at QoS %i is in the log as it was sent', async (qos) => {
    const before = (await broker.messages()).length
    await client.publishAsync(`${device.topicPrefix}/reading`, `{"values":{"pm2_5":${qos}}}`, { qos })
    await until(async () => (await broker.messages()).length === before + 1)
    const record = (await broker.messages()).at(-1)
    expect(record).toMatchObject({
      type: 'message',
      client: 's-1',
      topic: 'pantau/cideng/sensor/s-1/reading',
      qos,
      retain: false,
      dup: false,
      will: false,
    })
    expect(Buffer.from(record?.payload ?? []).toString()).toBe(`{"values":{"pm2_5":${qos}}}`)
  })

  it('is acknowledged in the order of publishing', async () => {
    const order: number[] = []
    await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        client
          .publishAsync(`${device.topicPrefix}/reading`, String(index), { qos: 1 })
          .then(() => order.push(index)),
      ),
    )
    expect(order).toEqual(Array.from({ length: 200 }, (_, index) => index))
    const payloads = (await broker.messages())
      .slice(-200)
      .map(({ payload }) => Buffer.from(payload).toString())
    expect(payloads).toEqual(order.map(String))
  })

  it('is counted', async () => {
    const before = await broker.status()
    await client.publishAsync(`${device.topicPrefix}/event`, '{}', { qos: 1 })
    const after = await broker.status()
    expect(after.received).toBe(before.received + 1)
    expect(after.acknowledged).toBe(before.acknowledged + 1)
    expect(after).toMatchObject({ accepting: true, clients: 1, logSegments: 1 })
  })
})
