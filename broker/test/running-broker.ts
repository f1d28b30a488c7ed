// A broker for tests: the real one, in this process or in one of its own, on a free port, with devices of its own.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import pino from 'pino'
import type { LogRecord } from '../../contract/log.ts'
import type { Registry, StaffToken } from '../../contract/registry.ts'
import { parseSettings } from '../../contract/settings.ts'
import { type Clock, systemClock } from '../../contract/time.ts'
import type { Kind } from '../../contract/topics.ts'
import type { WakeLine } from '../../contract/wake.ts'
import { addDevice, type DeviceCredentials } from '../../runtime/devices.ts'
import { openLogReader } from '../../runtime/log/reader.ts'
import { listSegments, logFolder } from '../../runtime/log/segment.ts'
import { changeRegistry, withAccount } from '../../runtime/registry.ts'
import { newToken, secretDigest } from '../../runtime/secrets.ts'
import { DOOR_LIMITS, type DoorLimits } from '../doors.ts'
import { startBroker } from '../start.ts'
import { type Bundle, bundleBroker } from './bundle.ts'
import { nextLine } from './wake-line.ts'

export const VILLAGE = 'cideng'
const villageFolder = resolve(import.meta.dirname, '../../villages/cideng')

export type Message = Extract<LogRecord, { type: 'message' }>

export interface TestBroker {
  readonly dataFolder: string
  readonly port: number
  readonly tlsPort: number
  device(id: string, kind?: Kind): Promise<DeviceCredentials>
  /** A staff account with a token as its password. */
  staff(
    name: string,
    role: 'infrastructure' | 'environment' | 'admin',
  ): Promise<{ name: string; token: string }>
  connect(credentials: DeviceCredentials, options?: IClientOptions): Promise<MqttClient>
  /** All records of the log, as a reader finds them now. */
  records(): Promise<LogRecord[]>
  messages(): Promise<Message[]>
  /** A fresh line of the wake socket with the broker's status. */
  status(): Promise<NonNullable<WakeLine['broker']>>
  /** What was refused up to now; of a broker in this process only. */
  refused(): Readonly<Record<string, number>>
  changeRegistry(change: (registry: Registry) => Registry): Promise<void>
  stop(): Promise<void>
  /** Starts again on the same data folder, and on a port of its own choice. */
  restart(environment?: Record<string, string>): Promise<void>
  dispose(): Promise<void>
}

export interface KillableBroker extends TestBroker {
  /** Resident memory of its process, in bytes. */
  residentBytes(): number
  kill(): Promise<void>
  /** SIGTERM; the exit code. */
  terminate(): Promise<number | null>
}

/** So that what is told once a second need not be waited for. */
export const TEST_TICK_MS = 30

type Environment = Readonly<Record<string, string>>

const ALWAYS: Environment = {
  PANTAU_VILLAGE: villageFolder,
  PANTAU_MQTT_PORT: '0',
  PANTAU_LIMIT_RATE: '0',
  PANTAU_LOG_LEVEL: 'error',
}

interface Inner {
  readonly clock?: Clock
  readonly isFaulty?: boolean
  readonly limits?: DoorLimits
}

/** In this process. `clock` is the broker's; `isFaulty`: the log's disk has the faults of `log/test/commanded-faults.ts`. */
export async function startTestBroker(
  environment: Environment = {},
  { clock = systemClock, isFaulty = false, limits = DOOR_LIMITS }: Inner = {},
): Promise<TestBroker> {
  const bundle = await bundleBroker()
  const folder = mkdtempSync(join(tmpdir(), 'pantau-broker-'))
  const run = async (more: Environment): Promise<Running> => {
    const { settings, faults } = parseSettings(
      {},
      { ...ALWAYS, PANTAU_DATA: folder, ...environment, ...more },
      {},
    )
    if (faults.length > 0) throw new Error(faults.join('\n'))
    const part = await startBroker(
      {
        settings,
        dataFolder: folder,
        logger: pino({ level: 'silent' }),
        clock,
        fail(error) {
          throw error
        },
      },
      isFaulty ? bundle.faultyThread : bundle.thread,
      TEST_TICK_MS,
      limits,
    )
    return { ports: part.ports ?? {}, stop: () => part.stop(), refused: () => part.refused() }
  }
  return testBroker(folder, bundle, run)
}

interface Running {
  readonly ports: Readonly<Record<string, number | null>>
  stop(): Promise<void>
  refused?(): Readonly<Record<string, number>>
}

