// Starts a real village in a temporary folder, as `npm start` does, on free ports, and speaks to it from outside only.

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import mqtt, { type MqttClient } from 'mqtt'
import { systemClock } from '../contract/time.ts'
import { registerSimulated } from '../runtime/devices.ts'

/** The project's folder, from here or from a bundle below it. */
export const root = projectFolder(import.meta.dirname)

function projectFolder(from: string): string {
  return existsSync(join(from, 'package.json')) ? from : projectFolder(dirname(from))
}

export interface Credentials {
  readonly id: string
  readonly kind: string
  readonly username: string
  readonly password: string
  readonly topicPrefix: string
}

export interface CommandResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `npm run NAME -- ARGV` without npm; `environment` beside the machine's. */
export function runCommand(
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [join(root, 'commands/run.mjs'), ...argv], {
      cwd: root,
      env: { ...process.env, ...environment },
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk) => {
      stdout += String(chunk)
    })
    child.stderr.on('data', (chunk) => {
      stderr += String(chunk)
    })
    child.once('error', fail)
    child.once('close', (code) => done({ code, stdout, stderr }))
  })
}

export interface TestVillage {
  readonly dataFolder: string
  readonly http: string
  readonly mqtt: string
  /** Pid of the supervisor. */
  readonly pid: number
  /** What the village wrote to standard error so far. */
  log(): string
  addDevice(id: string, kind: string, ...flags: string[]): Promise<Credentials>
  /** Adds many sensors at once, without a process each. */
  addDevices(count: number): Promise<Credentials[]>
  /** The admin's session cookie. */
  signIn(): Promise<string>
  /** GET as JSON; throws unless it is answered by 2xx. */
  get<T>(path: string, cookie?: string): Promise<T>
  connect(credentials: Credentials, options?: mqtt.IClientOptions): Promise<MqttClient>
  /** Pids of the running process of a part. */
  partPid(part: string): Promise<number>
  /** Kills a part without warning and waits until it is back. */
  killPart(part: string): Promise<void>
  /** Starts again on the same data folder after `killAll` or `stop`. */
  restart(): Promise<void>
  killAll(): Promise<void>
  stop(): Promise<number | null>
  /** Stops and removes the data folder. */
  dispose(): Promise<void>
}

const READY_MS = 110_000

export interface VillagePlace {
  /** Absent: a temporary one. */
  readonly dataFolder?: string
  /** A program that stands for `npm start`, whose parts are others. */
  readonly start?: string
  /** Absent: any that are free now; they may be another program's while the village is stopped. */
  readonly ports?: { readonly mqtt: number; readonly http: number }
  /** How long a start may take on this machine. */
  readonly readyMs?: number
}

