// The indices kept up as readings come are those of a computation from scratch, with a real store behind them.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Observation } from '../../contract/observation.ts'
import { type Clock, DAY, HOUR, MINUTE } from '../../contract/time.ts'
import { type HourlyMean, stationIndices } from '../../domain/air/station-index.ts'
import type { Store } from '../store/store.ts'
import { known } from '../test/live-rig.ts'
import { openTestStore } from '../test/store.ts'
import { type AirIndices, openAirIndices } from './air-indices.ts'
import { LiveState } from './live-state.ts'

/** 09:00 in Jakarta. */
const NINE = Date.parse('2026-11-24T02:00:00.000Z')

let now = NINE
const clock: Clock = { now: () => now, monotonicMs: () => now }
let folder = ''
let store: Store
let live: LiveState
let air: AirIndices | null = null
let computed = 0

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  now = NINE + 20 * MINUTE
  folder = mkdtempSync(join(tmpdir(), 'pantau-air-'))
  store = await openTestStore(folder, clock)
  live = new LiveState({ placeOnTrip: () => null, showsUnknown: false, onUnknown: () => undefined })
  live.setKnown(new Map([['s', known('s', { kind: 'sensor', everyS: 600 })]]), new Set())
  const setAir = live.setAir.bind(live)
  live.setAir = (id, made) => {
    setAir(id, made)
    computed += 1
  }
})

afterEach(async () => {
  air?.stop()
  vi.useRealTimers()
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const reading = (time: number, values: Record<string, number>, arrival = time): Observation => ({
  kind: 'sensor',
  device: 's',
  time,
  arrival,
  timeIsArrival: false,
  values,
})

/** Every ten minutes of a day up to NINE, but for the last half hour. */
const DAY_OF_READINGS = Array.from({ length: 24 * 6 - 3 }, (_, index) =>
  reading(NINE - DAY + index * 10 * MINUTE, { pm2_5: 20 + (index % 37), noise_dba: 50 }),
)

async function take(observations: readonly Observation[]): Promise<void> {
  await store.write({ observations, quarantined: [], states: [], position: null })
  for (const observation of observations) live.applyObservation(observation)
  air?.noteStored(observations)
}

function fromScratch(observations: readonly Observation[]) {
  const means = new Map<number, HourlyMean>()
  for (const hour of new Set(observations.map(({ time }) => Math.floor(time / HOUR) * HOUR))) {
    const values = observations
      .filter(({ time }) => Math.floor(time / HOUR) * HOUR === hour)
      .map(({ values: { pm2_5 = Number.NaN } }) => pm2_5)
    means.set(hour, {
      mean: values.reduce((sum, value) => sum + value, 0) / values.length,
      count: values.length,
    })
  }
  return stationIndices({ hours: new Map([['pm2_5', means]]), now, everyS: 600 })
}

const shown = () => live.snapshot(now).find(({ id }) => id === 's')?.air

/** Until the station was computed anew, however busy the machine is; one that waits to be heard is not. */
async function ticked(): Promise<void> {
  const before = computed
  air?.recompute()
  for (let tries = 0; tries < 100 && computed === before; tries += 1) await sleep(50)
}

function start(zone = 'Asia/Jakarta'): void {
  const onFault = (error: unknown): void => {
    throw error
  }
  air = openAirIndices({ store, live, clock, zone, onFault })
}

const near = (indices: unknown): unknown =>
  JSON.parse(
    JSON.stringify(indices, (_, value: unknown) =>
      typeof value === 'number' ? Math.round(value * 1e9) / 1e9 : value,
    ),
  )

it('they are those of the last full hours, and change with what comes late', async () => {
  await take(DAY_OF_READINGS)
  start()
  await ticked()
  expect(near(shown())).toEqual(near(fromScratch(DAY_OF_READINGS)))
  expect(shown()?.ispu).toMatchObject({ dominant: 'pm2_5', time: NINE, completeness: 23 / 24 })

  const late = [30, 40, 50].map((minute) => reading(NINE - HOUR + minute * MINUTE, { pm2_5: 300 }, now))
  await take(late)
  await ticked()
  expect(near(shown())).toEqual(near(fromScratch([...DAY_OF_READINGS, ...late])))
  expect(shown()?.ispu.completeness).toBe(1)

  now = NINE + HOUR + 11_000
  await ticked()
  expect(shown()?.ispu).toMatchObject({ time: NINE + HOUR, completeness: 23 / 24 })
})

it('they are computed again by themselves when a late reading was stored', async () => {
  await take(DAY_OF_READINGS)
  start()
  await ticked()
  const before = shown()?.ispu.value
  now += 2 * MINUTE
  await take([30, 40, 50].map((minute) => reading(NINE - HOUR + minute * MINUTE, { pm2_5: 900 }, now)))
  vi.advanceTimersByTime(5_000)
  for (let tries = 0; tries < 80 && shown()?.ispu.value === before; tries += 1) await sleep(100)
  expect(shown()?.ispu.value).toBeGreaterThan(before ?? Number.POSITIVE_INFINITY)
})

it('a station that measures no air says so', async () => {
  await take([reading(now, { noise_dba: 60 })])
  start()
  await ticked()
  expect(shown()?.ispu).toMatchObject({ value: null, reason: 'no_pollutant_measured' })
})

it('a station that was not heard yet is not known yet, until it has had the time to say something', async () => {
  start()
  await sleep(50)
  expect(shown()?.ispu).toMatchObject({ value: null, reason: 'not_computed_yet', time: NINE })
  // Every 600 s, three intervals and ten seconds.
  now += 31 * MINUTE
  await ticked()
  expect(shown()?.ispu).toMatchObject({ value: null, reason: 'no_pollutant_measured' })
})

it('a station that begins to measure a pollutant within the hour has the index of it', async () => {
  await take([reading(now, { noise_dba: 60 })])
  start()
  await ticked()
  expect(shown()?.ispu).toMatchObject({ reason: 'no_pollutant_measured' })
  await take([reading(now, { pm2_5: 60 })])
  vi.advanceTimersByTime(5_000)
  for (let tries = 0; tries < 80 && shown()?.ispu.reason === 'no_pollutant_measured'; tries += 1)
    await sleep(100)
  expect(shown()?.ispu).toMatchObject({ value: null, reason: 'not_enough_hours:0/18' })
})

it('hours are those of the village where its clock is half an hour off', async () => {
  await store.close()
  const { DuckDbEngine } = await import('../store/duckdb-engine.ts')
  const { DuckDbStore } = await import('../store/duckdb-store.ts')
  const options = { path: join(folder, 'kolkata.duckdb'), zone: 'Asia/Kolkata', windowMs: null }
  store = new DuckDbStore(await DuckDbEngine.open(options, clock))
  // 07:50 in Kolkata: the last full hour ended at 07:00, 01:30 UTC.
  const end = Date.parse('2026-11-24T01:30:00.000Z')
  await take(
    Array.from({ length: 24 * 6 }, (_, index) => reading(end - DAY + index * 10 * MINUTE, { pm2_5: 40 })),
  )
  start('Asia/Kolkata')
  await ticked()
  expect(shown()?.ispu).toMatchObject({ time: end, completeness: 1, dominant: 'pm2_5' })
})
