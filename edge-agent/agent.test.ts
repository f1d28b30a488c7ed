import * as fs from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseTime } from '../contract/time.ts'
import { Agent } from './agent.ts'
import { openLog } from './log.ts'
import { SETTING_NAMES, type SettingName, type SettingTexts } from './settings.ts'
import { openSystem } from './system.ts'
import { TestBroker } from './testing/broker.ts'
import { ManualTime } from './testing/manual-time.ts'

const NOW = Date.UTC(2026, 10, 24, 8)
const HOUR = 3_600_000

/** A folder without programs: echoes go by TCP, at a real listener on this machine. */
const NO_PROGRAMS = '/nonexistent'

describe('the agent', () => {
  let broker: TestBroker
  let target: Server
  let time: ManualTime
  let folder: string
  let lines: { level: string; msg: string }[]
  const running: Agent[] = []

  beforeEach(async () => {
    broker = new TestBroker('cdg-hs-03')
    await broker.start()
    target = createServer((socket) => socket.destroy())
    await new Promise<void>((done) => target.listen(0, '127.0.0.1', done))
    time = new ManualTime(NOW)
    folder = fs.mkdtempSync(join(tmpdir(), 'pantau-agent-'))
    lines = []
  })
  afterEach(async () => {
    for (const agent of running.splice(0)) await agent.stop()
    await broker.stop()
    target.close()
    fs.rmSync(folder, { recursive: true })
  })

  function open(more: { readonly [Name in SettingName]?: string | undefined } = {}): Agent {
    const port = (target.address() as AddressInfo).port
    const given = {
      interval: '60s',
      targets: `127.0.0.1:${port}`,
      ping_count: '1',
      dns_name: '',
      http_url: '',
      ...more,
    }
    const local: SettingTexts = {}
    for (const name of SETTING_NAMES) {
      const text = name in given ? given[name as keyof typeof given] : undefined
      if (text !== undefined) local[name] = text
    }
    const agent = new Agent({
      local,
      uplink: {
        url: broker.url,
        village: 'cideng',
        device: 'cdg-hs-03',
        password: () => 'secret-1',
        tls: {},
      },
      version: 'test',
      folder,
      disk: fs,
      system: openSystem(NO_PROGRAMS),
      clock: time,
      timers: time,
      random: () => 0.5,
      log: openLog({
        level: 'info',
        pretty: false,
        clock: time,
        write: (line) => lines.push(JSON.parse(line)),
      }),
    })
    running.push(agent)
    agent.start()
    return agent
  }

  /** The numbers in the order they first came. */
  const firstArrivals = (): number[] => [...new Set(broker.observations().map(({ seq }) => seq))]

  test('what it measures arrives with its own time and number, and is deleted when acknowledged', async () => {
    const agent = open()
    await time.advanceUntil(() => broker.on('reading').length >= 2)
    await time.advanceUntil(() => agent.queued === 0)
    const [first, second] = broker.observations()
    expect(first?.seq).toBe(0)
    expect(second?.seq).toBe(1)
    expect(first?.values).toMatchObject({ up: 1, loss_pct: 0, queue: 0, lost: 0 })
    expect(first?.values['latency_ms']).toBeGreaterThanOrEqual(0)
    expect(first?.values['mem_pct']).toBeGreaterThan(0)
    expect(Date.parse(second?.time ?? '') - Date.parse(first?.time ?? '')).toBe(60_000)
    expect(broker.on('event').map(({ payload }) => JSON.parse(payload))).toEqual([
      { time: '2026-11-24T08:00:00.000Z', event: 'boot', detail: { agent: 'test' } },
    ])
  })

  test('an hour without the broker: everything arrives, in order, complete, with the time it was measured', async () => {
    const agent = open()
    await time.advanceUntil(() => broker.on('reading').length >= 3)
    await time.advanceUntil(() => agent.queued === 0)
    await broker.stop()
    const gone = time.now()
    await time.advance(HOUR)
    // The probe's sockets are real: on a busy machine the hour is over before all of its measurements are.
    await time.advanceUntil(() => agent.queued >= 55)
    await broker.start()
    await time.advanceUntil(() => broker.connects.length >= 2)
    const back = time.now()
    await time.advanceUntil(() => agent.queued === 0)
    const seqs = firstArrivals().toSorted((one, other) => one - other)
    expect(seqs).toEqual(seqs.map((_, index) => index))
    const backlog = broker
      .on('reading')
      .filter(({ payload }) => payload.startsWith('['))
      .flatMap(({ payload }) => JSON.parse(payload) as { seq: number; time: string }[])
    expect(backlog.length).toBeGreaterThanOrEqual(55)
    expect(backlog.map(({ seq }) => seq)).toEqual(
      backlog.map(({ seq }) => seq).toSorted((one, other) => one - other),
    )
    // One that was measured in the outage says so, and none has a time after it came.
    const inOutage = backlog.filter((one) => {
      const parsed = parseTime(one.time)
      return parsed.ok && parsed.time > gone && parsed.time <= back
    })
    expect(inOutage.length).toBeGreaterThanOrEqual(55)
    const times = new Map(broker.observations().map(({ seq, time: at }) => [seq, at]))
    const inOrder = seqs.map((seq) => times.get(seq) ?? '')
    expect(inOrder).toEqual(inOrder.toSorted())
    expect(new Set(inOrder).size).toBe(inOrder.length)
    expect(agent.queued).toBe(0)
    expect(broker.on('event').filter(({ payload }) => payload.includes('"boot"'))).toHaveLength(1)
  })

  test('a broker that flaps and holds acknowledgements back loses nothing', async () => {
    const agent = open({ interval: '10s' })
    let count = 0
    broker.beforeAcknowledge = () => {
      count += 1
      if (count % 5 === 0) setImmediate(() => broker.cut())
      return count % 5 === 0 ? new Promise(() => {}) : null
    }
    await time.advanceUntil(() => firstArrivals().length > 50)
    broker.beforeAcknowledge = () => null
    await time.advanceUntil(() => agent.queued === 0)
    const seqs = firstArrivals().toSorted((one, other) => one - other)
    expect(seqs).toEqual(seqs.map((_, index) => index))
  })

  test('an agent that starts again delivers what the one before could not', async () => {
    await broker.stop()
    const first = open()
    await time.advance(10 * 60_000)
    const kept = first.queued
    expect(kept).toBeGreaterThanOrEqual(5)
    await first.stop()
    running.length = 0
    await broker.start()
    const second = open()
    await time.advanceUntil(() => broker.observations().length > kept)
    await time.advanceUntil(() => second.queued === 0)
    const times = broker.observations().map((one) => one.time)
    expect(new Set(times).size).toBe(times.length)
    expect(times.length).toBeGreaterThan(kept)
  })

  test('a target that does not answer is up 0 and no latency', async () => {
    const gone = createServer()
    await new Promise<void>((done) => gone.listen(0, '127.0.0.1', done))
    const port = (gone.address() as AddressInfo).port
    await new Promise((done) => gone.close(done))
    open({ targets: `127.0.0.1:${port}` })
    await time.advanceUntil(() => broker.on('reading').length >= 1)
    const [one] = broker.observations()
    expect(one?.values).toMatchObject({ up: 0, loss_pct: 100 })
    expect(one?.values).not.toHaveProperty('latency_ms')
  })

  test('until the clock is set readings and events wait, and then get the time they were taken', async () => {
    time.setClock(Date.UTC(1970, 0, 1))
    const agent = open()
    await time.advance(5 * 60_000)
    expect(broker.connects).toHaveLength(1)
    expect(broker.on('reading')).toHaveLength(0)
    expect(broker.on('event')).toHaveLength(0)
    time.setClock(NOW)
    await time.advanceUntil(() => broker.on('reading').length >= 6)
    await time.advanceUntil(() => agent.queued === 0)
    const [first] = broker.observations()
    expect(Math.abs(Date.parse(first?.time ?? '') - (NOW - 5 * 60_000))).toBeLessThan(1_000)
    expect(first?.seq).toBe(0)
    expect(broker.on('event')).toHaveLength(1)
  })

  describe('config', () => {
    test('what it says is done, kept for the next start, and answered; what is no setting is ignored and named', async () => {
      const agent = open()
      await time.advanceUntil(
        () => broker.subscribes === 1 && agent.queued === 0 && broker.on('reading').length > 0,
      )
      await broker.send(
        'config',
        '{"throughput_size":"1MiB","interval":"5s","url":"mqtt://evil","colour":1}',
        true,
      )
      await time.advanceUntil(() => broker.on('event').length >= 2)
      expect(JSON.parse(broker.on('event')[1]?.payload ?? '').detail).toEqual({
        applied: ['interval', 'throughput_size'],
        ignored: ['colour', 'url'],
        overruled: ['--interval'],
      })
      expect(agent.settings.throughput_size).toBe(1_048_576)
      // Given on the spot, which goes before.
      expect(agent.settings.interval).toBe(60_000)
      await agent.stop()
      running.length = 0
      await broker.stop()
      expect(open().settings.throughput_size).toBe(1_048_576)
      await broker.start()
    })

    test('one that breaks a rule is refused whole, with every fault, and the one before stays', async () => {
      const agent = open()
      await time.advanceUntil(() => broker.on('event').length >= 1 && broker.subscribes >= 1)
      await broker.send('config', '{"throughput_size":"1MiB"}')
      await time.advanceUntil(() => agent.settings.throughput_size === 1_048_576)
      await broker.send('config', '{"throughput_size":"2MiB","ping_count":0,"dns_server":"ns"}')
      await time.advanceUntil(() => broker.on('event').length >= 3)
      expect(JSON.parse(broker.on('event')[2]?.payload ?? '').detail.faults).toEqual([
        'ping_count is 0; a whole number from 1 to 20 is taken',
        'dns_server is ns; an IP address is taken, with a port or without',
      ])
      expect(agent.settings.throughput_size).toBe(1_048_576)
    })

    test('an interval from afar counts from now on, and an empty message takes it back', async () => {
      const agent = open({ interval: undefined })
      await time.advanceUntil(() => broker.on('reading').length >= 1 && broker.subscribes >= 1)
      await broker.send('config', '{"interval":"300s"}')
      await time.advanceUntil(() => agent.settings.interval === 300_000)
      await time.advanceUntil(() => broker.on('reading').length >= 3)
      const [, second, third] = broker.observations().map((one) => Date.parse(one.time))
      expect((third ?? 0) - (second ?? 0)).toBe(300_000)
      await broker.send('config', '')
      await time.advanceUntil(() => agent.settings.interval === 60_000)
    })
  })

  describe('command', () => {
    test('measure is answered with the values, and they arrive as a reading too', async () => {
      const agent = open({ interval: '1d' })
      await time.advanceUntil(
        () => broker.subscribes === 1 && broker.on('reading').length === 1 && agent.queued === 0,
      )
      await broker.send('command', '{"do":"measure","id":"desk-7"}')
      await time.advanceUntil(() => broker.on('event').length >= 2 && broker.on('reading').length >= 2)
      const answer = JSON.parse(broker.on('event')[1]?.payload ?? '')
      expect(answer).toMatchObject({ event: 'measured', detail: { id: 'desk-7', values: { up: 1 } } })
    })

    test.each([
      { payload: '{"do":"reboot"}', retain: false, detail: 'do is "reboot"; measure or throughput is taken' },
      { payload: 'now', retain: false, detail: 'the message is not a JSON object' },
      {
        payload: '{"do":"measure"}',
        retain: true,
        detail: 'the command is retained; send it without the retain flag',
      },
    ])('$payload, retained $retain, is refused', async ({ payload, retain, detail }) => {
      if (retain) await broker.send('command', payload, true)
      open()
      await time.advanceUntil(() => broker.subscribes >= 1)
      if (!retain) await broker.send('command', payload)
      await time.advanceUntil(() => broker.on('event').length >= 2)
      expect(JSON.parse(broker.on('event')[1]?.payload ?? '')).toMatchObject({
        event: 'command_refused',
        detail: { detail },
      })
    })

    test('throughput is measured within the day budget, which a restart does not give back', async () => {
      const body = Buffer.alloc(300_000, 7)
      const server = createHttpServer((request, response) => {
        request.resume()
        if (request.method === 'POST') request.on('end', () => response.end('ok'))
        else response.end(body)
      })
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`
      const settings = {
        interval: '1d',
        throughput_url: url,
        throughput_upload_url: url,
        throughput_size: '300000',
        throughput_budget: '700000',
      }
      // Transfers take real time, while the agent's clock stands: only that they are measured is looked at.
      const agent = open(settings)
      await time.advanceUntil(
        () => broker.subscribes === 1 && broker.on('reading').length === 1 && agent.queued === 0,
      )
      await broker.send('command', '{"do":"throughput"}')
      await time.advanceUntil(() => broker.on('reading').length >= 2, 1)
      const [, result] = broker.observations()
      expect(result?.values['down_mbps']).toBeGreaterThan(0)
      expect(result?.values['up_mbps']).toBeGreaterThan(0)
      await agent.stop()
      running.length = 0
      open(settings)
      await time.advanceUntil(() => broker.subscribes >= 2 && broker.on('event').length >= 3)
      await broker.send('command', '{"do":"throughput"}')
      await time.advanceUntil(() => broker.on('event').length >= 4, 1)
      // Some 100,000 bytes were left: enough for one direction, cut short.
      const second = JSON.parse(broker.on('event')[3]?.payload ?? '').detail
      expect(Object.keys(second.values)).toEqual(['down_mbps'])
      expect(second.leftBytes).toBe(0)
      await broker.send('command', '{"do":"throughput"}')
      await time.advanceUntil(() => broker.on('event').length >= 5, 1)
      expect(JSON.parse(broker.on('event')[4]?.payload ?? '').detail).toMatchObject({
        ok: false,
        reason: 'budget',
      })
      server.close()
    })

    test('without an address there is no throughput to measure', async () => {
      open()
      await time.advanceUntil(() => broker.on('event').length >= 1 && broker.subscribes >= 1)
      await broker.send('command', '{"do":"throughput"}')
      await time.advanceUntil(() => broker.on('event').length >= 2)
      expect(JSON.parse(broker.on('event')[1]?.payload ?? '').detail).toMatchObject({
        ok: false,
        reason: 'not_configured',
      })
    })
  })
})
