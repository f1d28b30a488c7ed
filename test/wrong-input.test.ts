// What strangers, devices, programs and people send wrong, against one running village: each gets the answer that the contract
// and the catalogue of wrong input (reliability 10; its numbers are in the names) give it, and nobody else notices.

import { connect as connectTcp } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  CONNACK,
  connectPacket,
  publishPacket,
  RawClient,
  type RawConnect,
  SUBACK,
  subscribePacket,
} from '../broker/test/raw-client.ts'
import type { CountersAnswer, QuarantineAnswer } from '../contract/api-staff.ts'
import { type Credentials, startVillage, type TestVillage, until } from './village.ts'
import { wrongPayloads } from './wrong-payloads.ts'
import { wrongRequests } from './wrong-requests.suite.ts'

const now = Date.now()
const payloads = wrongPayloads(now)

let village: TestVillage
let air: Credentials
let bus: Credentials
let cookie = ''
/** Refusals that the broker has to count by the end. */
const refused: Record<string, number> = {}

beforeAll(async () => {
  village = await startVillage()
  cookie = await village.signIn()
  air = await village.addDevice('air-1', 'sensor')
  bus = await village.addDevice('bus-1', 'vehicle')
})

afterAll(async () => {
  await village?.dispose()
})

const counters = (): Promise<CountersAnswer> => village.get('/api/v1/counters', cookie)
const sum = (counts: object): number =>
  Object.values(counts).reduce((all: number, one: number) => all + one, 0)

describe('a message that cannot be taken', () => {
  let kept: QuarantineAnswer['messages'] = []
  let goodSent = 0

  beforeAll(async () => {
    const [airClient, busClient] = await Promise.all([village.connect(air), village.connect(bus)])
    for (const { payload, from, channel = 'reading' } of payloads) {
      const [client, prefix] = from === 'bus' ? [busClient, bus.topicPrefix] : [airClient, air.topicPrefix]
      // Resolves with PUBACK: what cannot be taken is acknowledged all the same.
      await client.publishAsync(`${prefix}/${channel}`, Buffer.from(payload), { qos: 1 })
    }
    const reading = (seq: number): object => ({ time: now - seq, seq, values: { pm2_5: seq } })
    const good = [
      '\ufeff{"values":{"bom":1}}',
      `{"__proto__":{"admin":true},"time":${now},"values":{"proto":1}}`,
      JSON.stringify([reading(1), { values: { pm2_5: 'bad of three' } }, reading(3)]),
      `{"time":${now},"values":{"twice":1},"values":{"twice":2}}`,
    ]
    goodSent = 5
    for (const payload of good)
      await airClient.publishAsync(`${air.topicPrefix}/reading`, payload, { qos: 1 })
    await airClient.publishAsync(
      `${air.topicPrefix}/reading`,
      JSON.stringify({ time: now, values: { kept: 1 } }),
      {
        qos: 1,
        retain: true,
      },
    )
    goodSent += 1
    await Promise.all([airClient.endAsync(), busClient.endAsync()])
    await until(async () => sum((await counters()).observations.quarantined) >= payloads.length + 1)
    await until(async () => (await counters()).lag_ms === 0)
    kept = (await village.get<QuarantineAnswer>('/api/v1/quarantine?limit=1000', cookie)).messages
  })

  it.each(payloads)(
    'row $row: $what goes to quarantine as $reason',
    ({ payload, from, channel, reason, words }) => {
      const prefix = from === 'bus' ? bus.topicPrefix : air.topicPrefix
      const start = Buffer.from(payload).toString('utf8').slice(0, 4_096)
      const found = kept.filter(
        (row) => row.payload === start && row.topic === `${prefix}/${channel ?? 'reading'}`,
      )
      expect(found.map((row) => row.reason)).toEqual([reason])
      for (const word of words) expect(found[0]?.detail).toContain(word)
      expect(found[0]?.device).toBe(from === 'bus' ? 'bus-1' : 'air-1')
    },
  )

  it('row 22: one bad of three is named by its index, the other two are stored', async () => {
    expect(kept.filter((row) => row.payload.includes('bad of three'))).toMatchObject([
      { reason: 'value_type', detail: expect.stringContaining('observation 1') },
    ])
    const { series } = await readings('pm2_5')
    expect(series[0]?.points.map(([, value]) => value)).toEqual([3, 1])
  })

  it('rows 4, 6, 7: a byte order mark and unknown members are passed over, the last of two members stands', async () => {
    const { series } = await readings('bom,proto,twice')
    expect(Object.fromEntries(series.map(({ metric, points }) => [metric, points[0]?.[1]]))).toEqual({
      bom: 1,
      proto: 1,
      twice: 2,
    })
  })

  it('row 35: a reading with the retain flag is stored and not retained', async () => {
    expect((await readings('kept')).series[0]?.points).toHaveLength(1)
    const staff = await staffClient()
    const got: string[] = []
    staff.on('message', (topic) => got.push(topic))
    await staff.subscribeAsync(`${air.topicPrefix}/reading`)
    await sleep(300)
    expect(got).toEqual([])
    await staff.endAsync()
  })

  it('is counted by reason, and the counters add up', async () => {
    const expected: Record<string, number> = { value_type: 1 }
    for (const { reason } of payloads) expected[reason] = (expected[reason] ?? 0) + 1
    const { observations, messages } = await counters()
    expect(observations.quarantined).toEqual(expected)
    expect(observations.received).toBe(observations.taken + sum(observations.quarantined))
    // The status that each connection leaves is no observation.
    expect(observations.taken).toBe(goodSent)
    expect(messages.acknowledged).toBe(messages.received)
  })
})

