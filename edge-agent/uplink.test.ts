import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { refusedDelayMs, retryDelayMs } from './backoff.ts'
import { openLog } from './log.ts'
import { TestBroker } from './testing/broker.ts'
import { ManualTime } from './testing/manual-time.ts'
import { Uplink, type UplinkHandlers, type UplinkOptions } from './uplink.ts'

const NOW = Date.UTC(2026, 10, 24, 8)

describe('back-off', () => {
  test('is full jitter over a bound that doubles from 1 s to 60 s', () => {
    const bounds = Array.from({ length: 9 }, (_, attempt) => retryDelayMs(attempt, 1))
    expect(bounds).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000])
    expect(retryDelayMs(3, 0)).toBe(0)
    expect(retryDelayMs(3, 0.25)).toBe(2_000)
    expect(retryDelayMs(5_000, 1)).toBe(60_000)
  })

  test('after refused credentials it is from half a minute up to ten minutes', () => {
    expect(refusedDelayMs(0, 0)).toBe(30_000)
    expect(refusedDelayMs(0, 1)).toBe(60_000)
    expect(refusedDelayMs(9, 1)).toBe(600_000)
  })
})

describe('the uplink', () => {
  let broker: TestBroker
  let time: ManualTime
  let uplink: Uplink | null
  let lines: { level: string; msg: string }[]
  let heard: string[]

  beforeEach(async () => {
    broker = new TestBroker('cdg-hs-03')
    await broker.start()
    time = new ManualTime(NOW)
    lines = []
    heard = []
    uplink = null
  })
  afterEach(async () => {
    await uplink?.stop()
    await broker.stop()
  })

  function open(more: Partial<UplinkOptions> = {}): Uplink {
    const handlers: UplinkHandlers = {
      connected: () => heard.push('connected'),
      disconnected: () => heard.push('disconnected'),
      config: (payload) => heard.push(`config ${payload}`),
      command: (payload, retained) => heard.push(`command ${payload} ${retained}`),
    }
    const write = (line: string): void => {
      lines.push(JSON.parse(line))
    }
    const options: UplinkOptions = {
      url: broker.url,
      village: 'cideng',
      device: 'cdg-hs-03',
      password: () => 'secret-1',
      tls: {},
      timers: time,
      random: () => 0.5,
      log: openLog({ level: 'info', pretty: false, clock: time, write }),
      ...more,
    }
    uplink = new Uplink(options, handlers)
    uplink.start()
    return uplink
  }

  test('says online, retained, and offline when it stops', async () => {
    const opened = open()
    await time.advanceUntil(() => broker.on('status').length >= 1)
    await opened.stop()
    expect(broker.on('status')).toEqual([
      { topic: 'pantau/cideng/hotspot/cdg-hs-03/status', payload: 'online', retain: true, qos: 1 },
      { topic: 'pantau/cideng/hotspot/cdg-hs-03/status', payload: 'offline', retain: true, qos: 1 },
    ])
  })

  test('leaves offline as its last will when the connection is cut', async () => {
    open({ random: () => 0.99 })
    await time.advanceUntil(() => broker.on('status').length >= 1)
    broker.cut()
    await time.advanceUntil(() => broker.on('status').length >= 3)
    const status = broker.on('status').map(({ payload, retain }) => `${payload} ${retain}`)
    // Aedes hands the will over with its retain flag; the device then comes back.
    expect(status.slice(0, 3).sort()).toEqual(['offline true', 'online true', 'online true'])
    expect(heard).toEqual(['connected', 'disconnected', 'connected'])
  })

  test('comes back after a restart of the broker, and sends what was not acknowledged no second time by itself', async () => {
    const opened = open()
    await time.advanceUntil(() => opened.isUp)
    broker.beforeAcknowledge = () => new Promise(() => {})
    opened.publish('reading', '{"a":1}', () => heard.push('acknowledged'))
    await time.advanceUntil(() => broker.on('reading').length >= 1)
    await broker.stop()
    broker.beforeAcknowledge = () => null
    await time.advanceUntil(() => !opened.isUp)
    await time.advance(600_000)
    await broker.start()
    await time.advanceUntil(() => opened.isUp)
    await time.advance(5_000)
    expect(broker.on('reading')).toHaveLength(1)
    expect(heard).toEqual(['connected', 'disconnected', 'connected'])
    expect(opened.unacknowledged).toBe(0)
  })

  test('gives up a connection that acknowledges nothing for 30 s', async () => {
    const opened = open()
    await time.advanceUntil(() => opened.isUp)
    broker.beforeAcknowledge = () => new Promise(() => {})
    opened.publish('reading', '{"a":1}', () => {})
    await time.advanceUntil(() => broker.on('reading').length >= 1)
    await time.advance(29_000 - 250)
    expect(heard).toEqual(['connected'])
    broker.beforeAcknowledge = () => null
    await time.advanceUntil(() => heard.length >= 3)
    expect(heard).toEqual(['connected', 'disconnected', 'connected'])
    expect(lines.map(({ msg }) => msg)).toContain('not connected: no acknowledgement for 30 s')
  })

  test('wrong credentials are said once, tried again with long pauses, and a new password is taken from its file', async () => {
    let password = 'old'
    const opened = open({ password: () => password })
    await time.advanceUntil(() => broker.refusals >= 1)
    const first = time.monotonicMs()
    await time.advanceUntil(() => broker.refusals >= 3)
    // Half jitter at 0.5: 45 s, then 90 s.
    expect(time.monotonicMs() - first).toBeGreaterThan(130_000)
    const warnings = lines.filter(({ level }) => level === 'warn')
    expect(warnings).toHaveLength(1)
    expect(warnings[0]?.msg).toBe(
      'not connected: the broker refused the credentials; check --device and the password file, or rotate the password',
    )
    password = 'secret-1'
    await time.advanceUntil(() => opened.isUp)
    broker.password = 'secret-2'
    broker.cut()
    password = 'secret-2'
    await time.advanceUntil(() => broker.connects.length >= 2)
  })

  test('a password file that is gone is a trouble, not an end', async () => {
    let isThere = false
    const opened = open({
      password: () => {
        if (!isThere) throw new Error('ENOENT: no such file')
        return 'secret-1'
      },
    })
    await time.advance(1_000)
    expect(lines.map(({ msg }) => msg)).toEqual([
      'not connected: the password cannot be read: ENOENT: no such file',
    ])
    isThere = true
    await time.advanceUntil(() => opened.isUp)
  })

  test('hears its config and command, also the config that was there before', async () => {
    await broker.send('config', '{"interval":"30s"}', true)
    open()
    await time.advanceUntil(() => heard.length >= 2 && broker.subscribes >= 1)
    await broker.send('command', '{"do":"measure"}')
    await time.advanceUntil(() => heard.length >= 3)
    expect(heard).toEqual(['connected', 'config {"interval":"30s"}', 'command {"do":"measure"} false'])
  })

  test('goes over WebSocket to /mqtt too', async () => {
    const door = new TestBroker('cdg-hs-03', 'websocket')
    await door.start()
    const opened = open({ url: door.url })
    await time.advanceUntil(() => opened.isUp)
    opened.publish('reading', '{"a":1}', () => heard.push('acknowledged'))
    await time.advanceUntil(() => heard.includes('acknowledged'))
    expect(door.on('reading').map(({ payload }) => payload)).toEqual(['{"a":1}'])
    await opened.stop()
    await door.stop()
  })

  test('no log line holds the password', async () => {
    open({ password: () => 'seeded-secret-4711' })
    await time.advanceUntil(() => broker.refusals >= 2)
    expect(JSON.stringify(lines)).not.toContain('seeded-secret-4711')
  })
})

