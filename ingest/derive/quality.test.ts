// Flags kept up as readings come are those of a computation from scratch over what is stored, with the real store behind them.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { QualityFlag } from '../../contract/feed.ts'
import type { Observation } from '../../contract/observation.ts'
import { type Clock, DAY, HOUR, MINUTE, type TimeMs } from '../../contract/time.ts'
import { judge } from '../../domain/quality/judge.ts'
import { QUALITY_LIMITS } from '../../domain/quality/limits.ts'
import { openAirIndices } from '../live/air-indices.ts'
import { LiveState } from '../live/live-state.ts'
import type { Store } from '../store/store.ts'
import { known } from '../test/live-rig.ts'
import { openTestStore } from '../test/store.ts'
import { flagOf } from './judge-station.ts'
import { openQuality, type Quality } from './quality.ts'

/** 09:00 in Jakarta. */
const NINE = Date.parse('2026-11-24T02:00:00.000Z')
const FOR_EVER = 8.64e15

let now = NINE
const clock: Clock = { now: () => now, monotonicMs: () => performance.now() }
let folder = ''
let store: Store
let live: LiveState
let quality: Quality | null = null
let air: ReturnType<typeof openAirIndices> | null = null

const onFault = (error: unknown): void => {
  throw error
}

beforeEach(async () => {
  now = NINE
  folder = mkdtempSync(join(tmpdir(), 'pantau-quality-'))
  store = await openTestStore(folder, clock)
  const sensors = ['s', 'b', 'c', 'd'].map(
    (id, index) => [id, known(id, { kind: 'sensor', everyS: 600, lat: -6.17 - index / 1_000 })] as const,
  )
  live = new LiveState({ placeOnTrip: () => null, showsUnknown: false, onUnknown: () => undefined })
  live.setKnown(new Map(sensors), new Set())
})

