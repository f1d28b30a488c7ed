// A real InfluxDB 1.x of its own for a test: free ports, a temporary folder.

import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const PROGRAM = ['/usr/bin/influxd', '/usr/local/bin/influxd'].find((path) => existsSync(path))

/** True when the machine has influxd. Throws when PANTAU_REQUIRE wants it and it is missing. */
export function hasInfluxDb(): boolean {
  return isThere(
    'influxdb',
    PROGRAM !== undefined,
    'influxd is not installed: tests against InfluxDB 1.x are skipped',
  )
}

/** Whether a program is there; says once what is skipped without it, and throws when it is required. */
export function isThere(name: string, there: boolean, skipped: string): boolean {
  if (there) return true
  if ((process.env['PANTAU_REQUIRE'] ?? '').split(',').includes(name)) {
    throw new Error(`PANTAU_REQUIRE lists ${name}, which is not installed`)
  }
  console.warn(skipped)
  return false
}

export interface InfluxDb {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  readonly port: number
  pid(): number
  /** Kills it without warning; the data stay. */
  kill(): Promise<void>
  start(): Promise<void>
  dispose(): Promise<void>
}

/** Starts influxd and waits until it answers. `settings` are further environment of influxd, such as its limits. */
export async function startInfluxDb(settings: Readonly<Record<string, string>> = {}): Promise<InfluxDb> {
  const folder = mkdtempSync(join(tmpdir(), 'pantau-influxdb-'))
  const port = await freePort()
  const rpcPort = await freePort()
  const config = join(folder, 'influxdb.conf')
  writeFileSync(
    config,
    [
      'reporting-disabled = true',
      `bind-address = "127.0.0.1:${rpcPort}"`,
      `[meta]\n  dir = "${folder}/meta"`,
      `[data]\n  dir = "${folder}/data"\n  wal-dir = "${folder}/wal"\n  query-log-enabled = false`,
      `[http]\n  bind-address = "127.0.0.1:${port}"\n  log-enabled = false`,
      '[monitor]\n  store-enabled = false',
      '[logging]\n  level = "error"',
    ].join('\n'),
  )
  const url = `http://127.0.0.1:${port}`
  let gone: Promise<unknown> = Promise.resolve()
  let kill = (): void => undefined
  let pid = 0

  async function start(): Promise<void> {
    const child = spawn(PROGRAM ?? 'influxd', ['-config', config], {
      env: { ...process.env, ...settings },
      stdio: 'ignore',
    })
    pid = child.pid ?? 0
    gone = new Promise((done) => child.once('exit', done))
    kill = () => {
      child.kill('SIGKILL')
    }
    for (let tries = 0; tries < 300; tries += 1) {
      if (await answers(url)) return
      await sleep(100)
    }
    throw new Error('influxd did not answer within 30 s')
  }

  await start()
  return {
    url,
    port,
    pid: () => pid,
    start,
    async kill() {
      kill()
      await gone
    },
    async dispose() {
      kill()
      await gone
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/ping`)).status === 204
  } catch {
    // Not listening yet.
    return false
  }
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  await new Promise((done) => server.close(done))
  return typeof address === 'object' && address !== null ? address.port : 0
}
