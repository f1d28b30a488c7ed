// Runs the simulated village through Pantau's modules and scores what it said against what happened. Devices that stand and vehicles run
// one after the other: nothing of the one bears on the other.

import { SECOND, type TimeMs } from '../../contract/time.ts'
import { offsetMinutes } from '../../domain/time-zone.ts'
import { loadGtfs } from '../../runtime/gtfs-trips.ts'
import type { LoadedVillage } from '../../runtime/village.ts'
import { fleetsOf } from '../../simulators/fleets.ts'
import type { SimulatorOptions } from '../../simulators/options.ts'
import { openSeries } from '../../simulators/series.ts'
import { truthOf, underWay } from '../../simulators/truth-file.ts'
import { buildWorld, type World } from '../../simulators/world.ts'
import { ArrivalWatch, type TransitScore } from './arrivals.ts'
import { type FaultScore, noticesOf, SensorWatch, scoreFaults } from './faults.ts'
import { flagsOf, SeriesKeeper } from './flags.ts'
import { type IndexErrors, indexErrors } from './indices.ts'
import { type OutageScore, OutageWatch, scoreOutages } from './outages.ts'
import { runVillage } from './village-run.ts'

export interface TruthPlan {
  readonly village: LoadedVillage
  /** URL of the folder of the simulators' series. */
  readonly series: URL
  readonly seed: number
  readonly from: TimeMs
  readonly to: TimeMs
}

export interface StandingScore {
  readonly messages: number
  readonly outages: OutageScore
  readonly faults: FaultScore
  readonly indices: IndexErrors
}

export type Counts = Pick<SimulatorOptions, 'hotspots' | 'sensors' | 'vehicles'>

/** Hotspots and sensors. */
export function measureStanding(plan: TruthPlan, counts: Omit<Counts, 'vehicles'>): StandingScore {
  const { from, to } = plan
  const options = { ...counts, vehicles: 0 }
  const { devices, models } = worldOf(plan, options, false)
  const sound = worldOf(plan, options, true).models
  const outages = new OutageWatch()
  const sensors = new SensorWatch()
  const series = new SeriesKeeper()
  const messages = runVillage(
    { village: plan.village.village.id, devices, models, lines: new Map(), from, to },
    {
      observation: (observation) => series.observation(observation),
      shown(device, at) {
        outages.shown(device, at)
        sensors.shown(device, at)
      },
    },
  )
  const truths = [...underWay(models, from), ...truthOf(models, from, to)]
  const flags = flagsOf(series.all(), devices)
  const notices = [...sensors.notices(to), ...noticesOf(flags)]
  return {
    messages,
    outages: scoreOutages(truths, outages.outages(), from, to),
    faults: scoreFaults({ truths, faulty: models, sound, notices, from, to }),
    indices: indexErrors({ series: series.all(), flags, sound, from, to }),
  }
}

/** Vehicles. */
export function measureTransit(
  plan: TruthPlan,
  counts: Pick<Counts, 'vehicles'>,
): TransitScore & { readonly messages: number } {
  const { from, to, village } = plan
  if (village.gtfsPath === null) throw new Error(`${village.folder} has no public transport`)
  const { devices, models } = worldOf(plan, { ...counts, hotspots: 0, sensors: 0 }, false)
  const feed = loadGtfs(village.gtfsPath)
  const lines = new Map([...feed.trips].map(([id, { line }]) => [id, line]))
  const watch = new ArrivalWatch(feed, truthOf(models, from, to))
  const messages = runVillage(
    { village: village.village.id, devices, models, lines, from, to },
    { shown: (device) => watch.shown(device), second: (at) => watch.second(at) },
  )
  return { messages, ...watch.score() }
}

export function worldOf({ village, series, seed, from }: TruthPlan, counts: Counts, isSound: boolean): World {
  const utcOffsetMs = offsetMinutes(from, village.village.timezone) * 60 * SECOND
  return buildWorld({
    village: village.village,
    devices: village.devices,
    utcOffsetMs,
    sources: openSeries(series, utcOffsetMs),
    fleets: counts.vehicles === 0 || village.gtfsPath === null ? [] : fleetsOf(village.gtfsPath),
    options: { ...counts, rate: 1, seed },
    isSound,
  })
}
