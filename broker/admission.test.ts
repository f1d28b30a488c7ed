import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { DeviceCredentials } from '../runtime/devices.ts'
import { UNRELEASED_MOST } from './exactly-once.ts'
import {
  CONNACK,
  connectPacket,
  DISCONNECT,
  PINGREQ,
  PINGRESP,
  PUBACK,
  PUBCOMP,
  PUBREC,
  packet,
  publishPacket,
  pubrelPacket,
  RawClient,
  type RawConnect,
  SUBACK,
  subscribePacket,
} from './test/raw-client.ts'
import { startTestBroker, type TestBroker } from './test/running-broker.ts'
import { until } from './test/until.ts'

let broker: TestBroker
let device: DeviceCredentials
let raw: RawClient
const others: RawClient[] = []

beforeAll(async () => {
  broker = await startTestBroker()
  device = await broker.device('a-1')
  await broker.device('a-2')
  // A registry is noticed within a second; the first sign-in shows that it is.
  await until(async () => (await connack(own())) === 0)
})
afterAll(async () => broker.dispose())
beforeEach(async () => {
  raw = await RawClient.open({ port: broker.port })
})
afterEach(() => {
  raw.end()
  for (const other of others.splice(0)) other.end()
})

function own(more: Partial<RawConnect> = {}): RawConnect {
  return { clientId: 'a-1', username: 'a-1', password: device.password, ...more }
}

/** CONNACK's code; null when the connection was closed without one. */
async function connack(options: RawConnect): Promise<number | null> {
  const client = await RawClient.open({ port: broker.port })
  others.push(client)
  client.send(connectPacket(options))
  const answer = await client.next(CONNACK)
  const code = answer?.body[1] ?? null
  if (code !== 0) expect(await client.closes()).toBe(true)
  client.end()
  return code
}

async function refusedSince<T>(work: () => Promise<T>): Promise<Record<string, number>> {
  const before = broker.refused()
  await work()
  return Object.fromEntries(
    Object.entries(broker.refused())
      .map(([reason, count]) => [reason, count - (before[reason] ?? 0)] as const)
      .filter(([, count]) => count > 0),
  )
}

async function signedIn(more: Partial<RawConnect> = {}): Promise<void> {
  raw.send(connectPacket(own(more)))
  expect((await raw.next(CONNACK))?.body[1]).toBe(0)
}

const topic = (channel: string, id = 'a-1'): string => `pantau/cideng/sensor/${id}/${channel}`

describe('CONNECT', () => {
  it.each<[string, Partial<RawConnect>, number | null]>([
    ['with its own name', {}, 0],
    ['with a suffix', { clientId: 'a-1:x' }, 0],
    ['with an empty suffix', { clientId: 'a-1:' }, 0],
    ['of MQTT 3.1', { level: 3 }, 0],
    ['without a client id', { clientId: '' }, 2],
    ['without a client id, to be kept', { clientId: '', clean: false }, 2],
    ["with another device's client id", { clientId: 'a-2' }, 2],
    ['with a client id that only begins with its name', { clientId: 'a-1-x' }, 2],
    ['with a client id of an inherited member', { clientId: '__proto__' }, 2],
    ['with U+0000 in the client id', { clientId: 'a-1:\u0000' }, null],
    ['with the wrong password', { password: 'wrong' }, 4],
    ["with another device's name", { username: 'a-2', clientId: 'a-2' }, 4],
    ['with an unknown name', { username: 'nobody', clientId: 'nobody' }, 4],
    ['with the name __proto__', { username: '__proto__', clientId: '__proto__' }, 4],
    ['with the name constructor', { username: 'constructor', clientId: 'constructor' }, 4],
    ['with an empty name', { username: '' }, 4],
    ['with an empty password', { password: '' }, 4],
    ['with a keep-alive of 1,200 s', { keepalive: 1_200 }, 0],
    ['with a keep-alive of 1,201 s', { keepalive: 1_201 }, null],
    ['without a keep-alive', { keepalive: 0 }, null],
    ['of MQTT 5', { level: 5 }, 1],
    ['with another control character in the suffix', { clientId: 'a-1:\u0007' }, 2],
    ['of a level that there is not', { level: 7 }, 1],
    ['with a will of its own', { will: { topic: topic('status'), payload: 'offline', qos: 1 } }, 0],
    ["with a will to another's topic", { will: { topic: topic('status', 'a-2'), payload: 'x' } }, 5],
    ['with a will to its own config', { will: { topic: topic('config'), payload: 'x' } }, 5],
    ['with a will to $SYS', { will: { topic: '$SYS/x', payload: 'x' } }, 5],
    ['with a will of 101 levels', { will: { topic: 'a/'.repeat(100), payload: 'x' } }, 5],
  ])('%s is answered by %j', async (_what, more, expected) => {
    expect(await connack(own(more))).toBe(expected)
  })

  it('with a name alone is answered by 4, with a password alone is closed', async () => {
    expect(await connack({ clientId: 'a-1', username: 'a-1' })).toBe(4)
    expect(await connack({ clientId: 'a-1', password: device.password })).toBe(null)
    expect(await connack({ clientId: 'a-1' })).toBe(4)
  })

  it('of MQTT 5 is answered as MQTT 3.1.1 answers', async () => {
    raw.send(connectPacket(own({ level: 5 })))
    expect(await raw.next(CONNACK)).toEqual({ type: CONNACK, flags: 0, body: Buffer.from([0, 1]) })
  })

  it('is counted by reason when it is refused', async () => {
    const refused = await refusedSince(async () => {
      await connack(own({ password: 'wrong' }))
      await connack(own({ clientId: 'x' }))
      await connack(own({ keepalive: 0 }))
      await connack(own({ level: 5 }))
      await connack(own({ will: { topic: topic('status', 'a-2'), payload: 'x' } }))
    })
    expect(refused).toEqual({ credentials: 1, client_id: 1, keepalive: 1, protocol: 1, acl: 1 })
  })

  it('sent twice closes', async () => {
    await signedIn()
    raw.send(connectPacket(own()))
    expect(await raw.closes()).toBe(true)
  })

  it('is what comes first, or the connection is closed', async () => {
    raw.send(publishPacket(topic('reading'), '{}'))
    expect(await raw.closes()).toBe(true)
  })
})