/** `environment` are settings; simulators are off unless it says otherwise. */
export async function startVillage(
  environment: Readonly<Record<string, string>> = {},
  place: VillagePlace = {},
): Promise<TestVillage> {
  const dataFolder = place.dataFolder ?? mkdtempSync(join(tmpdir(), 'pantau-test-'))
  let log = ''
  let child: ChildProcess | null = null
  let ready = { pid: 0, http: '', mqtt: '' }

  async function launch(ports: { mqtt: string; http: string }): Promise<void> {
    const started = spawn(
      process.execPath,
      place.start === undefined ? [join(root, 'commands/run.mjs'), 'start'] : [place.start],
      {
        cwd: root,
        env: {
          ...process.env,
          PANTAU_SIMULATE: 'off',
          PANTAU_MQTT_PORT: ports.mqtt,
          PANTAU_HTTP_PORT: ports.http,
          ...environment,
          PANTAU_DATA: dataFolder,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    child = started
    started.stderr.on('data', (chunk) => {
      log += String(chunk)
    })
    await new Promise<void>((done, fail) => {
      let out = ''
      const timer = setTimeout(() => {
        // Its parts go when they notice.
        started.kill('SIGKILL')
        fail(new Error(`the village was not ready in time:\n${log}`))
      }, place.readyMs ?? READY_MS)
      started.stdout.on('data', (chunk) => {
        out += String(chunk)
        if (!/^Pantau is ready/m.test(out)) return
        clearTimeout(timer)
        done()
      })
      started.once('exit', (code) => {
        clearTimeout(timer)
        fail(new Error(`the village ended with ${code} before it was ready:\n${log}`))
      })
    })
    ready = JSON.parse(readFileSync(join(dataFolder, 'ready.json'), 'utf8')) as typeof ready
  }

  async function ended(): Promise<number | null> {
    const running = child
    if (running === null || running.exitCode !== null || running.signalCode !== null)
      return running?.exitCode ?? null
    return new Promise((done) => running.once('exit', (code) => done(code)))
  }

  async function partPid(part: string): Promise<number> {
    for (;;) {
      const { stdout } = await run('pgrep', ['-P', String(ready.pid), '-f', `/${part}\\.js`])
      const pid = Number(stdout.trim().split('\n')[0])
      if (pid > 0) return pid
      await sleep(50)
    }
  }

  async function get<T>(path: string, cookie?: string): Promise<T> {
    const answer = await fetch(`${ready.http}${path}`, cookie === undefined ? {} : { headers: { cookie } })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${text}`)
    return JSON.parse(text) as T
  }

  async function stop(): Promise<number | null> {
    child?.kill('SIGTERM')
    return ended()
  }

  await launch({ mqtt: String(place.ports?.mqtt ?? 0), http: String(place.ports?.http ?? 0) })

  return {
    dataFolder,
    get http() {
      return ready.http
    },
    get mqtt() {
      return ready.mqtt
    },
    get pid() {
      return ready.pid
    },
    log: () => log,
    async addDevice(id, kind, ...flags) {
      const result = await runCommand(['device', 'add', id, '--kind', kind, ...flags], {
        PANTAU_DATA: dataFolder,
      })
      if (result.code !== 0) throw new Error(result.stderr)
      return JSON.parse(result.stdout) as Credentials
    },
    async addDevices(count) {
      const devices = Array.from({ length: count }, (_, index) => {
        const id = `bench-${index}`
        return { id, kind: 'sensor', name: id, lat: -6.17, lon: 106.807 } as const
      })
      return [...(await registerSimulated(dataFolder, 'cideng', devices, systemClock.now()))]
    },
    async signIn() {
      const login: unknown = JSON.parse(readFileSync(join(dataFolder, 'first-login.json'), 'utf8'))
      const answer = await fetch(`${ready.http}/api/v1/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(login),
      })
      if (answer.status !== 204) throw new Error(`sign-in: ${answer.status} ${await answer.text()}`)
      const cookies = answer.headers.getSetCookie().map((cookie) => cookie.split(';')[0] ?? '')
      return cookies.join('; ')
    },
    get,
    async connect(credentials, options = {}) {
      return mqtt.connectAsync(ready.mqtt, {
        clientId: credentials.username,
        username: credentials.username,
        password: credentials.password,
        reconnectPeriod: 200,
        ...options,
      })
    },
    partPid,
    async killPart(part) {
      const pid = await partPid(part)
      process.kill(pid, 'SIGKILL')
      await until(async () => (await partPid(part)) !== pid)
    },
    async restart() {
      await launch({ mqtt: new URL(ready.mqtt).port, http: new URL(ready.http).port })
    },
    async killAll() {
      const { stdout } = await run('pgrep', ['-P', String(ready.pid)])
      const pids = [ready.pid, ...stdout.trim().split('\n').map(Number)]
      for (const pid of pids) if (pid > 0) process.kill(pid, 'SIGKILL')
      await ended()
    },
    stop,
    async dispose() {
      await stop()
      rmSync(dataFolder, { recursive: true, force: true })
    },
  }
}

/** Waits until `holds` says true, looking every `everyMs`; throws after `withinMs`. */
export async function until(
  holds: () => Promise<boolean> | boolean,
  withinMs = 30_000,
  everyMs = 100,
): Promise<void> {
  for (let waitedMs = 0; waitedMs < withinMs; waitedMs += everyMs) {
    if (await holds()) return
    await sleep(everyMs)
  }
  throw new Error(`it did not come true within ${withinMs} ms: ${holds.toString()}`)
}

function run(program: string, argv: readonly string[]): Promise<{ stdout: string }> {
  return new Promise((done, fail) => {
    const child = spawn(program, argv)
    let stdout = ''
    child.stdout.on('data', (chunk) => {
      stdout += String(chunk)
    })
    child.once('error', fail)
    child.once('close', () => done({ stdout }))
  })
}
