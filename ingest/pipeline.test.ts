// From a real log through the decoder into a real store.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CloneSuspicion } from '../contract/feed.ts'
import type { DeviceEvent, Observation, StatusChange } from '../contract/observation.ts'
import { type Clock, DAY, MINUTE, SECOND, systemClock } from '../contract/time.ts'
import type { Topic } from '../contract/topics.ts'
import { openLogger } from '../runtime/logger.ts'
import { CLONES_NOTE, readClones } from './clones.ts'
import { Pipeline, type PipelinePlan, type Shown } from './pipeline.ts'
import type { Store } from './store/store.ts'
import { message, TestLog } from './test/log.ts'
import { FickleStore, openTestStore } from './test/store.ts'

const NOW = Date.parse('2026-11-24T08:00:00.000Z')
const clock: Clock = { now: () => NOW, monotonicMs: () => systemClock.monotonicMs() }
const logger = openLogger('ingest', { PANTAU_LOG_LEVEL: 'error', PANTAU_LOG: 'json' })
logger.level = 'silent'
const TOPIC = 'pantau/cideng/sensor/env-1/reading'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** What was shown, in order. */
class Seen implements Shown {
  readonly observations: Observation[] = []
  readonly refusedTimes: number[] = []
  readonly statuses: StatusChange[] = []
  readonly events: DeviceEvent[] = []
  readonly broker: unknown[] = []
  readonly clones: unknown[] = []
  messages = 0
  message = () => {
    this.messages += 1
  }
  observation = (observation: Observation) => void this.observations.push(observation)
  refusedTime = (_: unknown, time: number) => void this.refusedTimes.push(time)
  status = (status: StatusChange) => void this.statuses.push(status)
  event = (event: DeviceEvent) => void this.events.push(event)
  clone = ({ device }: Topic, { time }: CloneSuspicion) => void this.clones.push([device, time])
  listening = (since: number, lastRecord: number | null) =>
    void this.broker.push(['listening', since, lastRecord])
  stopped = (at: number) => void this.broker.push(['stopped', at])
}

let folder = ''
let log: TestLog
let real: Store
let open: Pipeline[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pantau-pipeline-'))
  log = new TestLog(join(folder, 'log'))
  real = await openTestStore(folder, clock)
  open = []
})

afterEach(async () => {
  for (const pipeline of open) await pipeline.stop()
  await real.close()
  rmSync(folder, { recursive: true, force: true })
})

async function start(
  store: Store = real,
  more: Partial<PipelinePlan> = {},
): Promise<{ pipeline: Pipeline; seen: Seen }> {
  const seen = new Seen()
  const pipeline = await Pipeline.open({
    folder: log.folder,
    store,
    limits: { maxAgeMs: 30 * DAY, maxAheadMs: 5 * MINUTE, maxPayloadBytes: 65_536 },
    shown: seen,
    clock,
    logger,
    random: () => 0,
    onStored: () => undefined,
    onFault: (error) => {
      throw error
    },
    ...more,
  })
  open.push(pipeline)
  return { pipeline, seen }
}

async function stop(pipeline: Pipeline): Promise<void> {
  open = open.filter((other) => other !== pipeline)
  await pipeline.stop()
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1_500; tries += 1) {
    if (await holds()) return
    await sleep(10)
  }
  throw new Error(`it did not come true: ${holds.toString()}`)
}

/** Waits until the store has all of the log. */
async function settled(pipeline: Pipeline): Promise<void> {
  pipeline.moveEnd(log.end())
  await until(() => pipeline.lagMs(NOW) === 0 && pipeline.isCaughtUp())
}

const reading = (s: number, value: number, more: object = {}): object => ({
  time: NOW - 3_600_000 + s * SECOND,
  values: { pm2_5: value },
  ...more,
})

async function points(device = 'env-1', metric = 'pm2_5'): Promise<readonly (readonly unknown[])[]> {
  const { series } = await real.readings({ device, from: NOW - DAY, to: NOW + DAY, limit: 100_000 })
  return series.find((one) => one.metric === metric)?.points ?? []
}