describe('TLS', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pantau-tls-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  function selfSigned(): { key: Buffer; cert: Buffer } | null {
    const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const made = ['-newkey', 'rsa:2048', '-nodes', '-keyout', keyFile, '-out', certFile]
    const subject = ['-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
    try {
      execFileSync('openssl', ['req', '-x509', ...made, ...subject], { stdio: 'ignore' })
    } catch {
      return null
    }
    return { key: readFileSync(keyFile), cert: readFileSync(certFile) }
  }

  test('a broker is let in only with a certificate that is trusted', async ({ skip }) => {
    const pair = selfSigned()
    if (pair === null) skip('openssl is missing')
    else {
      const broker = new TestBroker('cdg-hs-03', pair)
      await broker.start()
      const time = new ManualTime(NOW)
      const lines: string[] = []
      const open = (tls: UplinkOptions['tls']): Uplink =>
        new Uplink(
          {
            url: broker.url,
            village: 'cideng',
            device: 'cdg-hs-03',
            password: () => 'secret-1',
            tls,
            timers: time,
            random: () => 0.5,
            log: openLog({ level: 'info', pretty: false, clock: time, write: (line) => lines.push(line) }),
          },
          { connected: () => {}, disconnected: () => {}, config: () => {}, command: () => {} },
        )
      const distrusting = open({ rejectUnauthorized: true })
      distrusting.start()
      await time.advanceUntil(() => lines.length > 0)
      await time.advance(60_000)
      expect(distrusting.isUp).toBe(false)
      expect(lines[0]).toMatch(/not connected: .*self-signed/)
      await distrusting.stop()
      const trusting = open({ rejectUnauthorized: true, ca: pair.cert.toString() })
      trusting.start()
      await time.advanceUntil(() => trusting.isUp)
      await trusting.stop()
      await broker.stop()
    }
  })
})