describe('PUBLISH', () => {
  it.each([
    ["to another's topic", topic('reading', 'a-2'), 'acl'],
    ['to its own config', topic('config'), 'acl'],
    ['to another kind', 'pantau/cideng/vehicle/a-1/reading', 'acl'],
    ['to another village', 'pantau/menteng/sensor/a-1/reading', 'acl'],
    ['to a topic of 65,535 bytes', 'x'.repeat(65_535), 'topic'],
    ['to a topic with a space', topic('reading '), 'topic'],
    ['to a topic in upper case', topic('READING'), 'topic'],
    ['to a topic with U+0000', topic('reading\u0000'), 'topic'],
    ['to a topic behind a byte order mark', `\ufeff${topic('reading')}`, 'topic'],
    ['to a topic with a wildcard', topic('+'), 'topic'],
    ['to a topic of 101 levels', `${'a/'.repeat(100)}a`, 'topic'],
    ['to an empty topic', '', 'topic'],
    ['to $SYS', '$SYS/a', 'topic'],
  ])('%s closes, unacknowledged, and is counted', async (_what, to, reason) => {
    const before = (await broker.messages()).length
    const refused = await refusedSince(async () => {
      await signedIn()
      raw.send(publishPacket(to, '{}'))
      expect(await raw.closes()).toBe(true)
    })
    expect(refused).toEqual({ [reason]: 1 })
    expect(raw.packets).toEqual([])
    expect(await broker.messages()).toHaveLength(before)
  })

  it('with a topic of broken UTF-8 closes', async () => {
    await signedIn()
    raw.send(publishPacket(Buffer.from([...Buffer.from(topic('reading')), 0xc3, 0x28]), '{}'))
    expect(await raw.closes()).toBe(true)
  })

  it('of staff closes', async () => {
    const { name, token } = await broker.staff('ani', 'admin')
    await until(async () => (await connack({ clientId: name, username: name, password: token })) === 0)
    raw.send(connectPacket({ clientId: name, username: name, password: token }))
    await raw.next(CONNACK)
    raw.send(publishPacket(topic('config'), '{}'))
    expect(await raw.closes()).toBe(true)
  })

  it('at QoS 2 is kept once, however often it is sent before its PUBREL, and answered to its end', async () => {
    await signedIn()
    const before = (await broker.messages()).length
    raw.send(publishPacket(topic('reading'), '{"a":1}', { qos: 2, id: 7 }))
    expect((await raw.next(PUBREC))?.body).toEqual(Buffer.from([0, 7]))
    raw.send(publishPacket(topic('reading'), '{"a":1}', { qos: 2, id: 7, dup: true }))
    expect((await raw.next(PUBREC))?.body).toEqual(Buffer.from([0, 7]))
    raw.send(pubrelPacket(7), pubrelPacket(7))
    expect((await raw.next(PUBCOMP))?.body).toEqual(Buffer.from([0, 7]))
    expect((await raw.next(PUBCOMP))?.body).toEqual(Buffer.from([0, 7]))
    expect((await broker.messages()).slice(before).map(({ dup }) => dup)).toEqual([false])
  })

  it('at QoS 2 without PUBREL is taken ten thousand times, not more', async () => {
    const refused = await refusedSince(async () => {
      await signedIn()
      const ids = Array.from({ length: UNRELEASED_MOST + 1 }, (_, index) => index + 1)
      raw.send(...ids.map((id) => publishPacket(topic('event'), '{}', { qos: 2, id })))
      expect(await raw.closes(20_000)).toBe(true)
    })
    expect(UNRELEASED_MOST).toBe(10_000)
    expect(refused).toEqual({ inflight: 1 })
  })

  it('keeps its flags in the log, and only a status is retained', async () => {
    await signedIn()
    raw.send(publishPacket(topic('reading'), '{"kept":1}', { retain: true, id: 1 }))
    raw.send(publishPacket(topic('status'), 'online', { retain: true, id: 2, dup: true }))
    await raw.next(PUBACK)
    await raw.next(PUBACK)
    const [reading, status] = (await broker.messages()).slice(-2)
    expect(reading).toMatchObject({ retain: true, dup: false, qos: 1 })
    expect(status).toMatchObject({ retain: true, dup: true, qos: 1 })
    const { name, token } = await broker.staff('retained-reader', 'environment')
    await until(async () => (await connack({ clientId: name, username: name, password: token })) === 0)
    const reader = await broker.connect({ ...device, username: name, password: token })
    const got: string[] = []
    reader.on('message', (to, _payload, { retain }) => got.push(`${to} ${retain}`))
    await reader.subscribeAsync('pantau/cideng/#', { qos: 1 })
    await until(() => got.length > 0)
    expect(got).toEqual([`${topic('status')} true`])
  })

  it('of more than the limit and no more than a packet may be is acknowledged, kept, and sent on to nobody', async () => {
    const { name, token } = await broker.staff('large-reader', 'environment')
    await until(async () => (await connack({ clientId: name, username: name, password: token })) === 0)
    const reader = await broker.connect({ ...device, username: name, password: token })
    const got: number[] = []
    reader.on('message', (_to, payload) => got.push(payload.length))
    await reader.subscribeAsync('pantau/cideng/+/+/reading')
    await signedIn()
    const most = 1_048_576 - 100
    for (const [index, size] of [65_537, most, 65_536].entries()) {
      raw.send(publishPacket(topic('reading'), Buffer.alloc(size, 32), { id: index + 1 }))
      expect((await raw.next(PUBACK))?.body).toEqual(Buffer.from([0, index + 1]))
    }
    await until(() => got.length === 1)
    expect(got).toEqual([65_536])
    const sizes = (await broker.messages()).slice(-3).map(({ payload }) => payload.length)
    expect(sizes).toEqual([65_537, most, 65_536])
  })
})

