import { setTimeout as sleep } from 'node:timers/promises'
import { io, type Socket } from 'socket.io-client'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { LiveDevice } from '../../contract/feed.ts'
import type { LiveDelta, LiveSnapshot } from '../../contract/live.ts'
import { changeRegistry } from '../../runtime/registry.ts'
import { givePassword, sampleDevice, sampleDevices, startVillage, type Village } from './harness/village.ts'

let village: Village
const sockets: Socket[] = []

beforeAll(async () => {
  village = await startVillage()
})
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close()
})
afterAll(async () => {
  await village.stop()
})

interface Client {
  readonly socket: Socket
  readonly deltas: LiveDelta[]
  readonly alerts: unknown[]
  readonly errors: { event: string; detail: string }[]
  watch(argument: unknown): Promise<LiveSnapshot>
}

function join(options: Record<string, unknown> = {}, namespace = '/live'): Client {
  const socket = io(village.url + namespace, {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    ...options,
  })
  sockets.push(socket)
  const client: Client = {
    socket,
    deltas: [],
    alerts: [],
    errors: [],
    watch: async (argument) => {
      const snapshot = new Promise<LiveSnapshot>((done) => socket.once('snapshot', done))
      socket.emit('watch', argument)
      return snapshot
    },
  }
  socket.on('delta', (delta: LiveDelta) => client.deltas.push(delta))
  socket.on('alert', (alert: unknown) => client.alerts.push(alert))
  socket.on('error', (error: { event: string; detail: string }) => client.errors.push(error))
  return client
}

async function connected(client: Client): Promise<Client> {
  await new Promise<void>((done, fail) => {
    client.socket.once('connect', done)
    client.socket.once('connect_error', fail)
  })
  return client
}

const moved = (device: LiveDevice, lat: number): LiveDevice => ({ ...device, position: { lat, lon: 106.8 } })

describe('watching', () => {
  it('gives a snapshot, then changes with a count that goes up by one', async () => {
    const client = await connected(join())
    const snapshot = await client.watch({ layers: ['hotspot', 'sensor', 'vehicle'] })
    expect(snapshot.devices.map(({ id }) => id)).toEqual(['air-1', 'bus-1', 'hs-1', 'hs-2'])
    const [hotspot] = sampleDevices(village.now)
    for (const lat of [-6.1, -6.2, -6.3]) village.feed.change([moved(hotspot as LiveDevice, lat)])
    await expect.poll(() => client.deltas.length).toBe(3)
    expect(client.deltas.map(({ seq }) => seq)).toEqual([1, 2, 3].map((step) => snapshot.seq + step))
    expect(client.deltas.at(-1)?.changed[0]).toMatchObject({
      id: 'hs-1',
      geometry: { coordinates: [106.8, -6.3] },
    })
    const again = await client.watch({ layers: ['hotspot', 'sensor', 'vehicle'] })
    expect(again.seq).toBe(client.deltas.at(-1)?.seq)
  })

  it('some layers gives these alone', async () => {
    const client = await connected(join())
    const { devices } = await client.watch({ layers: ['vehicle'] })
    expect(devices.map(({ id }) => id)).toEqual(['bus-1'])
    const others = sampleDevices(village.now)
    village.feed.change(others.filter(({ kind }) => kind !== 'vehicle').map((device) => moved(device, -6.17)))
    village.feed.change(others.filter(({ kind }) => kind === 'vehicle').map((device) => moved(device, -6.17)))
    await expect.poll(() => client.deltas.length).toBe(1)
    expect(client.deltas[0]?.changed.map(({ id }) => id)).toEqual(['bus-1'])
  })

  it('a box gives what is inside, and tells what left it', async () => {
    const client = await connected(join())
    village.feed.change([
      sampleDevice({ id: 'walker', kind: 'vehicle', position: { lat: -6.5, lon: 106.5 } }),
    ])
    await expect.poll(async () => (await fetch(`${village.url}/api/v1/devices/walker`)).status).toBe(200)
    const { devices } = await client.watch({ layers: ['vehicle'], bbox: [106.4, -6.6, 106.6, -6.4] })
    expect(devices.map(({ id }) => id)).toEqual(['walker'])
    village.feed.change([
      sampleDevice({ id: 'walker', kind: 'vehicle', position: { lat: -6.5, lon: 106.7 } }),
    ])
    await expect.poll(() => client.deltas.length).toBe(1)
    expect(client.deltas[0]).toMatchObject({ changed: [], removed: ['walker'] })
    village.feed.change([], ['walker'])
  })

  it('without an argument gives all layers', async () => {
    const client = await connected(join())
    expect((await client.watch(undefined)).devices.length).toBe(4)
  })
})

