// The edge agent against a real village: the bundled program measures real targets on this machine and outlives a village that goes
// away, is killed itself and comes back; an hour without a broker is done with the clock passed in. What the broker logged shows
// the order, what the API answers shows that each reading is there once.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { HOUR, MINUTE } from '../contract/time.ts'
import { Agent } from '../edge-agent/agent.ts'
import { openLog } from '../edge-agent/log.ts'
import { openSystem } from '../edge-agent/system.ts'
import { ManualTime } from '../edge-agent/testing/manual-time.ts'
import { logStart, openLogReader } from '../runtime/log/reader.ts'
import { listSegments, logFolder, segmentPath } from '../runtime/log/segment.ts'
import { type Credentials, root, startVillage, type TestVillage, until } from './village.ts'

interface Reported {
  readonly time: string
  readonly seq: number
  readonly values: Readonly<Record<string, number>>
  /** Came in an array, behind the fact. */
  readonly late: boolean
}

const hasPing = spawnSync('ping', ['-c', '1', '-W', '1', '127.0.0.1']).status === 0
if (!hasPing) process.stderr.write('ping cannot reach 127.0.0.1 here: the target is measured by TCP alone\n')

let village: TestVillage
let target: Server
let folder = ''
let cookie = ''
const children: ChildProcess[] = []

beforeAll(async () => {
  village = await startVillage()
  cookie = await village.signIn()
  folder = fs.mkdtempSync(join(tmpdir(), 'pantau-agent-test-'))
  target = createServer((_request, response) => response.end('success\n'))
  await new Promise<void>((done) => target.listen(0, '127.0.0.1', done))
})

afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => end(child, 'SIGKILL')))
})

afterAll(async () => {
  target?.close()
  await village?.dispose()
  fs.rmSync(folder, { recursive: true, force: true })
})

const targetPort = (): number => (target.address() as AddressInfo).port

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  const ended = new Promise<number | null>((done) => child.once('exit', (code) => done(code)))
  child.kill(signal)
  return ended
}

async function addHotspot(id: string): Promise<Credentials> {
  const credentials = await village.addDevice(id, 'hotspot', '--lat', '-6.17', '--lon', '106.807')
  await until(async () => (await fetch(`${village.http}/api/v1/devices/${id}`)).ok)
  return credentials
}

/** The bundle that is installed on hotspots, measuring once a second. */
function startAgent(device: string, password: string): { readonly child: ChildProcess; log(): string } {
  const passwordFile = join(folder, `${device}.password`)
  fs.writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 })
  const targets = hasPing ? `127.0.0.1,127.0.0.1:${targetPort()}` : `127.0.0.1:${targetPort()}`
  const child = spawn(process.execPath, [
    join(root, 'dist/edge-agent.js'),
    ...['--url', village.mqtt, '--device', device, '--password-file', passwordFile],
    ...['--state', join(folder, device), '--interval', '1s', '--ping-count', '1', '--targets', targets],
    ...['--dns-name', '', '--http-url', `http://127.0.0.1:${targetPort()}/`],
  ])
  children.push(child)
  let log = ''
  child.stderr.on('data', (text) => {
    log += String(text)
  })
  return { child, log: () => log }
}

/** What the broker logged of the device's readings, in the order of arrival, each as often as it came. */
async function logged(device: string): Promise<Reported[]> {
  const log = logFolder(village.dataFolder)
  const last = listSegments(log).at(-1) ?? 1
  const end = { segment: last, offset: fs.statSync(segmentPath(log, last)).size }
  const reader = openLogReader(log, logStart(log))
  const reported: Reported[] = []
  for (;;) {
    const items = await reader.read(end)
    if (items.length === 0) break
    for (const item of items) {
      if (item.type !== 'record' || item.record.type !== 'message') continue
      if (!item.record.topic.endsWith(`/${device}/reading`)) continue
      const parsed = JSON.parse(Buffer.from(item.record.payload).toString()) as Reported | Reported[]
      const late = Array.isArray(parsed)
      reported.push(...[parsed].flat().map((one) => ({ ...one, late })))
    }
  }
  await reader.close()
  return reported
}

interface Readings {
  readonly series: readonly { readonly points: readonly (readonly [number, number])[] }[]
}

async function stored(device: string, from: number): Promise<readonly (readonly [number, number])[]> {
  const path = `/api/v1/devices/${device}/readings?metric=up&from=${new Date(from).toISOString()}`
  return (await village.get<Readings>(path, cookie)).series[0]?.points ?? []
}

/** By number, each once, as it first came. */
function firstArrivals(reported: readonly Reported[]): Reported[] {
  return [...new Map(reported.toReversed().map((one) => [one.seq, one])).values()].sort(
    (one, other) => one.seq - other.seq,
  )
}

