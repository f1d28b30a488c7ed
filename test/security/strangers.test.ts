// Strangers at a village that runs: what they are shown is a list and no more, what they send does no harm, and nothing that tells
// people apart comes out again, whoever asks.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MqttClient } from 'mqtt'
import { io, type Socket } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { HOUR, systemClock } from '../../contract/time.ts'
import { PERSONAL } from '../../ingest/test/personal.ts'
import { columnOf, readFeed, rowsOf } from '../../runtime/gtfs-feed.ts'
import { randomOf } from '../random.ts'
import { root, startVillage, type TestVillage, until } from '../village.ts'
import { PUBLIC_MEMBERS, VALUE_NAMES } from './public-members.ts'

let village: TestVillage
let cookie = ''
const sockets: Socket[] = []
const clients: MqttClient[] = []
const publishers = new Map<string, (values: Record<string, number>) => Promise<void>>()

beforeAll(async () => {
  village = await startVillage()
  cookie = await village.signIn()
  await fillVillage()
})

afterAll(async () => {
  for (const socket of sockets) socket.disconnect()
  for (const client of clients) await client.endAsync()
  await village?.dispose()
})

/** A hotspot with guests, a station with air for its indices, a bus on a trip: each with what there is to be shown of it. */
async function fillVillage(): Promise<void> {
  const now = systemClock.now()
  const hours = Array.from({ length: 50 }, (_, hour) => now - hour * HOUR - 1_000)
  const bus = onTrip()
  const readings: Readonly<Record<string, { kind: string; messages: readonly object[] }>> = {
    'hs-1': {
      kind: 'hotspot',
      messages: [
        hours.map((time) => ({ time, values: { up: 1, latency_ms: 21, loss_pct: 0.5, clients: 3 } })),
      ],
    },
    'air-1': {
      kind: 'sensor',
      messages: [
        hours.map((time) => ({
          time,
          values: { pm2_5: 30, pm10: 60, no2: 20, so2: 10, o3: 40, co: 500, temperature: 29, humidity: 104 },
        })),
      ],
    },
    'bus-1': { kind: 'vehicle', messages: [{ ...bus, values: { speed: 6, passengers: 2 } }] },
  }
  for (const [id, { kind, messages }] of Object.entries(readings)) {
    const device = await village.addDevice(id, kind, '--lat', '-6.17', '--lon', '106.807')
    const client = await village.connect(device)
    await client.publishAsync(`${device.topicPrefix}/status`, 'online', { qos: 1, retain: true })
    for (const message of messages) {
      await client.publishAsync(`${device.topicPrefix}/reading`, JSON.stringify(message), { qos: 1 })
    }
    publishers.set(id, async (values) => {
      const next = id === 'bus-1' ? { ...bus, values } : { values }
      await client.publishAsync(`${device.topicPrefix}/reading`, JSON.stringify(next), { qos: 1 })
    })
    clients.push(client)
  }
  await until(async () => {
    const { features } = await village.get<{
      features: { properties: { values: object; transit?: object } }[]
    }>('/api/v1/devices')
    return (
      features.length === 3 && features.every(({ properties }) => Object.keys(properties.values).length > 1)
    )
  })
}

/** Position on the first shape of the village's feed, with the trip that runs along it. */
function onTrip(): object {
  const read = readFeed(readFileSync(join(root, 'villages', 'cideng', 'noncommercial', 'gtfs.zip')))
  if (!read.ok) throw new Error(read.faults.join())
  const cell = (file: string, column: string) => columnOf(read.feed, file, column)
  const [trip = []] = rowsOf(read.feed, 'trips.txt')
  const shape = cell('trips.txt', 'shape_id')(trip)
  const point =
    rowsOf(read.feed, 'shapes.txt').find((row) => cell('shapes.txt', 'shape_id')(row) === shape) ?? []
  return {
    position: {
      lat: Number(cell('shapes.txt', 'shape_pt_lat')(point)),
      lon: Number(cell('shapes.txt', 'shape_pt_lon')(point)),
      bearing: 90,
      speed: 6,
    },
    trip: cell('trips.txt', 'trip_id')(trip),
    route: cell('trips.txt', 'route_id')(trip),
    direction: Number(cell('trips.txt', 'direction_id')(trip)),
    occupancy: 'MANY_SEATS_AVAILABLE',
  }
}

/** Every member's name anywhere below `value`, with a path to where it is; names that are data are left out. */
function membersOf(value: unknown, path: string, found: Map<string, string>): Map<string, string> {
  if (Array.isArray(value)) {
    for (const item of value) membersOf(item, `${path}[]`, found)
  } else if (typeof value === 'object' && value !== null) {
    const isData = VALUE_NAMES.some((pattern) => pattern.test(path))
    for (const [name, member] of Object.entries(value)) {
      if (!isData && !found.has(name)) found.set(name, `${path}.${name}`)
      membersOf(member, `${path}.${isData ? '*' : name}`, found)
    }
  }
  return found
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly security?: unknown }>>>>
}