describe('the public', () => {
  it('gets no member and no small count that is for staff, staff do', async () => {
    const open = await connected(join())
    const staff = await connected(
      join({ extraHeaders: { authorization: `Bearer ${village.tokens.environment}` } }),
    )
    const frames = [await open.watch({}), await staff.watch({})] as const
    village.feed.change(sampleDevices(village.now))
    await expect.poll(() => open.deltas.length + staff.deltas.length).toBe(2)
    const shown = JSON.stringify([frames[0], open.deltas])
    expect(shown).not.toMatch(/clockOffset_ms|conflicts/)
    expect(shown).toMatch(/"clients":\{"band":"<5"/)
    expect(JSON.stringify([frames[1], staff.deltas])).toMatch(/"clients":\{"value":3/)
  })

  it('gets no alerts, staff do', async () => {
    const open = await connected(join())
    const staff = await connected(join({ auth: { token: village.tokens.infrastructure } }))
    await Promise.all([open.watch({}), staff.watch({})])
    village.feed.send({
      type: 'alert',
      time: village.now,
      device: 'hs-1',
      from: 'up',
      to: 'down',
      cause: 'silence',
    })
    await expect.poll(() => staff.alerts.length).toBe(1)
    expect(staff.alerts[0]).toMatchObject({ device: 'hs-1', from: 'up', to: 'down', cause: 'silence' })
    expect(open.alerts).toEqual([])
  })
})

describe('what is not a watch', () => {
  it.each([
    [{ layers: Array.from({ length: 10_000 }, () => 'hotspot') }],
    [{ layers: ['drone'] }],
    [{ layers: [] }],
    [{ layers: 'hotspot' }],
    [{ layers: [['hotspot']] }],
    [{ bbox: ['a', 'b', 'c', 'd'] }],
    [{ bbox: [107, -6, 106, -7] }],
    [{ bbox: [1, 2, 3] }],
    ['__proto__'],
    [42],
    [{ layers: ['hotspot'], bbox: Buffer.from('x') }],
  ])('%# is told what is wrong, or dropped, and nobody else notices', async (argument) => {
    const other = await connected(join())
    const client = await connected(join())
    let dropped = false
    client.socket.on('disconnect', () => {
      dropped = true
    })
    const got = new Promise<boolean>((done) => client.socket.once('snapshot', () => done(true)))
    client.socket.emit('watch', argument)
    if (typeof argument === 'object') {
      await expect.poll(() => dropped || client.errors.length > 0).toBe(true)
    } else {
      // What is no object asks for nothing in particular.
      expect(await got).toBe(true)
    }
    expect((await other.watch({})).devices.length).toBe(4)
  })

  it('of 2 MB ends that connection alone', async () => {
    const client = await connected(join())
    const gone = new Promise((done) => client.socket.once('disconnect', done))
    client.socket.emit('watch', { layers: ['x'.repeat(2_000_000)] })
    await gone
    expect((await (await connected(join())).watch({})).devices.length).toBe(4)
  })

  it('more than five times a second is refused, a flood is dropped', async () => {
    const client = await connected(join())
    const gone = new Promise((done) => client.socket.once('disconnect', done))
    for (let count = 0; count < 100; count += 1) client.socket.emit('watch', {})
    await gone
    expect(client.errors.some(({ detail }) => detail.includes('5 a second'))).toBe(true)
  })

  it('but another event is told what is taken', async () => {
    const client = await connected(join())
    client.socket.emit('constructor', {})
    await expect.poll(() => client.errors.length).toBe(1)
  })
})

describe('a connection', () => {
  it('of a page of another site is refused', async () => {
    await expect(connected(join({ extraHeaders: { origin: 'https://evil.example' } }))).rejects.toThrow()
  })

  it.each(['/', '/admin'])('to the namespace %s is refused', async (namespace) => {
    await expect(connected(join({}, namespace))).rejects.toThrow()
  })

  it('of a member of staff ends with the session', async () => {
    const password = await givePassword(village, 'rini', 'environment')
    const url = `${village.url}/api/v1/session`
    const signedIn = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'rini', password }),
    })
    const cookie = signedIn.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ')
    const client = await connected(join({ extraHeaders: { cookie } }))
    expect(JSON.stringify(await client.watch({}))).toContain('"clients":{"value":3')
    const gone = new Promise((done) => client.socket.once('disconnect', done))
    expect((await fetch(url, { method: 'DELETE', headers: { cookie } })).status).toBe(204)
    await gone
  }, 20_000)
})

