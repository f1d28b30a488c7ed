// What planted faults do to the indices: each station's index of each hour from what its sensor said, with what was flagged left out,
// against the index of what it should have said.

import { isOutOfRange } from '../../contract/metrics.ts'
import { HOUR, type TimeMs } from '../../contract/time.ts'
import { type HourlyMean, type StationHours, stationIndices } from '../../domain/air/station-index.ts'
import { FAIL } from '../../domain/quality/flags.ts'
import { groupBy } from '../../domain/transit/feed-tables.ts'
import type { DeviceModel } from '../../simulators/device-model.ts'
import { firstTick } from '../../simulators/world.ts'
import { type Flagged, type Series, SeriesKeeper } from './flags.ts'

/** Points of ISPU by which each hour's index is off. */
export interface IndexErrors {
  /** Of what came in, values out of range left out. */
  readonly unflagged: readonly number[]
  /** With what the tests failed left out too. */
  readonly flagged: readonly number[]
  /** Hours in which one of the two has an index and the truth has none, or the other way round. */
  readonly onlyOne: { readonly unflagged: number; readonly flagged: number }
}

export interface IndexPlan {
  readonly series: readonly Series[]
  readonly flags: readonly Flagged[]
  /** Sensors without faults. */
  readonly sound: readonly DeviceModel[]
  readonly from: TimeMs
  readonly to: TimeMs
}

/** A day of hours goes into an index. */
const DAY_HOURS = 24
const POLLUTANTS = ['pm2_5', 'pm10', 'so2', 'no2', 'co', 'o3', 'hc']

export function indexErrors({ series, flags, sound, from, to }: IndexPlan): IndexErrors {
  const failed = new Set(
    flags
      .filter(({ flag }) => flag === FAIL)
      .map(({ device, metric, time }) => `${device}|${metric}|${time}`),
  )
  const errors = { unflagged: [] as number[], flagged: [] as number[], onlyOne: { unflagged: 0, flagged: 0 } }
  const ofDevice = groupBy(
    series.filter(({ metric }) => POLLUTANTS.includes(metric)),
    ({ device }) => device,
  )
  for (const [device, own] of ofDevice) {
    const model = sound.find(({ id }) => id === device)
    if (model === undefined) continue
    const ways = {
      true: hoursOf(trueSeries(model, from, to), () => true),
      unflagged: hoursOf(own, () => true),
      flagged: hoursOf(own, (metric, time) => !failed.has(`${device}|${metric}|${time}`)),
    }
    const ispu = (hours: StationHours, now: TimeMs): number | null =>
      stationIndices({ hours, now, everyS: model.everyMs / 1_000 }).ispu.value
    for (let now = from + (DAY_HOURS + 1) * HOUR; now <= to; now += HOUR) {
      const truth = ispu(ways.true, now)
      for (const way of ['unflagged', 'flagged'] as const) {
        const said = ispu(ways[way], now)
        if (said !== null && truth !== null) errors[way].push(Math.abs(said - truth))
        else if (said !== truth) errors.onlyOne[way] += 1
      }
    }
  }
  return errors
}

function trueSeries(model: DeviceModel, from: TimeMs, to: TimeMs): readonly Series[] {
  const keeper = new SeriesKeeper()
  for (let time = firstTick(model, from); time < to; time += model.everyMs) {
    const values = model.sampleAt(time)?.values ?? {}
    keeper.observation({ kind: 'sensor', device: model.id, time, arrival: time, values })
  }
  return keeper.all().filter(({ metric }) => POLLUTANTS.includes(metric))
}

function hoursOf(all: readonly Series[], isUsed: (metric: string, time: TimeMs) => boolean): StationHours {
  const hours = new Map<string, ReadonlyMap<TimeMs, HourlyMean>>()
  for (const { metric, readings } of all) {
    const sums = new Map<TimeMs, { sum: number; count: number }>()
    for (const { time, value } of readings) {
      if (isOutOfRange('sensor', metric, value) || !isUsed(metric, time)) continue
      const hour = Math.floor(time / HOUR) * HOUR
      const { sum, count } = sums.get(hour) ?? { sum: 0, count: 0 }
      sums.set(hour, { sum: sum + value, count: count + 1 })
    }
    hours.set(
      metric,
      new Map([...sums].map(([hour, { sum, count }]) => [hour, { mean: sum / count, count }])),
    )
  }
  return hours
}