/** None is lost, none is twice, none is out of order: numbers without a gap, times that rise, the same in the store. */
async function expectWhole(device: string, from: number, count: number): Promise<Reported[]> {
  await until(async () => (await stored(device, from)).length >= count)
  const reported = await logged(device)
  const first = firstArrivals(reported)
  expect(first.map(({ seq }) => seq)).toEqual(first.map((_, index) => index))
  const times = first.map(({ time }) => Date.parse(time))
  expect(times).toEqual([...new Set(times)].sort((one, other) => one - other))
  await until(async () => (await stored(device, from)).length >= first.length)
  expect(await stored(device, from)).toEqual(
    first.map(({ time, values }) => [Date.parse(time), values['up']]),
  )
  const late = reported.filter((one) => one.late).map(({ seq }) => seq)
  expect(late).toEqual(late.toSorted((one, other) => one - other))
  return reported
}

describe('the bundled agent', () => {
  const begin = Date.now() - MINUTE
  let credentials: Credentials

  beforeAll(async () => {
    credentials = await addHotspot('hs-bundle')
  })

  it('measures real targets on this machine, goes on while the village is away, and delivers all of it in order', async () => {
    const agent = startAgent('hs-bundle', credentials.password)
    await until(async () => (await stored('hs-bundle', begin)).length >= 3)
    const gone = Date.now()
    await village.stop()
    await sleep(8_000)
    expect(agent.child.exitCode).toBe(null)
    await village.restart()
    const back = Date.now()
    await until(async () => {
      const points = await stored('hs-bundle', begin)
      return points.some(([time]) => time > gone + 4_000 && time < back) && (points.at(-1)?.[0] ?? 0) > back
    })
    // Says goodbye, so that what was measured and what came can be compared.
    expect(await end(agent.child, 'SIGTERM')).toBe(0)
    const reported = await expectWhole('hs-bundle', begin, 10)
    const duringOutage = firstArrivals(reported).filter(({ time }) => {
      const at = Date.parse(time)
      return at > gone + 1_000 && at < back - 1_000
    })
    expect(duringOutage.length).toBeGreaterThanOrEqual(5)
    for (const { values } of firstArrivals(reported)) {
      expect(values).toMatchObject({ up: 1, loss_pct: 0, lost: 0 })
      expect(values['latency_ms']).toBeGreaterThan(0)
      expect(values['http_ms']).toBeGreaterThan(0)
    }
  })

  it('is shown as it says goodbye', async () => {
    await until(async () => {
      const feature = await village.get<{ properties: { state: string } }>(
        '/api/v1/devices/hs-bundle',
        cookie,
      )
      return feature.properties.state === 'down' || feature.properties.state === 'unknown'
    })
  })

  it('with a wrong password says so plainly and goes on trying', async () => {
    const agent = startAgent('hs-bundle', 'wrong')
    await until(() => agent.log().includes('refused the credentials'))
    expect(agent.log()).not.toMatch(/^\s+at /m)
    expect(agent.log()).not.toContain('wrong"')
    expect(agent.child.exitCode).toBe(null)
    expect(await end(agent.child, 'SIGTERM')).toBe(0)
  })
})

it('an hour without the broker: all that was measured is stored once, in order, with its own time', async () => {
  const { username, password } = await addHotspot('hs-hour')
  const begin = Date.now() - 3 * HOUR
  const time = new ManualTime(begin)
  const state = join(folder, 'hs-hour')
  fs.mkdirSync(state)
  const agent = new Agent({
    local: {
      interval: '30s',
      targets: `127.0.0.1:${targetPort()}`,
      ping_count: '1',
      dns_name: '',
      http_url: '',
    },
    uplink: { url: village.mqtt, village: 'cideng', device: username, password: () => password, tls: {} },
    version: 'test',
    folder: state,
    disk: fs,
    system: openSystem('/nonexistent'),
    clock: time,
    timers: time,
    random: () => 0.5,
    log: openLog({ level: 'error', pretty: false, clock: time, write: () => undefined }),
  })
  agent.start()
  try {
    await advanceUntil(time, async () => (await stored(username, begin - 1)).length >= 3)
    await advanceUntil(time, () => agent.queued === 0)
    const gone = time.now()
    await village.stop()
    // 120 rounds, less those that are left out because a real measurement outlasts them in time made faster.
    await time.advance(HOUR)
    const queued = agent.queued
    expect(queued).toBeGreaterThanOrEqual(60)
    await village.restart()
    const back = time.now()
    await advanceUntil(time, () => agent.queued === 0)
    await agent.stop()
    const reported = await expectWhole(username, begin - 1, queued)
    const duringOutage = firstArrivals(reported).filter(
      ({ time: at }) => Date.parse(at) > gone && Date.parse(at) <= back,
    )
    expect(duringOutage.length).toBeGreaterThanOrEqual(queued - 1)
  } finally {
    await agent.stop()
  }
})

/** Goes on in steps of a second, with real time between them for the village. */
async function advanceUntil(time: ManualTime, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let steps = 0; !(await holds()); steps += 1) {
    if (steps > 3_000) throw new Error('it did not come true')
    await time.advance(1_000)
    await sleep(5)
  }
}