describe('while ingest is away', () => {
  it('the last state stays, marked, and what changed meanwhile comes when it is back', async () => {
    const alone = await startVillage()
    try {
      const socket = io(`${alone.url}/live`, { transports: ['websocket'], forceNew: true })
      sockets.push(socket)
      const freshness: boolean[] = []
      const deltas: LiveDelta[] = []
      socket.on('freshness', ({ fresh }: { fresh: boolean }) => freshness.push(fresh))
      socket.on('delta', (delta: LiveDelta) => deltas.push(delta))
      await new Promise<void>((done) => socket.once('connect', done))
      const snapshot = new Promise<LiveSnapshot>((done) => socket.once('snapshot', done))
      socket.emit('watch', {})
      expect((await snapshot).fresh).toBe(true)
      await alone.feed.stop()
      await expect.poll(() => freshness).toEqual([false])
      expect((await fetch(`${alone.url}/readyz`)).status).toBe(503)
      expect((await fetch(`${alone.url}/healthz`)).status).toBe(200)
      const village = (await (await fetch(`${alone.url}/api/v1/village`)).json()) as {
        feed: { connected: boolean }
      }
      expect(village.feed.connected).toBe(false)
      expect((await fetch(`${alone.url}/api/v1/devices/hs-1`)).status).toBe(200)
      expect((await fetch(`${alone.url}/api/v1/devices/hs-1/readings`)).status).toBe(503)
      const { startFeedServer } = await import('./harness/feed-server.ts')
      const later = sampleDevices(alone.now).map((device) =>
        device.id === 'hs-1' ? { ...device, state: 'down' as const } : device,
      )
      const back = await startFeedServer(alone.dataFolder, later, alone.now)
      await expect.poll(() => freshness, { timeout: 5_000 }).toEqual([false, true])
      await sleep(50)
      expect(deltas.flatMap(({ changed }) => changed.map(({ id }) => id))).toEqual(['hs-1'])
      await back.stop()
    } finally {
      await alone.dashboard.stop()
    }
  }, 20_000)
})

describe('simulated devices', () => {
  it('leave the public map at once when the first real one exists, and stay for staff', async () => {
    const simulated = sampleDevices(0).map((device) => ({ ...device, simulated: true }))
    const mixed = await startVillage({
      devices: [...simulated, sampleDevice({ id: 'real', kind: 'sensor' })],
    })
    try {
      const url = `${mixed.url}/api/v1/devices`
      const ids = async (headers: Record<string, string> = {}): Promise<string[]> => {
        const { features } = (await (await fetch(url, { headers })).json()) as { features: { id: string }[] }
        return features.map(({ id }) => id)
      }
      expect((await ids()).length).toBe(5)
      const socket = io(`${mixed.url}/live`, { transports: ['websocket'], forceNew: true })
      sockets.push(socket)
      const removed: string[] = []
      socket.on('delta', (delta: LiveDelta) => removed.push(...delta.removed))
      const snapshot = new Promise((done) => socket.once('snapshot', done))
      socket.on('connect', () => socket.emit('watch', {}))
      await snapshot
      await changeRegistry(mixed.dataFolder, (registry) => ({ ...registry, everReal: true }))
      await expect
        .poll(() => removed.toSorted(), { timeout: 5_000 })
        .toEqual(['air-1', 'bus-1', 'hs-1', 'hs-2'])
      expect(await ids()).toEqual(['real'])
      expect((await fetch(`${url}/hs-1`)).status).toBe(404)
      expect((await ids({ authorization: `Bearer ${mixed.tokens.infrastructure}` })).length).toBe(5)
    } finally {
      await mixed.stop()
    }
  })
})