/** Paths that everybody may GET, with ids of things that there are put in, each in several ways. */
async function publicUrls(): Promise<string[]> {
  const { paths } = await village.get<OpenApi>('/api/openapi.json')
  const { features } = await village.get<{ features: { id: string; properties: { kind: string } }[] }>(
    '/api/v1/devices?limit=1000',
  )
  const ofKind = (kind: string): string =>
    features.find(({ properties }) => properties.kind === kind)?.id ?? ''
  const devices = ['hotspot', 'sensor', 'vehicle'].map(ofKind)
  const { stops } = await village.get<{ stops: { id: string }[] }>('/api/v1/transit/stops')
  const { routes } = await village.get<{ routes: { id: string }[] }>('/api/v1/transit/routes')
  const ids = (path: string): string[] =>
    path.includes('/stops/')
      ? stops.slice(0, 3).map(({ id }) => id)
      : path.includes('/routes/')
        ? routes.slice(0, 2).map(({ id }) => id)
        : path.includes('/vehicles/')
          ? [ofKind('vehicle')]
          : devices
  const open = Object.entries(paths).filter(
    ([, methods]) => 'get' in methods && methods['get']?.security === undefined,
  )
  const plain = open.flatMap(([path]) =>
    path.includes('{') ? ids(path).map((id) => path.replace(/\{\w+\}/g, encodeURIComponent(id))) : [path],
  )
  const values = [
    'state',
    'availability',
    'latency_p50_ms',
    'loss_pct',
    'pm2_5',
    'ispu',
    'us-aqi',
    'eaqi',
    'arrival',
  ]
  return [
    ...plain,
    '/api/v1/air/stations?index=us-aqi',
    '/api/v1/air/stations?index=eaqi',
    ...devices.map((id) => `/api/v1/devices/${id}/readings?every=1h`),
    ...devices.flatMap((id) => values.map((value) => `/api/v1/explain?device=${id}&value=${value}`)),
    ...stops
      .slice(0, 3)
      .map(
        ({ id }) =>
          `/api/v1/explain?stop=${encodeURIComponent(id)}&value=arrival&route=${routes[0]?.id ?? ''}`,
      ),
  ]
}

async function connected(options: object = {}): Promise<Socket> {
  const socket = io(`${village.http}/live`, {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    ...options,
  })
  sockets.push(socket)
  await new Promise<void>((done, fail) => {
    socket.once('connect', () => done())
    socket.once('connect_error', fail)
  })
  return socket
}

describe('a stranger', () => {
  it('sees no member that is not on the list, on any public route or live frame', async () => {
    const found = new Map<string, string>()
    const texts: string[] = []
    const frames: unknown[] = []
    const socket = await connected()
    socket.onAny((event: string, frame: unknown) => frames.push({ [event]: frame }))
    socket.emit('watch', {})
    const urls = await publicUrls()
    expect(urls.length).toBeGreaterThan(30)
    let answered = 0
    for (const url of urls) {
      const answer = await fetch(village.http + url)
      const text = await answer.text()
      if (!answer.headers.get('content-type')?.includes('json')) continue
      if (answer.ok) answered += 1
      texts.push(text)
      membersOf(JSON.parse(text), url.split('?')[0] ?? '', found)
    }
    expect(answered).toBeGreaterThan(30)
    await publishers.get('hs-1')?.({ clients: 2, latency_ms: 22 })
    await publishers.get('bus-1')?.({ passengers: 1, speed: 5 })
    await until(() => frames.some((frame) => Object.hasOwn(frame as object, 'delta')))
    for (const frame of frames) membersOf(frame, 'live', found)
    texts.push(JSON.stringify(frames))
    // A name that is missing here is to be added to public-members.ts only when everybody may know what stands under it.
    expect([...found].filter(([name]) => !PUBLIC_MEMBERS.has(name)).map(([, path]) => path)).toEqual([])
    for (const text of texts) {
      expect(text).not.toMatch(/"(clients|passengers)":\{"value":[0-4][,}]/)
      expect(text).not.toMatch(/scrypt\$|"[0-9a-f]{64}"/)
    }
  })

  it.each(['clients', 'passengers'])('is not told by an explanation how few %s there are', async (value) => {
    for (const device of ['hs-1', 'bus-1']) {
      const answer = await fetch(`${village.http}/api/v1/explain?device=${device}&value=${value}`)
      const text = await answer.text()
      expect(answer.ok ? text : '').not.toMatch(/"value":[1-4]\b/)
    }
  })

  it('gets none of what tells people apart, and neither do staff', async () => {
    const device = await village.addDevice('hs-warung', 'hotspot')
    const client = await village.connect(device)
    for (const [, text] of PERSONAL) {
      const messages = [
        { values: { clients: text } },
        { values: { clients: 7 }, seen: [text], [text]: true },
        { values: { [text]: 1 } },
      ]
      for (const message of messages) {
        await client.publishAsync(`${device.topicPrefix}/reading`, JSON.stringify(message), { qos: 1 })
      }
      const event = { event: 'tamper', detail: { by: text, [text]: text } }
      await client.publishAsync(`${device.topicPrefix}/event`, JSON.stringify(event), { qos: 1 })
      await client.publishAsync(`${device.topicPrefix}/status`, text, { qos: 1 })
    }
    await client.endAsync()
    const quarantine = async (): Promise<{ messages: { topic: string }[] }> =>
      village.get('/api/v1/quarantine?limit=1000', cookie)
    await until(async () => (await quarantine()).messages.length >= 3 * PERSONAL.length)
    const { paths } = await village.get<OpenApi>('/api/openapi.json')
    const staff = Object.entries(paths).flatMap(([path, methods]) =>
      'get' in methods
        ? [`${path.replace(/\{\w+\}/g, 'hs-warung')}${path.endsWith('quarantine') ? '?limit=1000' : ''}`]
        : [],
    )
    const answers = await Promise.all(
      [...staff, '/api/v1/devices?kind=hotspot&limit=1000'].map(async (path) =>
        (await fetch(village.http + path, { headers: { cookie } })).text(),
      ),
    )
    const all = `${answers.join('\n')}\n${village.log()}`
    expect(all).toContain('[address]')
    for (const [form, text] of PERSONAL) {
      const forms = [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text)]
      expect([form, forms.filter((written) => all.includes(written))]).toEqual([form, []])
    }
  })
})

