// Arrivals against what came: simulated vehicles of the village run through a morning peak, matching and prediction, and each prediction
// is held against the arrival that the simulator knows. The range is to hold four of five, and the prediction to be nearer than the
// template's own seconds from where the vehicle is.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { HOUR, MINUTE, SECOND, type TimeMs } from '../contract/time.ts'
import type { GtfsFeed } from '../domain/transit/gtfs.ts'
import { matchToShape, NO_PROGRESS, type Progress } from '../domain/transit/match.ts'
import { predictByTemplate } from '../domain/transit/run-together.ts'
import { VehicleRuns } from '../domain/transit/vehicle-runs.ts'
import { loadGtfs } from '../runtime/gtfs-trips.ts'
import type { DeviceModel } from '../simulators/device-model.ts'
import { fleetsOf } from '../simulators/fleets.ts'
import { fleetModels } from '../simulators/vehicle.ts'
import { root } from './village.ts'

const GTFS = join(root, 'villages/cideng/noncommercial/gtfs.zip')
const OFFSET = 7 * HOUR
/** Tuesday 24 November 2026, 06:00 to 09:00 in Jakarta: the traffic changes most. */
const FROM = Date.parse('2026-11-23T23:00:00Z')
const TO = FROM + 3 * HOUR
const EVERY_MS = 10 * SECOND

interface Held {
  readonly horizonS: number
  readonly errorS: number
  readonly planErrorS: number
  readonly isInRange: boolean
}

describe.skipIf(!existsSync(GTFS))('arrivals', () => {
  const feed = loadGtfs(GTFS)
  const models = fleetsOf(GTFS)
    .filter(({ route }) => ['8M', 'JAK.07', 'JAK.13', '3H', '1H', 'JAK.09'].includes(route))
    .flatMap((fleet) =>
      fleetModels(
        7,
        {
          ...fleet,
          vehicles: [1, 2, 3, 4].map((n) => ({ id: `${fleet.route}-${n}`, everyMs: EVERY_MS })),
        },
        OFFSET,
      ),
    )
  const { held, matched, fixes } = run(feed, models)

  it('are matched to their trips', () => {
    expect(fixes).toBeGreaterThan(10_000)
    expect(matched / fixes).toBeGreaterThan(0.98)
  })

  it('5 minutes ahead err by 30 s at the median and 90 s at the ninetieth percentile', () => {
    const near = held.filter(({ horizonS }) => horizonS > 240 && horizonS <= 360)
    const errors = near.map(({ errorS }) => Math.abs(errorS)).sort((a, b) => a - b)
    const plan = near.map(({ planErrorS }) => Math.abs(planErrorS)).sort((a, b) => a - b)
    expect(near.length).toBeGreaterThan(1_000)
    expect(quantile(errors, 0.5)).toBeLessThanOrEqual(30)
    expect(quantile(errors, 0.9)).toBeLessThanOrEqual(90)
    expect(quantile(errors, 0.5)).toBeLessThan(quantile(plan, 0.5))
    expect(quantile(errors, 0.9)).toBeLessThan(quantile(plan, 0.9))
  })

  it.each([
    [0, 300],
    [300, 600],
    [600, 1_200],
    [1_200, 3_600],
  ])('%i to %i s ahead lie in their range four times of five', (from, to) => {
    const of = held.filter(({ horizonS }) => horizonS > from && horizonS <= to)
    expect(of.length).toBeGreaterThan(1_000)
    expect(of.filter(({ isInRange }) => isInRange).length / of.length).toBeGreaterThanOrEqual(0.8)
  })
})

function run(feed: GtfsFeed, models: readonly DeviceModel[]) {
  const runs = new VehicleRuns(feed)
  const progress = new Map<string, { trip: string; progress: Progress }>()
  const truth = new Map(models.map((model) => [model.id, arrivalsOf(model)]))
  const held: Held[] = []
  let fixes = 0
  let matched = 0
  for (let now = FROM; now < TO; now += EVERY_MS) {
    for (const model of models) {
      const sample = model.sampleAt(now)
      const trip = sample?.trip === undefined ? undefined : feed.trips.get(sample.trip)
      if (sample?.position === undefined || trip === undefined) continue
      const known = progress.get(model.id)
      const before = known?.trip === trip.id ? known.progress : NO_PROGRESS
      const match = matchToShape(trip.line, sample.position, now, before)
      progress.set(model.id, { trip: trip.id, progress: match.progress })
      fixes += 1
      if (match.matched) matched += 1
      runs.see(model.id, { trip: trip.id, alongM: match.matched ? match.progress.alongM : null, time: now })
      // Once a minute each: predictions ten seconds apart are nearly one.
      if (now % MINUTE === 0 && now > FROM + 30 * MINUTE)
        held.push(...holdAgainst(runs, model.id, now, truth))
    }
  }
  return { held, fixes, matched }
}

type Came = readonly { readonly stop: string; readonly trip: string; readonly from: TimeMs }[]

function arrivalsOf(model: DeviceModel): Came {
  return model
    .truth(FROM, TO + HOUR)
    .flatMap((truth) =>
      truth.type === 'arrival' ? [{ stop: truth.stop, trip: truth.trip, from: truth.from }] : [],
    )
}

function holdAgainst(
  runs: VehicleRuns,
  vehicle: string,
  now: TimeMs,
  truth: ReadonlyMap<string, Came>,
): readonly Held[] {
  const prediction = runs.predict(vehicle, now)
  if (prediction === null || prediction.isWaiting) return []
  const { trip, place } = prediction
  const fix = { alongM: place.alongM, timeS: place.time / SECOND }
  const plan = new Map(
    predictByTemplate(trip.stops, fix, now / SECOND)?.arrivals.map(({ index, arrivalS }) => [
      trip.stops[index],
      arrivalS * SECOND,
    ]),
  )
  return prediction.arrivals.flatMap(({ stop, time, low, high }): Held[] => {
    const came = truth
      .get(vehicle)
      ?.find((one) => one.from >= now - MINUTE && one.trip === trip.id && one.stop === stop.stop)
    if (came === undefined || came.from < now) return []
    return [
      {
        horizonS: (came.from - now) / SECOND,
        errorS: (time - came.from) / SECOND,
        planErrorS: ((plan.get(stop) ?? Number.NaN) - came.from) / SECOND,
        isInRange: came.from >= low && came.from <= high,
      },
    ]
  })
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN
}