describe('a packet', () => {
  it('above 1 MiB closes at its fixed header', async () => {
    await signedIn()
    const refused = await refusedSince(async () => {
      raw.send(packet(0x32, Buffer.alloc(0), 1_048_576 - 3))
      expect(await raw.closes()).toBe(true)
    })
    expect(refused).toEqual({ packet_too_large: 1 })
  })

  it('of exactly 1 MiB is taken', async () => {
    await signedIn()
    const name = topic('reading')
    // Fixed header of 4 bytes, topic with its length, packet id.
    const payload = Buffer.alloc(1_048_576 - 4 - 2 - name.length - 2, 32)
    const bytes = publishPacket(name, payload)
    expect(bytes).toHaveLength(1_048_576)
    raw.send(bytes)
    expect(await raw.next(PUBACK)).not.toBeNull()
  })

  it('above 16 KiB before CONNACK closes at its fixed header', async () => {
    raw.send(packet(0x10, Buffer.alloc(0), 16_384 - 2))
    expect(await raw.closes()).toBe(true)
  })

  it('that promises 256 MiB before CONNACK closes at once', async () => {
    raw.send(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f, 0]))
    expect(await raw.closes()).toBe(true)
  })

  it('with a length of five bytes closes', async () => {
    await signedIn()
    raw.send(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x01]))
    expect(await raw.closes()).toBe(true)
  })

  it('that only a server sends closes', async () => {
    for (const first of [0x20, 0x90, 0xb0, 0xd0, 0x00, 0xf0]) {
      const client = await RawClient.open({ port: broker.port })
      others.push(client)
      client.send(connectPacket(own({ clientId: `a-1:${first}` })))
      await client.next(CONNACK)
      client.send(packet(first, Buffer.from([0, 1, 0])))
      expect([first, await client.closes()]).toEqual([first, true])
    }
  })

  it('with both bits of QoS closes', async () => {
    await signedIn()
    raw.send(publishPacket(topic('reading'), '{}', { qos: 3 }))
    expect(await raw.closes()).toBe(true)
  })

  // GHSA of mqtt-packet (NSWG-ECO-500), as named in the advisory.
  it('that crashed mqtt-packet once closes', async () => {
    raw.send(Buffer.from('101000044d5154540502003c0321001400006202d301e0020020', 'hex'))
    expect(await raw.closes()).toBe(true)
  })

  it('of any kind cut at any byte, its length made to fit, leaves the broker well', async () => {
    const whole = [
      connectPacket(own({ will: { topic: topic('status'), payload: 'offline', qos: 1 } })),
      connectPacket(own({ level: 5 })),
      publishPacket(topic('reading'), '{}', { qos: 2 }),
      subscribePacket([topic('config'), topic('command')]),
      packet(0xa2, subscribePacket([topic('config')]).subarray(2)),
      packet(0x40, Buffer.from([0, 1])),
      pubrelPacket(1),
      PINGREQ,
      DISCONNECT,
    ]
    for (const bytes of whole) {
      const body = bytes.subarray(2)
      await Promise.all(
        Array.from({ length: body.length + 1 }, async (_, length) => {
          const client = await RawClient.open({ port: broker.port })
          others.push(client)
          const cut = packet(bytes[0] ?? 0, body.subarray(0, length))
          if ((bytes[0] ?? 0) >> 4 === 1) client.send(cut)
          else client.send(connectPacket(own({ clientId: `a-1:${length}` })), cut)
          await Promise.race([client.closes(50), client.next(CONNACK, 50)])
          client.end()
        }),
      )
    }
    expect(await connack(own())).toBe(0)
  })

  it('that comes byte by byte is taken', async () => {
    const bytes = Buffer.concat([connectPacket(own()), publishPacket(topic('event'), '{}'), PINGREQ])
    for (const byte of bytes) {
      raw.send(Buffer.from([byte]))
      await new Promise((done) => setImmediate(done))
    }
    expect(await raw.next(CONNACK)).not.toBeNull()
    expect(await raw.next(PUBACK)).not.toBeNull()
    expect(await raw.next(PINGRESP)).not.toBeNull()
  })
})

