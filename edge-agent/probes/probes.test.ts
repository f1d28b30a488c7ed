import { createSocket, type Socket } from 'node:dgram'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../contract/time.ts'
import { DataBudget } from '../budget.ts'
import { openSystem, type System } from '../system.ts'
import { ManualTime } from '../testing/manual-time.ts'
import { systemTimers } from '../timers.ts'
import { channel } from './channel.ts'
import { clients } from './clients.ts'
import { cpu } from './cpu.ts'
import { dns } from './dns.ts'
import { fetchOnce } from './fetch.ts'
import { http } from './http.ts'
import { createProbes } from './index.ts'
import { memory } from './memory.ts'
import { pingHost } from './ping.ts'
import type { MeasureSettings, ProbeContext, Values } from './probe.ts'
import { reach } from './reach.ts'
import { tcpEchoes } from './tcp.ts'
import { temperature } from './temperature.ts'
import { uptime } from './uptime.ts'

const PATH = process.env['PATH']

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pantau-probes-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function context(system: System, settings: Partial<MeasureSettings> = {}): ProbeContext {
  const none: MeasureSettings = {
    targets: [],
    pingCount: 2,
    answerTimeoutMs: 1_000,
    dnsName: null,
    dnsServer: null,
    httpUrl: null,
    wifi: [],
  }
  return { settings: { ...none, ...settings }, system, clock: systemClock, timers: systemTimers }
}