interface Readings {
  readonly series: readonly {
    readonly metric: string
    readonly points: readonly (readonly [number, number])[]
  }[]
}

const readings = (metrics: string): Promise<Readings> =>
  village.get(`/api/v1/devices/air-1/readings?metric=${metrics}`, cookie)

async function staffClient() {
  const answer = await fetch(`${village.http}/api/v1/tokens`, {
    method: 'POST',
    headers: { cookie, 'content-type': 'application/json' },
    body: JSON.stringify({ name: `test-${Math.floor(performance.now())}`, role: 'admin' }),
  })
  const { token } = (await answer.json()) as { token: string }
  return village.connect({ ...air, username: 'admin', password: token })
}

async function rawClient(): Promise<RawClient> {
  return RawClient.open({ port: Number(new URL(village.mqtt).port), host: '127.0.0.1' })
}

const asAir = (more: Partial<RawConnect> = {}): RawConnect => ({
  clientId: 'air-1',
  username: 'air-1',
  password: air.password,
  ...more,
})

function count(reason: string | null): void {
  if (reason !== null) refused[reason] = (refused[reason] ?? 0) + 1
}

describe('a CONNECT', () => {
  const other = 'pantau/cideng/vehicle/bus-1/status'
  it.each<[string, Partial<RawConnect>, code: number | null, reason: string | null]>([
    ['row 37: with an empty user name', { username: '' }, 4, 'credentials'],
    ['row 37: with an empty password', { password: '' }, 4, 'credentials'],
    ['row 37: with the wrong password', { password: 'wrong' }, 4, 'credentials'],
    ["row 37: with another device's name", { username: 'bus-1', clientId: 'bus-1' }, 4, 'credentials'],
    ['row 37: of a device that nobody knows', { username: 'no-1', clientId: 'no-1' }, 4, 'credentials'],
    ["row 38: with another device's client id", { clientId: 'bus-1' }, 2, 'client_id'],
    ['row 38: without a client id', { clientId: '' }, 2, 'client_id'],
    ['row 40: of MQTT 5', { level: 5 }, 1, 'protocol'],
    ['without a keep-alive', { keepalive: 0 }, null, 'keepalive'],
    ['with a keep-alive of 1,201 s', { keepalive: 1_201 }, null, 'keepalive'],
    ["with a will to another's topic", { will: { topic: other, payload: 'offline' } }, 5, 'acl'],
  ])('%s is answered by %j-%j', async (_what, more, code, reason) => {
    await expectConnack(asAir(more), code)
    count(reason)
  })

  it('row 37: with a user name alone is answered by 4, with a password alone it is closed', async () => {
    await expectConnack({ clientId: 'air-1', username: 'air-1' }, 4)
    await expectConnack({ clientId: 'air-1', password: air.password }, null)
    count('credentials')
    count('protocol')
  })

  async function expectConnack(options: RawConnect, code: number | null): Promise<void> {
    const client = await rawClient()
    client.send(connectPacket(options))
    expect((await client.next(CONNACK))?.body[1] ?? null).toBe(code)
    expect(await client.closes()).toBe(true)
  }

  it('row 39: that is TLS or HTTP is closed', async () => {
    for (const bytes of [
      '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
      'GET / HTTP/1.1\r\nhost: x\r\n\r\n',
    ]) {
      const client = await rawClient()
      client.send(Buffer.from(bytes, 'latin1'))
      expect(await client.closes()).toBe(true)
    }
    expect(village.log()).not.toMatch(/^\s+at /m)
  })

  it('row 39: to the port of HTTP is answered by 400', async () => {
    const { port, hostname } = new URL(village.http)
    const answer = await new Promise<string>((done, fail) => {
      const socket = connectTcp({ port: Number(port), host: hostname }, () =>
        socket.write(connectPacket(asAir())),
      )
      let text = ''
      socket.on('data', (bytes) => {
        text += bytes.toString()
        socket.end()
      })
      socket.once('close', () => done(text))
      socket.once('error', fail)
    })
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  })
})

