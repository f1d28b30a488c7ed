// `npm run bench -- broker`: publishes at QoS 1 that are acknowledged a second, Pantau's broker (on disk before each PUBACK) beside
// plain Aedes in memory and Mosquitto without persistence, in turn in one run. Checks that the log holds all that was acknowledged.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { Aedes } from 'aedes'
import { systemClock } from '../contract/time.ts'
import { registerSimulated } from '../runtime/devices.ts'
import { openLogReader } from '../runtime/log/reader.ts'
import { listSegments, logFolder } from '../runtime/log/segment.ts'
import { root } from '../test/village.ts'
import type { LoadPlan } from './load.ts'
import { median, printTable } from './table.ts'

const ROUNDS = 3
/** Publishers, messages of all of them, and how many of one are on the way. */
const LOADS = [
  { publishers: 1, messages: 20_000, inFlightEach: 20 },
  { publishers: 50, messages: 60_000, inFlightEach: 20 },
  { publishers: 500, messages: 60_000, inFlightEach: 20 },
] as const
type Load = (typeof LOADS)[number]

interface Peer {
  readonly port: number
  /** Passwords of the devices, where there are any. */
  readonly passwords?: ReadonlyMap<string, string>
  /** Throws when the peer does not hold what it acknowledged. */
  check?(messages: number): Promise<void>
  stop(): Promise<void>
}

const PEERS: Readonly<Record<string, () => Promise<Peer>>> = {
  'Aedes, in memory': startAedes,
  'Pantau, on disk': startPantau,
  ...(hasMosquitto() ? { 'Mosquitto, no persistence': startMosquitto } : {}),
}

export async function benchBroker(): Promise<void> {
  const names = Object.keys(PEERS)
  const rows: (string | number)[][] = []
  for (const load of LOADS) {
    const rates = new Map<string, number[]>(names.map((name) => [name, []]))
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [name, start] of Object.entries(PEERS)) rates.get(name)?.push(await runOnce(start, load))
    }
    const of = (name: string): number[] => rates.get(name) ?? []
    const ours = of('Pantau, on disk')
    const ratio = (peer: readonly number[]): string | number =>
      peer.length === 0 ? '-' : median(ours.map((rate, round) => rate / (peer[round] ?? Number.NaN)))
    const peers = [of('Aedes, in memory'), of('Mosquitto, no persistence')]
    rows.push([
      `${load.publishers}`,
      ...[ours, ...peers].map((own) => (own.length === 0 ? '-' : median(own))),
      ...peers.map(ratio),
    ])
  }
  process.stdout.write(
    `publishes at QoS 1 acknowledged a second; medians of ${ROUNDS} rounds in turn; Node ${process.version}\n`,
  )
  printTable(['publishers', ...['Pantau', 'Aedes', 'Mosquitto'], 'to Aedes', 'to Mosquitto'], rows)
}

async function runOnce(start: () => Promise<Peer>, load: Load): Promise<number> {
  const peer = await start()
  try {
    const rate = await publish(peer, load)
    await peer.check?.(load.messages)
    return rate
  } finally {
    await peer.stop()
  }
}

/** Acknowledged publishes a second; the load runs in a process of its own. */
async function publish(peer: Peer, { publishers, messages, inFlightEach }: Load): Promise<number> {
  const plan: LoadPlan = {
    url: `mqtt://127.0.0.1:${peer.port}`,
    devices: Array.from({ length: publishers }, (_, index) => ({
      username: nameOf(index),
      password: peer.passwords?.get(nameOf(index)) ?? '',
      topicPrefix: `pantau/cideng/sensor/${nameOf(index)}`,
    })),
    observationsEach: messages / publishers,
    inFlightEach,
    firstTime: systemClock.now(),
  }
  const load = spawn(process.execPath, [`${root}/dist/bench/load.js`], { stdio: ['pipe', 'pipe', 'inherit'] })
  load.stdin.end(JSON.stringify(plan))
  const lines = createInterface({ input: load.stdout })[Symbol.asyncIterator]()
  await lines.next()
  const begin = systemClock.monotonicMs()
  const acknowledged = Number((await lines.next()).value)
  const seconds = (systemClock.monotonicMs() - begin) / 1_000
  if (acknowledged !== messages) throw new Error(`${acknowledged} of ${messages} messages were acknowledged`)
  return messages / seconds
}

const nameOf = (index: number): string => `bench-${index}`

async function startAedes(): Promise<Peer> {
  const aedes = await Aedes.createBroker({ concurrency: 0 })
  const server = createServer(aedes.handle)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      await new Promise<void>((done) => aedes.close(done))
      await new Promise((done) => server.close(done))
    },
  }
}

async function startPantau(): Promise<Peer> {
  const folder = mkdtempSync(join(tmpdir(), 'pantau-bench-'))
  const devices = Array.from(
    { length: Math.max(...LOADS.map(({ publishers }) => publishers)) },
    (_, index) => {
      const id = nameOf(index)
      return { id, kind: 'sensor', name: id, lat: -6.17, lon: 106.807 } as const
    },
  )
  const credentials = await registerSimulated(folder, 'cideng', devices, systemClock.now())
  const broker = spawn(process.execPath, [`${root}/dist/broker.js`], {
    cwd: root,
    env: {
      ...process.env,
      PANTAU_DATA: folder,
      PANTAU_MQTT_PORT: '0',
      PANTAU_LIMIT_RATE: '0',
      PANTAU_LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const port = await new Promise<number>((done, fail) => {
    broker.once('message', (message: { ports?: { mqtt?: number } }) => done(message.ports?.mqtt ?? 0))
    broker.once('exit', (code) => fail(new Error(`the broker ended with ${code}`)))
  })
  return {
    port,
    passwords: new Map(credentials.map(({ username, password }) => [username, password])),
    async check(messages) {
      const held = await heldMessages(logFolder(folder))
      if (held !== messages) throw new Error(`the log holds ${held} of ${messages} messages`)
    },
    async stop() {
      await kill(broker)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function heldMessages(folder: string): Promise<number> {
  const reader = openLogReader(folder, { segment: 1, offset: 0 })
  const end = { segment: listSegments(folder).at(-1) ?? 1, offset: Number.MAX_SAFE_INTEGER }
  let messages = 0
  for (let items = await reader.read(end); items.length > 0; items = await reader.read(end)) {
    for (const item of items) if (item.type === 'record' && item.record.type === 'message') messages += 1
  }
  await reader.close()
  return messages
}

function hasMosquitto(): boolean {
  return spawnSync('mosquitto', ['-h']).error === undefined
}

async function startMosquitto(): Promise<Peer> {
  const folder = mkdtempSync(join(tmpdir(), 'pantau-mosquitto-'))
  const port = await freePort()
  const config = join(folder, 'mosquitto.conf')
  writeFileSync(
    config,
    `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\nlog_type none\n`,
  )
  const program = spawn('mosquitto', ['-c', config], { stdio: 'ignore' })
  while (!(await answers(port))) await sleep(20)
  return {
    port,
    async stop() {
      await kill(program)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function kill(program: ChildProcess): Promise<void> {
  const gone = new Promise((done) => program.once('exit', done))
  program.kill('SIGKILL')
  await gone
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return port
}

function answers(port: number): Promise<boolean> {
  return new Promise((done) => {
    const probe = connect(port, '127.0.0.1')
    probe.once('connect', () => {
      probe.destroy()
      done(true)
    })
    probe.once('error', () => done(false))
  })
}