describe('what is in the log', () => {
  it('is shown in its order and stored with its position', async () => {
    log.append(
      { type: 'listening', arrival: NOW - 10 },
      message(TOPIC, [reading(0, 1), reading(1, 2)], NOW - 5),
      message('pantau/cideng/sensor/env-1/status', 'online', NOW - 4),
      message('pantau/cideng/sensor/env-1/event', { event: 'boot' }, NOW - 3),
      message(TOPIC, reading(2, 3, { time: NOW + DAY }), NOW - 2),
      { type: 'stopped', arrival: NOW - 1 },
    )
    const { pipeline, seen } = await start()
    await settled(pipeline)
    expect(seen.observations.map(({ values }) => values['pm2_5'])).toEqual([1, 2])
    expect(seen.statuses.map(({ online }) => online)).toEqual([true])
    expect(seen.events.map(({ event }) => event)).toEqual(['boot'])
    expect(seen.refusedTimes).toEqual([NOW + DAY])
    expect(seen.broker).toEqual([
      ['listening', NOW - 10, null],
      ['stopped', NOW - 1],
    ])
    expect(seen.messages).toBe(4)
    expect(await points()).toEqual([
      [NOW - 3_600_000, 1],
      [NOW - 3_599_000, 2],
    ])
    expect(await real.position()).toEqual(log.end())
  })

  it('goes on in the next segment, and comes as it is written', async () => {
    const { pipeline } = await start()
    for (let segment = 0; segment < 3; segment += 1) {
      log.append(message(TOPIC, reading(segment, segment), NOW))
      await settled(pipeline)
      log.roll()
      // A segment without a record in it holds nothing up.
      await settled(pipeline)
      expect(await points()).toHaveLength(segment + 1)
    }
  })

  it('is stored once, however often a day of it is sent again in another order', async () => {
    const day = Array.from({ length: 1_440 }, (_, minute) => ({
      time: NOW - DAY + minute * MINUTE,
      values: { pm2_5: minute / 10, pm10: minute },
    }))
    const shuffled = [...day].sort((a, b) => Math.sin(a.values.pm10) - Math.sin(b.values.pm10))
    for (const sent of [day, shuffled]) {
      for (let from = 0; from < sent.length; from += 100) {
        log.append(message(TOPIC, sent.slice(from, from + 100), NOW))
      }
    }
    const { pipeline } = await start()
    await settled(pipeline)
    expect(await points()).toEqual(day.map(({ time, values }) => [time, values.pm2_5]))
    expect((await real.counters()).readings).toEqual({ stored: 2_880, duplicates: 2_880, conflicts: 0 })
  })

  it('of another origin is counted and left', async () => {
    log.append(message('zigbee2mqtt/lamp', '{}', NOW), message(TOPIC, reading(0, 1), NOW))
    const { pipeline } = await start()
    await settled(pipeline)
    expect((await real.counters()).notes).toMatchObject({ foreign_topic: 1, received: 1 })
  })

  it('and damaged is set aside with its place, and reading goes on behind it', async () => {
    log.append(message(TOPIC, reading(0, 1), NOW))
    const damage = log.end().offset
    log.append(message(TOPIC, reading(1, 2), NOW))
    const next = log.end().offset
    log.append(message(TOPIC, reading(2, 3), NOW))
    const bytes = readFileSync(log.path)
    bytes[damage + 20] = (bytes[damage + 20] ?? 0) ^ 1
    writeFileSync(log.path, bytes)
    const { pipeline } = await start()
    await settled(pipeline)
    expect((await points()).map(([, value]) => value)).toEqual([1, 3])
    const page = await real.quarantine({ reason: 'damaged', limit: 10 })
    expect(page?.rows.map(({ detail }) => detail)).toEqual([
      `no record for ${next - damage} bytes, at segment 1, offset ${damage}`,
    ])
  })
})