describe('SUBSCRIBE', () => {
  it('to its own channels is granted', async () => {
    await signedIn()
    raw.send(subscribePacket(['config', 'command', 'reply'].map((channel) => topic(channel))))
    expect((await raw.next(SUBACK))?.body).toEqual(Buffer.from([0, 1, 1, 1, 1]))
  })

  it.each([
    ['all', ['#']],
    ['the village', ['pantau/cideng/#']],
    ["another's config", [topic('config', 'a-2')]],
    ['its own reading', [topic('reading')]],
    ['its own config and the village', [topic('config'), 'pantau/cideng/#']],
    ['the village and its own config', ['pantau/cideng/#', topic('config')]],
    ['a filter of 101 levels', ['a/'.repeat(100)], 'topic'],
    ['an empty filter', ['']],
    ['a shared one', ['$share/g/pantau/cideng/#']],
    ['malformed ones', ['a+', '+a', 'a#']],
  ])('to %s closes, and nothing of it is kept', async (_what, filters, reason = 'acl') => {
    const refused = await refusedSince(async () => {
      await signedIn({ clean: false, clientId: 'a-1:sub' })
      raw.send(subscribePacket(filters))
      expect(await raw.closes()).toBe(true)
    })
    expect(refused).toEqual({ [reason]: 1 })
    expect(raw.packets).toEqual([])
    const again = await RawClient.open({ port: broker.port })
    others.push(again)
    again.send(connectPacket(own({ clean: false, clientId: 'a-1:sub' })))
    // What has no name that could be judged is a fault of the protocol: the session, in which nothing is, goes on.
    const isPresent = filters.some((filter) => filter === '' || filter.length > 100)
    expect((await again.next(CONNACK))?.body).toEqual(Buffer.from([isPresent ? 1 : 0, 0]))
    again.send(DISCONNECT)
  })

  it('without filters closes', async () => {
    await signedIn()
    raw.send(packet(0x82, Buffer.from([0, 1])))
    expect(await raw.closes()).toBe(true)
  })

  it('of staff takes sixteen filters, and not a seventeenth', async () => {
    const { name, token } = await broker.staff('many', 'environment')
    await until(async () => (await connack({ clientId: name, username: name, password: token })) === 0)
    raw.send(connectPacket({ clientId: name, username: name, password: token }))
    await raw.next(CONNACK)
    const filters = Array.from({ length: 17 }, (_, index) => `pantau/cideng/sensor/x-${index}/#`)
    raw.send(subscribePacket(filters.slice(0, 16)))
    expect((await raw.next(SUBACK))?.body).toHaveLength(2 + 16)
    raw.send(subscribePacket(filters.slice(0, 1), { id: 2 }))
    expect(await raw.next(SUBACK)).not.toBeNull()
    raw.send(subscribePacket(filters.slice(16), { id: 3 }))
    expect(await raw.closes()).toBe(true)
  })
})
