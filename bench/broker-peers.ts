// The brokers that the benchmarks measure beside each other, each a process of its own on a free port: Pantau's as it is shipped, plain
// Aedes in memory, and Mosquitto without persistence.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../contract/time.ts'
import { registerSimulated } from '../runtime/devices.ts'
import { openLogReader } from '../runtime/log/reader.ts'
import { listSegments, logFolder } from '../runtime/log/segment.ts'
import { root } from '../test/village.ts'

export interface Peer {
  readonly port: number
  readonly pid: number
  /** Passwords of the devices, where there are any. */
  readonly passwords: ReadonlyMap<string, string>
  readonly dataFolder?: string
  /** Throws when the peer does not hold what it acknowledged. */
  check?(messages: number): Promise<void>
  stop(): Promise<void>
}

/** Starts a peer that knows so many devices, `deviceName(0)` and on. */
export type StartPeer = (devices: number) => Promise<Peer>

export const PANTAU = 'Pantau'
export const AEDES = 'Aedes'
export const MOSQUITTO = 'Mosquitto'

export const PEERS: Readonly<Record<string, StartPeer>> = {
  [AEDES]: startAedes,
  [PANTAU]: startPantau,
  ...(hasMosquitto() ? { [MOSQUITTO]: startMosquitto } : {}),
}

export const deviceName = (index: number): string => `bench-${index}`

async function startAedes(): Promise<Peer> {
  const program = spawn(process.execPath, [`${root}/dist/bench/plain-aedes.js`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const line = await createInterface({ input: program.stdout })[Symbol.asyncIterator]().next()
  return { port: Number(line.value), pid: program.pid ?? 0, passwords: new Map(), stop: () => kill(program) }
}

async function startPantau(count: number): Promise<Peer> {
  const folder = mkdtempSync(join(tmpdir(), 'pantau-bench-'))
  const devices = Array.from({ length: count }, (_, index) => {
    const id = deviceName(index)
    return { id, kind: 'sensor', name: id, lat: -6.17, lon: 106.807 } as const
  })
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
    pid: broker.pid ?? 0,
    dataFolder: folder,
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
    pid: program.pid ?? 0,
    passwords: new Map(),
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