/** A program of that name in a folder of its own, which stands for the path. */
function program(name: string, script: string): string {
  const path = join(folder, 'bin', name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
  return `${dirname(path)}:/bin:/usr/bin`
}

function file(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

describe('reach', () => {
  test('a real ping of this machine is answered', async ({ skip }) => {
    const echoes = await pingHost(openSystem(PATH), '127.0.0.1', 2, 1_000)
    if (echoes === null) skip('there is no ping here, or it has no rights')
    else {
      expect(echoes.sent).toBe(2)
      expect(echoes.rttsMs).toHaveLength(2)
      for (const rtt of echoes.rttsMs) expect(rtt).toBeGreaterThan(0)
    }
  })

  test('a name that does not resolve is loss', async ({ skip }) => {
    const echoes = await pingHost(openSystem(PATH), 'nosuch.invalid', 2, 1_000)
    if (echoes === null) skip('there is no ping here, or it has no rights')
    else expect(echoes).toEqual({ sent: 2, rttsMs: [] })
  })

  test('without ping, or without its rights, TCP is taken', async () => {
    const noPing = await reach.measure(
      context(openSystem('/nonexistent'), { targets: [{ host: '127.0.0.1', port: null }] }),
    )
    // Port 443 of this machine: whether it listens is not ours to say, but it was asked.
    expect(noPing).toHaveProperty('up')
    const path = program('ping', 'echo "ping: permission denied (are you root?)" >&2; exit 1')
    expect(await pingHost(openSystem(path), '127.0.0.1', 2, 1_000)).toBeNull()
  })

  test('a listener is reached by TCP, a closed port is not', async () => {
    const server = createServer((socket) => socket.destroy())
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const { port } = server.address() as AddressInfo
    const system = openSystem('/nonexistent')
    const there = await reach.measure(context(system, { targets: [{ host: '127.0.0.1', port }] }))
    expect(there).toMatchObject({ up: 1, loss_pct: 0 })
    expect(there.latency_ms).toBeGreaterThan(0)
    await new Promise((done) => server.close(done))
    expect(await tcpEchoes('127.0.0.1', port, 2, 500, systemClock, systemTimers)).toEqual({
      sent: 2,
      rttsMs: [],
    })
    expect(await tcpEchoes('nosuch.invalid', port, 2, 500, systemClock, systemTimers)).toEqual({
      sent: 2,
      rttsMs: [],
    })
  })
})

describe('programs', () => {
  test('one that hangs is interrupted, and what it printed is read', async () => {
    const path = program(
      'ping',
      'trap "echo interrupted; exit 1" INT; echo begun; while :; do sleep 0.05; done',
    )
    const result = await openSystem(path).run('ping', [], 1_500)
    expect(result).toMatchObject({ ran: true })
    if (result.ran) expect(result.stdout).toBe('begun\ninterrupted\n')
  })

  test('one that heeds no interrupt is killed', async () => {
    const path = program('ping', 'trap "" INT; echo begun; exec sleep 30')
    const result = await openSystem(path).run('ping', [], 1_500)
    expect(result).toMatchObject({ ran: true, code: null, stdout: 'begun\n' })
  })

  test('arguments are never read by a shell, and the environment holds no secret', async () => {
    const path = program('ping', 'echo "$1"; env')
    const result = await openSystem(path).run('ping', ['$(id); `id`'], 10_000)
    if (!result.ran) throw new Error('the program did not run')
    const [argument, ...environment] = result.stdout.trim().split('\n')
    expect(argument).toBe('$(id); `id`')
    expect(
      environment
        .map((line) => line.split('=')[0])
        .filter((name) => !/^(PWD|SHLVL|_|OLDPWD)$/.test(name ?? '')),
    ).toEqual(expect.arrayContaining(['PATH', 'LC_ALL']))
    expect(environment.some((line) => line.startsWith('HOME='))).toBe(false)
  })
})

describe('clients', () => {
  test('iw goes first, then hostapd_cli, then ubus, and without any of them nothing is said', async () => {
    expect(await clients.measure(context(openSystem('/nonexistent', folder)))).toEqual({})
    const path = program(
      'ubus',
      `[ "$1" = list ] && echo hostapd.wlan0 || echo '{"clients":{"b0:e1:7e:00:00:01":{"signal":-50}}}'`,
    )
    expect(await clients.measure(context(openSystem(path, folder)))).toEqual({ clients: 1, rssi_dbm: -50 })
    mkdirSync(join(folder, 'var/run/hostapd'), { recursive: true })
    file('var/run/hostapd/wlan0', '')
    program('hostapd_cli', 'printf "b0:e1:7e:00:00:01\\nsignal=-40\\nb0:e1:7e:00:00:02\\nsignal=-42\\n"')
    expect(await clients.measure(context(openSystem(path, folder)))).toEqual({ clients: 2, rssi_dbm: -41 })
    program(
      'iw',
      '[ $# = 1 ] && printf "phy#0\\n\\tInterface wlan0\\n\\t\\ttype AP\\n" || printf "Station b0:e1:7e:00:00:01 (on $2)\\n\\tsignal:\\t-30 dBm\\n"',
    )
    expect(await clients.measure(context(openSystem(path, folder)))).toEqual({ clients: 1, rssi_dbm: -30 })
  })

  test('channel use is that between two rounds', async () => {
    const path = program(
      'iw',
      `printf "Survey data from $2\\n\\tfrequency: 2412 MHz [in use]\\n"; cat "${folder}/times"`,
    )
    const probe = channel()
    file('times', '\tchannel active time: 1000 ms\n\tchannel busy time: 100 ms\n')
    expect(await probe.measure(context(openSystem(path), { wifi: ['wlan0'] }))).toEqual({})
    file('times', '\tchannel active time: 3000 ms\n\tchannel busy time: 600 ms\n')
    expect(await probe.measure(context(openSystem(path), { wifi: ['wlan0'] }))).toEqual({
      channel_util_pct: 25,
    })
  })
})

describe('the machine', () => {
  test('a tree of /proc and /sys is read', async () => {
    file('proc/uptime', '803211.42 1578032.10\n')
    file('proc/meminfo', 'MemTotal:  200000 kB\nMemAvailable:  150000 kB\n')
    file('proc/stat', 'cpu  100 0 50 800 50 0 0 0 0 0\n')
    file('sys/class/thermal/thermal_zone0/type', 'cpu-thermal\n')
    file('sys/class/thermal/thermal_zone0/temp', '54321\n')
    const time = new ManualTime(0)
    const inTree = { ...context(openSystem(PATH, folder)), timers: time }
    expect(await uptime.measure(inTree)).toEqual({ uptime_s: 803_211.42 })
    expect(await memory.measure(inTree)).toEqual({ mem_pct: 25 })
    expect(await temperature.measure(inTree)).toEqual({ temperature: 54.321 })
    const probe = cpu()
    let first: Values | null = null
    void probe.measure(inTree).then((values) => {
      first = values
    })
    await time.advanceUntil(() => first !== null)
    expect(first).toEqual({})
    file('proc/stat', 'cpu  130 0 60 840 70 0 0 0 30 0\n')
    expect(await probe.measure(inTree)).toEqual({ cpu_pct: 40 })
  })

  test('chips are read where there are no zones', async () => {
    file('sys/class/hwmon/hwmon0/name', 'k10temp\n')
    file('sys/class/hwmon/hwmon0/temp1_input', '41250\n')
    expect(await temperature.measure(context(openSystem(PATH, folder)))).toEqual({ temperature: 41.25 })
  })

  test('an empty tree gives nothing, and no probe fails', async () => {
    const empty = { ...context(openSystem('/nonexistent', folder)), timers: systemTimers }
    for (const probe of createProbes()) expect(await probe.measure(empty)).toEqual({})
  })
})

describe('DNS', () => {
  let server: Socket
  let code: number | null
  beforeEach(async () => {
    code = 0
    server = createSocket('udp4')
    // A name server in few words (RFC 1035 section 4.1): the question comes back as an answer with one address.
    server.on('message', (query, from) => {
      if (code === null) return
      const questionEnd = query.indexOf(0, 12) + 5
      const address = Buffer.from('c00c00010001000000000004c0000201', 'hex')
      const reply = Buffer.concat([query.subarray(0, questionEnd), code === 0 ? address : Buffer.alloc(0)])
      reply.writeUInt16BE(0x8180 | code, 2)
      reply.writeUInt16BE(code === 0 ? 1 : 0, 6)
      reply.writeUInt16BE(0, 10)
      server.send(reply, from.port, from.address)
    })
    await new Promise<void>((done) => server.bind(0, '127.0.0.1', done))
  })
  afterEach(() => server.close())

  test('the time of an answer is told, of an error or of silence not', async () => {
    const dnsServer = `127.0.0.1:${server.address().port}`
    const asked = context(openSystem(PATH), { dnsName: 'example.com', dnsServer, answerTimeoutMs: 500 })
    const values = await dns.measure(asked)
    expect(values.dns_ms).toBeGreaterThan(0)
    // NXDOMAIN
    code = 3
    expect(await dns.measure(asked)).toEqual({})
    code = null
    expect(await dns.measure(asked)).toEqual({})
  })
})

describe('HTTP', () => {
  let server: HttpServer
  let url: string
  beforeEach(async () => {
    server = createHttpServer((request, response) => {
      if (request.url === '/page') response.end('success\n')
      else if (request.url === '/moved') response.writeHead(302, { location: '/page' }).end()
      else if (request.url === '/broken') response.writeHead(503).end()
      else if (request.url === '/cut') response.write('half', () => request.socket.destroy())
      else if (request.url === '/big') response.end(Buffer.alloc(1_000_000))
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterEach(() => {
    server.closeAllConnections()
    server.close()
  })

  test.each([
    ['/page', true],
    ['/moved', true],
    ['/broken', false],
    ['/cut', false],
    ['/big', false],
    ['/silence', false],
  ])('%s has a time: %s', async (page, has) => {
    const values = await http.measure(
      context(openSystem(PATH), { httpUrl: `${url}${page}`, answerTimeoutMs: 400 }),
    )
    if (has) expect(values.http_ms).toBeGreaterThan(0)
    else expect(values).toEqual({})
  })

  test('an exchange ends at its limit of bytes', async () => {
    const exchange = await fetchOnce(`${url}/big`, { maxBytes: 100_000, maxMs: 5_000 }, systemClock)
    expect(exchange).toMatchObject({ status: 200, cut: true })
    expect(exchange?.bytesReceived).toBeGreaterThanOrEqual(100_000)
    expect(exchange?.bytesReceived).toBeLessThan(1_000_000)
  })
})

describe('the data budget', () => {
  const DAY = 86_400_000
  const NOON = Date.UTC(2026, 10, 24, 12)

  test('is by day, survives a restart, and is not given back by a clock that was set back', () => {
    const time = new ManualTime(NOON)
    const budget = new DataBudget(folder, time)
    expect(budget.take(60, 100)).toBe(60)
    budget.giveBack(10)
    expect(new DataBudget(folder, time).leftBytes(100)).toBe(50)
    expect(budget.take(60, 100)).toBe(50)
    expect(budget.take(60, 100)).toBe(0)
    time.setClock(NOON - DAY / 2 - 1)
    expect(budget.leftBytes(100)).toBe(0)
    time.setClock(NOON + DAY)
    expect(budget.leftBytes(100)).toBe(100)
  })

  test('more used than taken counts too, and a file that makes no sense is none', () => {
    const time = new ManualTime(NOON)
    const budget = new DataBudget(folder, time)
    budget.take(60, 100)
    budget.giveBack(-15)
    expect(budget.leftBytes(100)).toBe(25)
    file('throughput.json', '{"day":"x"}')
    expect(budget.leftBytes(100)).toBe(100)
    // A day far ahead was written by a clock that was wrong.
    file('throughput.json', '{"day":"2031-01-01","usedBytes":100}')
    expect(budget.leftBytes(100)).toBe(100)
  })
})