afterEach(async () => {
  air?.stop()
  await quality?.stop()
  air = null
  quality = null
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

async function start(): Promise<Quality> {
  // One that is being computed when the store closes has nobody to tell.
  air = openAirIndices({ store, live, clock, zone: 'Asia/Jakarta', onFault: () => undefined })
  quality = await openQuality({ store, live, air, clock, onFault })
  return quality
}

function reading(time: TimeMs, pm2_5: number, device = 's'): Observation {
  return { kind: 'sensor', device, time, arrival: now, timeIsArrival: false, values: { pm2_5 } }
}

async function take(observations: readonly Observation[]): Promise<void> {
  await store.write({ observations, quarantined: [], states: [], position: null })
  for (const observation of observations) live.applyObservation(observation)
  air?.noteStored(observations)
}

const inForce = (): Promise<readonly QualityFlag[]> => store.flags({ from: 0, to: FOR_EVER, limit: 10_000 })

const said = (flags: readonly QualityFlag[]): string[] =>
  flags.map(({ id, from, to, quality, version }) => `${id} ${from} ${to} ${quality} ${version}`).sort()

/** What a computation from scratch finds on readings of `s`. */
function fromScratch(readings: readonly Observation[]): string[] {
  const sorted = [...readings].sort((a, b) => a.time - b.time)
  const found = judge(
    { times: sorted.map(({ time }) => time), values: sorted.map(({ values }) => values['pm2_5'] ?? 0) },
    QUALITY_LIMITS.pm2_5,
    NINE - 2 * DAY,
    NINE + DAY,
  )
  return said(found.map((verdict) => flagOf('s', 'pm2_5', verdict, now)))
}

/** Every ten minutes of a day: stuck for 14 hours, then a spike. */
const DAY_OF_READINGS = Array.from({ length: 24 * 6 }, (_, index) => {
  const isStuck = index >= 20 && index < 20 + 14 * 6
  return reading(NINE - DAY + index * 10 * MINUTE, isStuck ? 33 : index === 130 ? 300 : 20 + (index % 7))
})

describe('flags', () => {
  it('are those of a computation from scratch, in any order of arrival, with repetitions and judging in between', async () => {
    const expected = fromScratch(DAY_OF_READINGS)
    expect(expected.some((flag) => flag.includes('stuck'))).toBe(true)
    expect(expected.some((flag) => flag.includes('spike'))).toBe(true)
    const running = await start()
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(DAY_OF_READINGS, { minLength: DAY_OF_READINGS.length }),
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 3, maxLength: 6 }),
        async (shuffled, sizes) => {
          await store.forget(['s'])
          let from = 0
          for (const size of [...sizes, shuffled.length]) {
            await take(shuffled.slice(Math.max(0, from - 5), from + size))
            await running.settle()
            from += size
          }
          expect(said(await inForce())).toEqual(fromScratch(shuffled))
          expect(said(await inForce())).toEqual(expected)
        },
      ),
      { numRuns: 2 },
    )
  }, 60_000)

  it('survive a crash at any step: none is lost, none is doubled', async () => {
    await take(DAY_OF_READINGS)
    for (let step = 1; step < 12; step += 3) {
      let left = step
      const failing = new Proxy(store, {
        get(target, name) {
          const member: unknown = Reflect.get(target, name)
          if (typeof member !== 'function') return member
          if (name !== 'judge') return member.bind(target)
          return async (...given: unknown[]) => {
            left -= 1
            if (left < 0) throw new Error('killed')
            return (member as (...all: unknown[]) => unknown).apply(target, given)
          }
        },
      })
      const dying = await openQuality({
        store: failing,
        live,
        air: { noteFlags: () => undefined },
        clock,
        onFault: () => undefined,
      })
      await dying.settle().catch(() => undefined)
      await dying.stop()
      await store.close()
      store = await openTestStore(folder, clock)
    }
    const running = await start()
    await running.settle()
    expect(said(await inForce())).toEqual(fromScratch(DAY_OF_READINGS))
    expect((await running.progress()).left).toBe(0)
  })

  it('of a bad reading change mean, index and what is shown as latest', async () => {
    await take(DAY_OF_READINGS.map(({ time }, index) => reading(time, index === 143 ? 25 : 20 + (index % 7))))
    const running = await start()
    await running.settle()
    const ispu = (): number | null | undefined => live.snapshot(now)[0]?.air?.ispu.value
    for (let tries = 0; tries < 50 && ispu() === undefined; tries += 1) await sleep(50)
    const before = ispu()
    const set = await running.setFlag({
      device: 's',
      metric: 'pm2_5',
      from: NINE - DAY,
      to: NINE,
      flag: 'manual',
      note: 'burnt rice',
      by: 'sari',
    })
    for (let tries = 0; tries < 50 && ispu() === before; tries += 1) await sleep(50)
    expect(live.snapshot(now)[0]?.air?.ispu).toMatchObject({ value: null, reason: 'not_enough_hours:0/18' })
    expect(live.snapshot(now)[0]?.values['pm2_5']).toMatchObject({ value: 25, flag: 'manual' })
    expect(await running.unsetFlag(set.id)).toMatchObject({ byTest: false, flag: { id: set.id } })
    for (let tries = 0; tries < 50 && ispu() !== before; tries += 1) await sleep(50)
    expect(ispu()).toBe(before)
    expect(live.snapshot(now)[0]?.values['pm2_5']?.flag).toBeUndefined()
    // Taken back once, it is gone.
    expect(await running.unsetFlag(set.id)).toEqual({ flag: null, byTest: false })
  })

  it('of a station that stands apart from its neighbours come when the hour is over, and go when the readings say otherwise', async () => {
    const hour = NINE - HOUR
    const hourOf = (device: string, value: number): Observation[] =>
      Array.from({ length: 6 }, (_, index) => reading(hour + index * 10 * MINUTE, value + index / 5, device))
    await take([...hourOf('s', 95), ...hourOf('b', 41), ...hourOf('c', 38), ...hourOf('d', 44)])
    const running = await start()
    now = NINE + 2_000
    await running.settle()
    expect(await inForce()).toEqual([])
    now = NINE + 6_000
    await running.settle()
    expect((await inForce()).map(({ id, quality }) => [id, quality])).toEqual([
      [`s.pm2_5.${hour}.neighbour`, 3],
    ])
    await take(hourOf('s', 45))
    await running.settle()
    expect(await inForce()).toEqual([])
  })

  it('are derived anew with the old ones kept when a rule has another version', async () => {
    await take(DAY_OF_READINGS)
    const running = await start()
    await running.settle()
    const flags = await inForce()
    // As an older program had set them.
    for (const { device, from, to } of flags.slice(0, 1)) {
      const old = flags
        .filter((flag) => flag.rule === 'stuck')
        .map((flag) => ({ ...flag, version: '0', to: to + 1 }))
      await store.judge({
        device,
        metrics: ['pm2_5'],
        versions: { stuck: '0' },
        from: Math.floor(from / DAY) * DAY,
        to: NINE,
        flags: old,
        hours: [],
        at: now,
      })
    }
    expect(await running.judgeAgain(NINE - 2 * DAY, NINE)).toBe(24)
    await running.settle()
    expect(said(await inForce())).toEqual(fromScratch(DAY_OF_READINGS))
    const kept = await store.flags({ from: 0, to: FOR_EVER, limit: 10_000, withRetired: true })
    expect(kept.filter(({ version }) => version === '0').length).toBeGreaterThan(0)
    expect((await running.progress()).retired).toBe(kept.filter(({ version }) => version === '0').length)
  })
})