describe('a packet of a device that has signed in', () => {
  async function signedIn(more: Partial<RawConnect> = {}): Promise<RawClient> {
    const client = await rawClient()
    client.send(connectPacket(asAir(more)))
    expect((await client.next(CONNACK))?.body[1]).toBe(0)
    return client
  }

  it.each([
    ['row 33: to the topic of another', 'pantau/cideng/sensor/other/reading', 'acl'],
    ['row 33: to another kind', 'pantau/cideng/vehicle/air-1/reading', 'acl'],
    ['row 33: to another village', 'pantau/menteng/sensor/air-1/reading', 'acl'],
    ['row 34: to its own config', 'pantau/cideng/sensor/air-1/config', 'acl'],
    ['row 31: to a topic of 65,535 bytes', 'x'.repeat(65_535), 'topic'],
    ['row 32: to a topic with U+0000', 'pantau/cideng/sensor/air-1/reading\u0000', 'topic'],
    ['row 32: to a topic with U+FFFF', 'pantau/cideng/sensor/air-1/\uffff', 'topic'],
    ['row 32: to a topic with a space', 'pantau/cideng/sensor/air-1/reading ', 'topic'],
    ['row 32: to a topic in upper case', 'pantau/cideng/sensor/AIR-1/reading', 'topic'],
    ['row 4: to a topic behind a byte order mark', '\ufeffpantau/cideng/sensor/air-1/reading', 'topic'],
    ['to a topic with a wildcard', 'pantau/cideng/sensor/air-1/+', 'topic'],
    ['to $SYS', '$SYS/broker', 'topic'],
  ])('%s closes the connection, unacknowledged', async (_what, topic, reason) => {
    const client = await signedIn()
    client.send(publishPacket(topic, '{"values":{"a":1}}'))
    expect(await client.closes()).toBe(true)
    expect(client.packets).toEqual([])
    count(reason)
  })

  it('row 30: of more than 1 MiB is closed at its fixed header', async () => {
    const client = await signedIn()
    // A fixed header that announces 1 MiB + 1, and nothing behind it.
    client.send(Buffer.from([0x32, 0x81, 0x80, 0x40]))
    expect(await client.closes()).toBe(true)
    count('packet_too_large')
  })

  it('row 30: of more than 16 KiB is closed before the sign-in', async () => {
    const client = await rawClient()
    client.send(Buffer.from([0x10, 0x81, 0x80, 0x01]))
    expect(await client.closes()).toBe(true)
    count('packet_too_large')
  })

  it.each([
    [
      'row 23: its own config and all of the village',
      ['pantau/cideng/sensor/air-1/config', 'pantau/cideng/#'],
    ],
    ["another's config", ['pantau/cideng/vehicle/bus-1/config']],
    ['$SYS', ['$SYS/#']],
    ['everything', ['#']],
  ])('a SUBSCRIBE to %s closes the connection', async (_what, filters) => {
    const client = await signedIn()
    client.send(subscribePacket(filters))
    expect(await client.closes()).toBe(true)
    const suback = client.packets.find(({ type }) => type === SUBACK)
    expect(suback?.body.subarray(2).every((code) => code === 0x80) ?? true).toBe(true)
    count('acl')
  })

  it('row 23: leaves no session behind', async () => {
    const kept = await signedIn({ clean: false })
    kept.send(subscribePacket(['pantau/cideng/sensor/air-1/config', 'pantau/cideng/#']))
    expect(await kept.closes()).toBe(true)
    count('acl')
    const again = await rawClient()
    again.send(connectPacket(asAir({ clean: false })))
    // CONNACK's first byte says whether there is a session.
    expect([...((await again.next(CONNACK))?.body ?? [])]).toEqual([0, 0])
    again.end()
  })

  it('of staff that publishes closes the connection', async () => {
    const staff = await staffClient()
    staff.options.reconnectPeriod = 0
    const closed = new Promise((done) => staff.once('close', () => done(undefined)))
    staff.publish('pantau/cideng/sensor/air-1/config', '{}', { qos: 1 }, () => undefined)
    await closed
    await staff.endAsync(true)
    count('acl')
  })
})

describe('what was refused', () => {
  it('is counted by reason', async () => {
    // Counts come with the next save.
    await until(async () => sum((await counters()).messages.refused) >= sum(refused), 5_000).catch(
      () => undefined,
    )
    const { refused: counted } = (await counters()).messages
    expect(counted).toMatchObject({ ...refused, protocol: expect.any(Number) })
    // What is no MQTT at all may be counted as well.
    expect(counted['protocol']).toBeGreaterThanOrEqual(refused['protocol'] ?? 0)
  })
})

wrongRequests(
  () => village.http,
  () => cookie,
)

describe('after all of it', () => {
  it('the village is ready, no part has died, and no stack trace was written', async () => {
    const answer = await fetch(`${village.http}/readyz`)
    expect([answer.status, await answer.json()]).toMatchObject([200, { ready: true }])
    expect(village.log()).not.toMatch(/^\s+at /m)
    expect(village.log()).not.toContain('"level":"error"')
  })

  it('a reading that is right is stored', async () => {
    const client = await village.connect(air)
    await client.publishAsync(
      `${air.topicPrefix}/reading`,
      JSON.stringify({ time: now + 1, values: { still: 1 } }),
      {
        qos: 1,
      },
    )
    await client.endAsync()
    await until(async () => (await readings('still')).series[0]?.points.length === 1)
  })
})