/** Packets of engine.io and socket.io as no client of theirs would send them. */
const HOSTILE_PACKETS = [
  '42/live,["watch",{"layers":["__proto__"],"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}]',
  '42/live,["__proto__",{}]',
  '42/live,["constructor"]',
  '42/live,["watch"',
  '42/live,',
  '42/live,[]',
  '42/live,{"0":"watch"}',
  '42/admin,["watch",{}]',
  '42["watch",{}]',
  '451-/live,["watch",{"_placeholder":true,"num":0}]',
  '45999999999-/live,["watch",{"_placeholder":true,"num":999999998}]',
  '451-/live,["watch",{"_placeholder":true,"num":-1}]',
  '451-/live,["watch",{"_placeholder":true,"num":"constructor"}]',
  '40/live,{"token":{"toString":1}}',
  '40/live,',
  '41/live,',
  '43/live,1["ack"]',
  '44/live,{"message":"x"}',
  '46/live,["x"]',
  '49',
  '9',
  '',
  '\u0000\uffff',
  `42/live,["watch",${'['.repeat(5_000)}${']'.repeat(5_000)}]`,
] as const

describe('socket.io', () => {
  it('thousands of hostile frames end nobody but who sent them', async () => {
    const pid = await village.partPid('dashboard')
    const other = await connected()
    let deltas = 0
    other.on('delta', () => {
      deltas += 1
    })
    other.emit('watch', {})
    const random = randomOf(4)
    let sent = 0
    while (sent < 3_000) {
      const url = `${village.http.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`
      const socket = new WebSocket(url)
      const opened = new Promise((done) => {
        for (const event of ['open', 'close', 'error']) socket.on(event, done)
      })
      await opened
      socket.send('40/live,')
      for (let index = 0; index < 250; index += 1, sent += 1) {
        const packet = HOSTILE_PACKETS[Math.floor(random() * HOSTILE_PACKETS.length)] ?? ''
        const at = Math.floor(random() * packet.length)
        const mutated = random() < 0.5 ? packet : packet.slice(0, at) + packet.slice(at + 1)
        if (socket.readyState === WebSocket.OPEN) socket.send(random() < 0.1 ? Buffer.from(mutated) : mutated)
      }
      socket.terminate()
    }
    const before = deltas
    await publishers.get('hs-1')?.({ latency_ms: 23 })
    await until(() => deltas > before)
    expect(await village.partPid('dashboard')).toBe(pid)
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
    expect(village.log()).not.toMatch(/"level":"(error|fatal)"/)
  })

  it('takes no message above 16 KiB by polling either, and no other namespace', async () => {
    const base = `${village.http}/socket.io/?EIO=4&transport=polling`
    const opened = await (await fetch(base)).text()
    const { sid } = JSON.parse(opened.slice(1)) as { sid: string }
    const answer = await fetch(`${base}&sid=${sid}`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain;charset=UTF-8' },
      body: `42/live,["watch","${'x'.repeat(20_000)}"]`,
    }).catch(() => null)
    expect(answer === null || answer.status >= 400).toBe(true)
    const foreign = await fetch(base, { headers: { origin: 'https://evil.example' } })
    expect([foreign.status, foreign.headers.get('access-control-allow-origin')]).toEqual([403, null])
  })
})