describe('counters', () => {
  it('add up: received is taken and quarantined, the readings taken are stored, duplicates and conflicts', async () => {
    const good = reading(0, 1, { seq: 1 })
    log.append(
      message(TOPIC, good, NOW, { qos: 0 }),
      message(TOPIC, good, NOW, { qos: 1, dup: true }),
      message(TOPIC, reading(0, 2), NOW, { qos: 2, retain: true }),
      message(TOPIC, [reading(1, 1), { values: {} }, reading(2, 5, { seq: 5, note: 'x' }), 7], NOW),
      message(TOPIC, '{"time":', NOW),
      message('pantau/cideng/sensor/env-1/status', 'maybe', NOW, { retain: true }),
      message('pantau/cideng/sensor/env-1/status', 'online', NOW, { retain: true }),
      message('pantau/cideng/sensor/env-1/event', '{}', NOW),
      message('pantau/cideng/sensor/env-1/event', { event: 'tamper' }, NOW),
      message('pantau/cideng/sensor/env-2/reading', { values: { up: true, x: 1 } }, NOW),
    )
    const { pipeline } = await start()
    await settled(pipeline)
    const { observations, readings, notes } = await real.counters()
    expect(observations).toEqual({
      received: 11,
      taken: 6,
      quarantined: { values_count: 1, not_object: 1, not_json: 1, status: 1, event: 1 },
    })
    // Of env-1 at three times, twice again the first; of env-2 two.
    expect(readings).toEqual({ stored: 5, duplicates: 1, conflicts: 1 })
    expect(notes).toEqual({
      received: 10,
      acknowledged: 9,
      retain_ignored: 1,
      unknown_member: 1,
      lost_by_device: 3,
    })
  })

  it('go on after a stop as if there had been none, sequences too', async () => {
    log.append(message(TOPIC, reading(0, 1, { seq: 1 }), NOW))
    const first = await start()
    await settled(first.pipeline)
    await stop(first.pipeline)
    log.append(message(TOPIC, reading(1, 2, { seq: 4 }), NOW))
    const second = await start()
    await settled(second.pipeline)
    expect(second.seen.observations).toHaveLength(1)
    expect((await real.counters()).notes).toMatchObject({ received: 2, lost_by_device: 2 })
  })
})

describe('suspected clones', () => {
  const suspected = (device: string, arrival: number) =>
    message(
      `pantau/cideng/sensor/${device}/event`,
      { event: 'clone_suspected', detail: { client: device, takeovers: 6 } },
      arrival,
      { client: null, qos: 0 },
    )
  const kept = async () => [...readClones((await real.notes())[CLONES_NOTE]).entries()]

  it('are with the position: those of a write that failed come with the next, those of before a restart stay', async () => {
    const fickle = new FickleStore(real)
    fickle.isAway = true
    log.append(suspected('env-1', NOW - 5), message(TOPIC, reading(0, 1), NOW - 4))
    const first = await start(fickle.store)
    first.pipeline.moveEnd(log.end())
    await until(() => first.pipeline.awaySince() !== null)
    expect(await kept()).toEqual([])
    fickle.isAway = false
    await settled(first.pipeline)
    expect(await kept()).toEqual([['env-1', { time: NOW - 5, takeovers: 6 }]])
    await stop(first.pipeline)
    log.append(suspected('env-2', NOW - 3), suspected('env-1', NOW - 2))
    const second = await start()
    await settled(second.pipeline)
    expect(second.seen.clones).toEqual([
      ['env-2', NOW - 3],
      ['env-1', NOW - 2],
    ])
    expect(await kept()).toEqual([
      ['env-2', { time: NOW - 3, takeovers: 6 }],
      ['env-1', { time: NOW - 2, takeovers: 6 }],
    ])
    await stop(second.pipeline)
    expect(await kept()).toHaveLength(2)
  })
})