async function testBroker(
  dataFolder: string,
  bundle: Bundle,
  run: (more: Environment) => Promise<Running>,
): Promise<TestBroker> {
  const remove = (): void => {
    rmSync(dataFolder, { recursive: true, force: true })
    bundle.remove()
  }
  let running: Running | null = await run({}).catch((error: unknown) => {
    remove()
    throw error
  })
  const clients = new Set<MqttClient>()
  const port = (name: string): number => running?.ports[name] ?? 0

  async function records(): Promise<LogRecord[]> {
    return readLog(logFolder(dataFolder))
  }

  async function stop(): Promise<void> {
    await Promise.all([...clients].map((client) => client.endAsync(true)))
    clients.clear()
    await running?.stop()
    running = null
  }

  return {
    dataFolder,
    get port() {
      return port('mqtt')
    },
    get tlsPort() {
      return port('mqtts')
    },
    device: (id, kind = 'sensor') => addDevice(dataFolder, VILLAGE, { id, kind }, systemClock.now()),
    staff: (name, role) => addStaff(dataFolder, name, role),
    async connect(credentials, options = {}) {
      const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port('mqtt')}`, {
        clientId: credentials.username,
        username: credentials.username,
        password: credentials.password,
        reconnectPeriod: 0,
        connectTimeout: 5_000,
        ...options,
      })
      client.on('error', () => undefined)
      clients.add(client)
      return client
    },
    records,
    async messages() {
      return (await records()).filter((record) => record.type === 'message')
    },
    async status() {
      const { broker } = await nextLine(dataFolder, (line) => line.broker !== undefined)
      if (broker === undefined) throw new Error('no status')
      return broker
    },
    refused: () => running?.refused?.() ?? {},
    async changeRegistry(change) {
      await changeRegistry(dataFolder, change)
    },
    stop,
    async restart(more = {}) {
      running = await run(more)
    },
    async dispose() {
      await stop()
      remove()
    },
  }
}

/** In a process of its own, which can be killed. */
export async function startKillableBroker(environment: Environment = {}): Promise<KillableBroker> {
  const bundle = await bundleBroker()
  const folder = mkdtempSync(join(tmpdir(), 'pantau-broker-'))
  let child: ChildProcess | null = null
  const exited = (): Promise<number | null> => {
    const process = child
    child = null
    if (process === null || process.exitCode !== null || process.signalCode !== null) {
      return Promise.resolve(process?.exitCode ?? null)
    }
    return new Promise((done) => process.once('exit', (code) => done(code)))
  }
  const run = async (more: Environment): Promise<Running> => {
    const started = spawn(process.execPath, [bundle.program], {
      env: { ...process.env, ...ALWAYS, PANTAU_DATA: folder, ...environment, ...more },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    child = started
    const ports = await new Promise<Running['ports']>((done, fail) => {
      started.once('message', (message: { type: string; ports?: Running['ports'] }) =>
        done(message.ports ?? {}),
      )
      started.once('exit', (code) => fail(new Error(`the broker ended with ${code}`)))
    })
    return {
      ports,
      async stop() {
        const gone = exited()
        started.kill('SIGKILL')
        await gone
      },
    }
  }
  const broker = await testBroker(folder, bundle, run)
  return Object.assign(broker, {
    residentBytes() {
      const status = readFileSync(`/proc/${child?.pid ?? 0}/status`, 'utf8')
      return 1_024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1])
    },
    async kill() {
      const gone = child
      const ended = exited()
      gone?.kill('SIGKILL')
      await ended
    },
    async terminate() {
      const gone = child
      const ended = exited()
      gone?.kill('SIGTERM')
      return ended
    },
  })
}

async function addStaff(
  dataFolder: string,
  name: string,
  role: StaffToken['role'],
): Promise<{ name: string; token: string }> {
  const token = newToken()
  const now = systemClock.now()
  await changeRegistry(dataFolder, (registry) =>
    withAccount(registry, {
      name,
      role,
      passwordHash: '',
      createdAt: now,
      validFrom: now,
      tokens: [{ id: name, name: 'test', role, digest: secretDigest(token), createdAt: now }],
    }),
  )
  return { name, token }
}

/** Every record of a log up to its files' end. */
export async function readLog(folder: string): Promise<LogRecord[]> {
  const segments = listSegments(folder)
  const reader = openLogReader(folder, { segment: segments[0] ?? 1, offset: 0 })
  const end = { segment: segments.at(-1) ?? 1, offset: Number.MAX_SAFE_INTEGER }
  const found: LogRecord[] = []
  for (let items = await reader.read(end); items.length > 0; items = await reader.read(end)) {
    for (const item of items) if (item.type === 'record') found.push(item.record)
  }
  await reader.close()
  return found
}
