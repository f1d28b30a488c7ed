import { describe, expect, it } from 'vitest'
import type { Registry } from '../contract/registry.ts'
import { secretDigest } from '../runtime/secrets.ts'
import { Identities, type Identity, mayPublish, maySubscribe } from './identities.ts'

const CHANNELS = ['reading', 'status', 'event', 'config', 'command', 'reply']
const FROM = ['reading', 'status', 'event']
const DEVICES = [
  ['a', 'hotspot'],
  ['a-b', 'sensor'],
  ['a_b', 'vehicle'],
] as const

function device(id: string, kind: 'hotspot' | 'sensor' | 'vehicle' | null): Identity {
  return { type: 'device', id, kind, digest: 'd' }
}

/** Every device under every kind, so that neither stands in for the other, on every channel. */
function topicsFor(id: string, kind: string) {
  return DEVICES.flatMap(([other]) =>
    DEVICES.flatMap(([, otherKind]) =>
      CHANNELS.map((channel) => ({
        topic: `pantau/cideng/${otherKind}/${other}/${channel}`,
        channel,
        isOwn: other === id && otherKind === kind,
      })),
    ),
  )
}

const staff = (role: 'admin' | 'environment'): Identity => ({ type: 'staff', name: 'ani', role, digest: 'd' })

describe('a device', () => {
  // Contract section 3: under its own prefix, on the channels from it; nothing else.
  it('publishes on its own three channels and on no other of three devices and six channels', () => {
    for (const [id, kind] of DEVICES) {
      for (const { topic, channel, isOwn } of topicsFor(id, kind)) {
        const expected = isOwn && FROM.includes(channel)
        expect([topic, mayPublish(device(id, kind), 'cideng', topic)]).toEqual([topic, expected])
      }
    }
  })

  it('subscribes to its own three channels and to no other of three devices and six channels', () => {
    for (const [id, kind] of DEVICES) {
      for (const { topic, channel, isOwn } of topicsFor(id, kind)) {
        const expected = isOwn && !FROM.includes(channel)
        expect([topic, maySubscribe(device(id, kind), 'cideng', topic)]).toEqual([topic, expected])
      }
    }
  })

  it.each([
    'pantau/menteng/sensor/a-b/reading',
    'pantau/cideng/hotspot/a-b/reading',
    'pantau/cideng/sensor/a-b',
    'pantau/cideng/sensor/a-b/reading/x',
    '/pantau/cideng/sensor/a-b/reading',
    'pantau//sensor/a-b/reading',
    'Pantau/cideng/sensor/a-b/reading',
    'pantau/cideng/sensor/a-b/reading ',
    '\ufeffpantau/cideng/sensor/a-b/reading',
    'pantau/cideng/sensor/a-b/reading\u0000',
    '$SYS/broker/uptime',
    '$SYSx/a',
    '$',
    '',
  ])('does not publish to %j', (topic) => {
    expect(mayPublish(device('a-b', 'sensor'), 'cideng', topic)).toBe(false)
  })

  it.each([
    '#',
    '+',
    '+/+/+/+/+',
    'pantau/#',
    'pantau/cideng/#',
    'pantau/cideng/sensor/a-b/#',
    'pantau/cideng/sensor/a-b/+',
    'pantau/cideng/sensor/+/config',
    'pantau/cideng/sensor/a+/config',
    'pantau/menteng/sensor/a-b/config',
    '$SYS/#',
    '$share/g/pantau/cideng/sensor/a-b/config',
    '#/#',
    'a/#/b/#',
    '',
  ])('does not subscribe to %j', (filter) => {
    expect(maySubscribe(device('a-b', 'sensor'), 'cideng', filter)).toBe(false)
    expect(maySubscribe(device('a-b', null), 'cideng', filter)).toBe(false)
  })

  it('without credentials is held to the id it gave, whatever its kind', () => {
    expect(mayPublish(device('a-b', null), 'cideng', 'pantau/cideng/vehicle/a-b/reading')).toBe(true)
    expect(mayPublish(device('a-b', null), 'cideng', 'pantau/cideng/vehicle/a/reading')).toBe(false)
    expect(maySubscribe(device('a-b', null), 'cideng', 'pantau/cideng/vehicle/a-b/config')).toBe(true)
  })
})

describe('staff', () => {
  it('publish nothing', () => {
    expect(mayPublish(staff('admin'), 'cideng', 'pantau/cideng/sensor/a-b/reading')).toBe(false)
    expect(mayPublish(staff('admin'), 'cideng', 'pantau/cideng/sensor/ani/config')).toBe(false)
  })

  it.each([
    'pantau/cideng/#',
    'pantau/cideng/+/+/+',
    'pantau/cideng/sensor/#',
    'pantau/cideng/sensor/+/reading',
    'pantau/cideng/+/a-b/status',
    'pantau/cideng/vehicle/a_b/config',
  ])('subscribe to %j', (filter) => {
    expect(maySubscribe(staff('environment'), 'cideng', filter)).toBe(true)
  })

  it.each([
    '#',
    '+/cideng/#',
    'pantau/#',
    'pantau/+/#',
    'pantau/cideng',
    'pantau/menteng/#',
    'pantau/cideng/#/x',
    'pantau/cideng/sensor#',
    'pantau/cideng/s+/a-b/reading',
    'pantau/cideng/boat/#',
    'pantau/cideng/+/+/+/+',
    '$share/g/pantau/cideng/#',
    '$SYS/#',
  ])('do not subscribe to %j', (filter) => {
    expect(maySubscribe(staff('environment'), 'cideng', filter)).toBe(false)
  })

  it('of role admin subscribe to $SYS', () => {
    expect(maySubscribe(staff('admin'), 'cideng', '$SYS/#')).toBe(true)
    expect(maySubscribe(staff('admin'), 'cideng', '$SYS/+/new/clients')).toBe(true)
    expect(maySubscribe(staff('admin'), 'cideng', '$SYSx/#')).toBe(false)
    expect(maySubscribe(staff('admin'), 'cideng', '#')).toBe(false)
  })
})

describe('a sign-in', () => {
  const registry: Registry = {
    version: 1,
    everReal: true,
    devices: [
      {
        id: 'a',
        kind: 'sensor',
        name: 'a',
        simulated: false,
        secretDigest: secretDigest('right'),
        addedAt: 0,
      },
      { id: 'none', kind: 'sensor', name: 'none', simulated: false, secretDigest: null, addedAt: 0 },
    ],
    accounts: [
      {
        name: 'ani',
        role: 'admin',
        passwordHash: '',
        createdAt: 0,
        validFrom: 0,
        tokens: [{ id: 't', name: 't', role: 'environment', digest: secretDigest('token'), createdAt: 0 }],
      },
    ],
  }

  it.each([
    ['a', 'right', 'device'],
    ['a', 'wrong', null],
    ['a', '', null],
    ['none', '', null],
    ['none', 'x', null],
    ['nobody', 'right', null],
    ['__proto__', 'right', null],
    ['ani', 'token', 'staff'],
    ['ani', 'right', null],
    ['a', 'token', null],
  ])('as %j with %j is %j', (name, secret, expected) => {
    const identity = new Identities(registry).signIn(name, Buffer.from(secret))
    expect(identity?.type ?? null).toBe(expected)
  })

  it("by a token has the token's role, not its owner's", () => {
    expect(new Identities(registry).signIn('ani', Buffer.from('token'))).toMatchObject({
      role: 'environment',
    })
  })
})