describe('a store that is away', () => {
  it('misses nothing: live state goes on, and it catches up once it is back', async () => {
    const fickle = new FickleStore(real)
    fickle.isAway = true
    log.append(message(TOPIC, [reading(0, 1), reading(1, 2)], NOW))
    const { pipeline, seen } = await start(fickle.store)
    pipeline.moveEnd(log.end())
    await until(() => pipeline.awaySince() !== null)
    log.append(message(TOPIC, reading(2, 3), NOW))
    pipeline.moveEnd(log.end())
    await until(() => seen.observations.length === 3)
    expect(pipeline.isCaughtUp()).toBe(true)
    expect(await real.position()).toBeNull()
    fickle.isAway = false
    await settled(pipeline)
    expect(pipeline.awaySince()).toBeNull()
    expect((await points()).map(([, value]) => value)).toEqual([1, 2, 3])
    log.append(message(TOPIC, reading(3, 4), NOW))
    await settled(pipeline)
    expect(seen.observations.map(({ values }) => values['pm2_5'])).toEqual([1, 2, 3, 4])
    expect((await real.counters()).observations.taken).toBe(4)
    expect((await real.counters()).readings).toEqual({ stored: 4, duplicates: 0, conflicts: 0 })
  })

  it('holds no more than two batches of it in memory, however long it lasts', async () => {
    const fickle = new FickleStore(real)
    fickle.isAway = true
    const { pipeline, seen } = await start(fickle.store)
    const shown: WeakRef<Observation>[] = []
    seen.observation = (observation) => void shown.push(new WeakRef(observation))
    // A batch is full at 20,000 readings.
    for (let begin = 0; begin < 80_000; begin += 1_000) {
      const readings = Array.from({ length: 1_000 }, (_, index) => reading((begin + index) / 1_000, 1))
      log.append(message(TOPIC, readings, NOW))
    }
    pipeline.moveEnd(log.end())
    await until(() => shown.length === 80_000 && pipeline.awaySince() !== null)
    await sleep(0)
    collectGarbage()
    expect(shown.filter((one) => one.deref() !== undefined).length).toBeLessThan(42_000)
  })

  it('in the middle of a write loses nothing that was read meanwhile', async () => {
    const fickle = new FickleStore(real)
    let release = (): void => undefined
    fickle.gate = new Promise((done) => {
      release = done
    })
    log.append(message(TOPIC, reading(0, 1, { seq: 1 }), NOW))
    const { pipeline, seen } = await start(fickle.store)
    pipeline.moveEnd(log.end())
    await until(() => fickle.writes === 1)
    log.append(message(TOPIC, reading(1, 2, { seq: 2 }), NOW))
    pipeline.moveEnd(log.end())
    await until(() => seen.observations.length === 2)
    fickle.isAway = true
    release()
    await until(() => pipeline.awaySince() !== null)
    fickle.isAway = false
    await settled(pipeline)
    expect((await points()).map(([, value]) => value)).toEqual([1, 2])
    expect((await real.counters()).observations.taken).toBe(2)
    expect((await real.counters()).notes).toEqual({ received: 2, acknowledged: 2 })
  })

  it('again and again ends with all of it stored once', async () => {
    const fickle = new FickleStore(real)
    const { pipeline, seen } = await start(fickle.store)
    for (let round = 0; round < 30; round += 1) {
      fickle.isAway = round % 3 === 1
      log.append(message(TOPIC, [reading(2 * round, round), reading(2 * round + 1, round)], NOW))
      pipeline.moveEnd(log.end())
      await sleep(20)
    }
    fickle.isAway = false
    await settled(pipeline)
    expect(seen.observations).toHaveLength(60)
    expect(await points()).toHaveLength(60)
    expect((await real.counters()).observations).toEqual({ received: 60, taken: 60, quarantined: {} })
    expect((await real.counters()).readings).toEqual({ stored: 60, duplicates: 0, conflicts: 0 })
  })

  it('does not hold up a stop', async () => {
    const fickle = new FickleStore(real)
    fickle.isAway = true
    log.append(message(TOPIC, reading(0, 1), NOW))
    const { pipeline } = await start(fickle.store)
    pipeline.moveEnd(log.end())
    await until(() => pipeline.awaySince() !== null)
    await stop(pipeline)
    expect(await real.position()).toBeNull()
  })
})

describe('a store that is slow', () => {
  it('does not hold up live state, and gets all of it in the end', async () => {
    const fickle = new FickleStore(real)
    let release = (): void => undefined
    fickle.gate = new Promise((done) => {
      release = done
    })
    const many = (from: number): object[] =>
      Array.from({ length: 1_000 }, (_, s) => reading(from + s / 1_000, s))
    for (let index = 0; index < 60; index += 1) log.append(message(TOPIC, many(index), NOW - MINUTE))
    const { pipeline, seen } = await start(fickle.store)
    pipeline.moveEnd(log.end())
    await until(() => seen.observations.length === 60_000)
    expect(fickle.writes).toBe(1)
    expect(pipeline.isCaughtUp()).toBe(true)
    release()
    await settled(pipeline)
    expect(seen.observations).toHaveLength(60_000)
    expect((await real.counters()).observations.taken).toBe(60_000)
    expect((await real.counters()).readings.stored).toBe(60_000)
    log.append(message(TOPIC, reading(100.5, 1), NOW))
    await settled(pipeline)
    expect((await real.counters()).readings.stored).toBe(60_001)
    expect(await real.position()).toEqual(log.end())
  })
})

describe('a fault of the store', () => {
  it('that is none of its absence ends the pipeline', async () => {
    log.append(message(TOPIC, reading(0, 1), NOW))
    const faults: unknown[] = []
    const broken = new Proxy(real, {
      get: (target, name) =>
        name === 'write'
          ? () => Promise.reject(new Error('the thread has ended'))
          : (Reflect.get(target, name) as unknown),
    })
    const { pipeline } = await start(broken, { onFault: (error) => faults.push(error) })
    pipeline.moveEnd(log.end())
    await until(() => faults.length > 0)
    expect(String(faults[0])).toContain('the thread has ended')
    open = []
  })
})
