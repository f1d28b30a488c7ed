// `npm run bench -- slow`: what one frozen subscriber among a hundred costs the publishers: the time from publish to PUBACK without and
// with it, Pantau beside plain Aedes, and when it is closed.

import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import mqtt, { type MqttClient } from 'mqtt'
import { connectPacket, subscribePacket } from '../broker/test/raw-client.ts'
import { systemClock } from '../contract/time.ts'
import { changeRegistry, withAccount } from '../runtime/registry.ts'
import { newToken, secretDigest } from '../runtime/secrets.ts'
import { AEDES, deviceName, PANTAU, PEERS, type Peer } from './broker-peers.ts'
import { printTable } from './table.ts'

const SUBSCRIBERS = 99
const PUBLISHERS = 10
/** Each publishes so often: open loop, so that a publisher that waits does not hide how long. */
const EVERY_MS = 1_000
const PAYLOAD = Buffer.alloc(49_152, 0x20)
const RUN_MS = 25_000
const ALL = 'pantau/cideng/#'
/** State of a connection in /proc/net/tcp. */
const ESTABLISHED = '01'

interface Listener {
  readonly username: string
  readonly password: string
}

export async function benchSlow(): Promise<void> {
  const rows: (string | number)[][] = []
  for (const name of [PANTAU, AEDES]) {
    const without = await run(name, false)
    const frozen = await run(name, true)
    rows.push([
      name,
      without.p50,
      without.p99,
      frozen.p50,
      frozen.p99,
      frozen.p99 / without.p99,
      frozen.closedS ?? 'not closed',
    ])
  }
  process.stdout.write(
    `${PUBLISHERS} publishers, one message of ${PAYLOAD.length / 1_024} KiB a second each, ${SUBSCRIBERS} subscribers to all, and one that reads nothing; ms from publish to PUBACK over ${RUN_MS / 1_000} s; Node ${process.version}\n`,
  )
  printTable(['broker', 'p50', 'p99', 'p50 frozen', 'p99 frozen', 'p99 ratio', 's until it is closed'], rows)
}

interface Run {
  readonly p50: number
  readonly p99: number
  /** Null: it was still open at the end. */
  readonly closedS: number | null
}

async function run(name: string, isFrozen: boolean): Promise<Run> {
  const peer = await PEERS[name]?.(PUBLISHERS)
  if (peer === undefined) throw new Error(`${name} is not on this machine`)
  const clients: MqttClient[] = []
  let frozen: Socket | null = null
  let watch: NodeJS.Timeout | undefined
  try {
    const listener = await addListener(peer)
    for (let index = 0; index < SUBSCRIBERS; index += 1) {
      const client = await connectAs(peer, listener, `${listener.username}:${index}`)
      await client.subscribeAsync(ALL, { qos: 0 })
      clients.push(client)
    }
    let closedS: number | null = null
    if (isFrozen) {
      const begin = systemClock.monotonicMs()
      const socket = freeze(peer, listener)
      frozen = socket
      watch = setInterval(() => {
        if (closedS === null && isLeft(socket)) closedS = (systemClock.monotonicMs() - begin) / 1_000
      }, 100)
    }
    const waits = await publishAll(peer, clients)
    return { p50: quantile(waits, 0.5), p99: quantile(waits, 0.99), closedS }
  } finally {
    clearInterval(watch)
    frozen?.destroy()
    for (const client of clients) client.end(true)
    await peer.stop()
  }
}

/** Someone who may listen to all; Aedes asks nobody. */
async function addListener({ dataFolder }: Peer): Promise<Listener> {
  const password = newToken()
  if (dataFolder === undefined) return { username: 'listener', password }
  const createdAt = systemClock.now()
  await changeRegistry(dataFolder, (registry) =>
    withAccount(registry, {
      name: 'listener',
      role: 'infrastructure',
      passwordHash: '',
      createdAt,
      validFrom: createdAt,
      tokens: [
        { id: 'bench', name: 'bench', role: 'infrastructure', digest: secretDigest(password), createdAt },
      ],
    }),
  )
  // The broker looks at its registry every second.
  await sleep(2_000)
  return { username: 'listener', password }
}

function connectAs({ port }: Peer, { username, password }: Listener, clientId: string): Promise<MqttClient> {
  return mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { clientId, username, password, reconnectPeriod: 0 })
}

/** A subscriber that reads nothing once it has subscribed. */
function freeze({ port }: Peer, { username, password }: Listener): Socket {
  const socket = connect(port, '127.0.0.1', () => {
    socket.write(connectPacket({ clientId: `${username}:frozen`, username, password, keepalive: 1_200 }))
    socket.write(subscribePacket([ALL], { qos: 0 }))
  })
  socket.on('error', () => undefined)
  socket.pause()
  return socket
}

/** Whether the other side has closed: one who does not read is told by the kernel alone. */
function isLeft({ localPort = 0 }: Socket): boolean {
  const port = localPort.toString(16).toUpperCase().padStart(4, '0')
  const line = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .find((row) => row.trim().split(/\s+/)[1]?.endsWith(`:${port}`))
  return line?.trim().split(/\s+/)[3] !== ESTABLISHED
}

/** Milliseconds from the intended time of each publish to its PUBACK; one that never came counts as the rest of the run. */
async function publishAll(peer: Peer, clients: MqttClient[]): Promise<number[]> {
  const waits: number[] = []
  const publishers: MqttClient[] = []
  for (let index = 0; index < PUBLISHERS; index += 1) {
    const username = deviceName(index)
    publishers.push(
      await connectAs(peer, { username, password: peer.passwords.get(username) ?? '' }, username),
    )
  }
  clients.push(...publishers)
  const begin = systemClock.monotonicMs()
  const ticks = RUN_MS / EVERY_MS
  let isOver = false
  const open = new Set<number>()
  for (let tick = 0; tick < ticks; tick += 1) {
    const intended = begin + tick * EVERY_MS
    await sleep(Math.max(0, intended - systemClock.monotonicMs()))
    for (const [index, client] of publishers.entries()) {
      const id = tick * PUBLISHERS + index
      open.add(id)
      const topic = `pantau/cideng/sensor/${deviceName(index)}/reading`
      client.publish(topic, PAYLOAD, { qos: 1 }, () => {
        if (isOver || !open.delete(id)) return
        waits.push(systemClock.monotonicMs() - intended)
      })
    }
  }
  await sleep(1_000)
  isOver = true
  for (const id of open) {
    waits.push(systemClock.monotonicMs() - begin - Math.floor(id / PUBLISHERS) * EVERY_MS)
  }
  return waits.sort((a, b) => a - b)
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
