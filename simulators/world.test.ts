import { describe, expect, it } from 'vitest'
import { DAY, HOUR, MINUTE } from '../contract/time.ts'
import type { VillageDevice } from '../contract/village.ts'
import { loadVillage } from '../runtime/village.ts'
import { fleetsOf } from './fleets.ts'
import { openSeries } from './series.ts'
import { truthOf } from './truth-file.ts'
import { buildWorld, firstTick, type World, type WorldPlan } from './world.ts'

const OFFSET = 7 * HOUR
const START = Date.UTC(2026, 10, 20)

const loaded = loadVillage(new URL('../villages/cideng', import.meta.url).pathname)
if (!loaded.ok) throw new Error(loaded.faults.join('\n'))
const { village, devices, gtfsPath } = loaded.village
const FLEETS = gtfsPath === null ? [] : fleetsOf(gtfsPath)

const world = (options: Partial<WorldPlan['options']> = {}, more: Partial<WorldPlan> = {}): World =>
  buildWorld({
    village,
    devices,
    utcOffsetMs: OFFSET,
    sources: openSeries(new URL('./series/', import.meta.url), OFFSET),
    fleets: FLEETS,
    options: { hotspots: null, sensors: null, vehicles: null, rate: 1, seed: 1, ...options },
    ...more,
  })

const hotspot = (id: string, parent?: string): VillageDevice => ({
  id,
  kind: 'hotspot',
  name: id,
  lat: -6.17,
  lon: 106.8,
  expect: { every_s: 60 },
  ...(parent === undefined ? {} : { parent }),
})

/** What the village sends in ten minutes. */
const sent = ({ models }: World): unknown[] =>
  models.flatMap((model) =>
    Array.from({ length: 10 }, (_, index) => {
      const time = firstTick(model, START) + index * MINUTE
      return [model.id, model.isReachable(time), model.sampleAt(time)]
    }),
  )

describe('the simulated village', () => {
  it('has a model for each device of the village', () => {
    const { models } = world()
    expect(models.map(({ id }) => id).sort()).toEqual(devices.map(({ id }) => id).sort())
  })

  it('is cut to a number, or filled up to it inside the bounds with devices of their own', () => {
    const { devices: chosen, models } = world({ hotspots: 2, sensors: 30, vehicles: 0 })
    expect(models).toHaveLength(32)
    expect(new Set(chosen.map(({ id }) => id)).size).toBe(32)
    const [west, south, east, north] = village.bounds
    for (const { lat, lon } of chosen) {
      expect(lat >= south && lat <= north && lon >= west && lon <= east).toBe(true)
    }
  })

  it('is the same for the same seed to the last byte, truth and all, and another for another', () => {
    const truth = (seed: number): unknown => truthOf(world({ seed }).models, START, START + DAY)
    expect(JSON.stringify(sent(world({ seed: 9 })))).toBe(JSON.stringify(sent(world({ seed: 9 }))))
    expect(JSON.stringify(truth(9))).toBe(JSON.stringify(truth(9)))
    expect(truth(9)).not.toEqual(truth(10))
  })

  it('reports twice as often at a rate of two', () => {
    const [once] = world({ hotspots: 1, sensors: 0, vehicles: 0 }).models
    const [twice] = world({ hotspots: 1, sensors: 0, vehicles: 0, rate: 2 }).models
    expect(once?.everyMs).toBe(MINUTE)
    expect(twice?.everyMs).toBe(MINUTE / 2)
  })

  it('ends where parents go round', () => {
    const round = [hotspot('a', 'b'), hotspot('b', 'c'), hotspot('c', 'b'), hotspot('self', 'self')]
    const { models } = world({ vehicles: 0, sensors: 0 }, { devices: round })
    expect(models).toHaveLength(4)
  })

  it('without faults differs only in what faults did', () => {
    const options = { hotspots: 0, vehicles: 0 }
    const faulty = world(options)
    const sound = world(options, { isSound: true })
    expect(truthOf(sound.models, START, START + 7 * DAY)).toEqual([])
    const truth = truthOf(faulty.models, START - 2 * DAY, START + DAY)
    for (const [index, model] of faulty.models.entries()) {
      for (let time = firstTick(model, START); time < START + DAY; time += 10 * model.everyMs) {
        const isFaulty = truth.some(
          (one) => one.type === 'fault' && one.device === model.id && one.from <= time && time < one.to,
        )
        if (!isFaulty) expect(model.sampleAt(time)).toEqual(sound.models[index]?.sampleAt(time))
      }
    }
  })
})

describe('the first tick of a device', () => {
  it('is at or behind a time, at its own phase', () => {
    const [model] = world({ hotspots: 1, sensors: 0, vehicles: 0 }).models
    if (model === undefined) throw new Error('no model')
    const first = firstTick(model, START)
    expect(first - START).toBeGreaterThanOrEqual(0)
    expect(first - START).toBeLessThan(model.everyMs)
    expect(firstTick(model, first)).toBe(first)
    expect(firstTick(model, first + 1)).toBe(first + model.everyMs)
  })
})
