// Flags of the readings of a stretch of time, by the judges that the product runs over its store (domain A7): all of a past at once gives
// the flags that it would have set as readings came. `known` says when it would have told: a running hour is judged about every half minute.

import { isOutOfRange } from '../../contract/metrics.ts'
import type { Observation } from '../../contract/observation.ts'
import { HOUR, SECOND, type TimeMs } from '../../contract/time.ts'
import { FAIL, SUSPECT } from '../../domain/quality/flags.ts'
import { type Doubt, judge } from '../../domain/quality/judge.ts'
import { qualityLimitsOf } from '../../domain/quality/limits.ts'
import { hoursApart } from '../../domain/quality/neighbour-hours.ts'
import type { QualityRuleName } from '../../domain/quality/rules.ts'

/** A flagged reading, or a flagged hour of readings. */
export interface Flagged {
  readonly device: string
  readonly metric: string
  readonly test: QualityRuleName
  readonly flag: Doubt
  /** By the device's clock. */
  readonly time: TimeMs
  /** When what it is about arrived: one moment, or an hour. */
  readonly from: TimeMs
  readonly until: TimeMs
  /** When Pantau could tell. */
  readonly known: TimeMs
}

export interface Place {
  readonly id: string
  readonly lat: number
  readonly lon: number
}

/** Ingest looks each 5 s and judges a sensor whose hour runs no more often than each 30 s (`ingest/derive/flag-deriver.ts`). */
const JUDGED_WITHIN_MS = 35 * SECOND

interface Reading {
  readonly time: TimeMs
  readonly arrival: TimeMs
  readonly value: number
}

/** Readings of one metric of one device, as stored: ascending in time, the later arrival of two at one time. */
export interface Series {
  readonly device: string
  readonly metric: string
  readonly readings: readonly Reading[]
}

/** Keeps the sensors' readings by device and metric. */
export class SeriesKeeper {
  readonly #series = new Map<string, { device: string; metric: string; byTime: Map<TimeMs, Reading> }>()

  observation({
    kind,
    device,
    time,
    arrival,
    values,
  }: Pick<Observation, 'kind' | 'device' | 'time' | 'arrival' | 'values'>): void {
    if (kind !== 'sensor') return
    for (const [metric, value] of Object.entries(values)) {
      const key = `${device}|${metric}`
      const series = this.#series.get(key) ?? { device, metric, byTime: new Map() }
      this.#series.set(key, series)
      series.byTime.set(time, { time, arrival, value })
    }
  }

  all(): readonly Series[] {
    return [...this.#series.values()].map(({ device, metric, byTime }) => ({
      device,
      metric,
      readings: [...byTime.values()].sort((a, b) => a.time - b.time),
    }))
  }
}

export function flagsOf(all: readonly Series[], places: readonly Place[]): readonly Flagged[] {
  return [...all.flatMap(outOfRange), ...all.flatMap(judged), ...apart(all, places)]
}

function outOfRange({ device, metric, readings }: Series): Flagged[] {
  return readings
    .filter(({ value }) => isOutOfRange('sensor', metric, value))
    .map((reading) => flagged({ device, metric, test: 'range', flag: FAIL }, reading, reading.arrival))
}

function judged({ device, metric, readings }: Series): Flagged[] {
  const limits = qualityLimitsOf(metric)
  const used = readings.filter(({ value }) => !isOutOfRange('sensor', metric, value))
  const [first, last] = [used[0], used.at(-1)]
  if (limits === null || first === undefined || last === undefined) return []
  const times = used.map(({ time }) => time)
  const values = used.map(({ value }) => value)
  const verdicts = judge({ times, values }, limits, hourOf(first.time), hourOf(last.time) + HOUR)
  return verdicts.flatMap(({ rule, quality, from, to }) =>
    used.flatMap((reading, index) => {
      if (reading.time < from || reading.time >= to) return []
      // A spike is one only when the next reading is back.
      const known = rule === 'spike' ? (used[index + 1]?.arrival ?? reading.arrival) : reading.arrival
      return [flagged({ device, metric, test: rule, flag: quality }, reading, known)]
    }),
  )
}

function flagged(
  what: Pick<Flagged, 'device' | 'metric' | 'test' | 'flag'>,
  { time, arrival }: Reading,
  known: TimeMs,
): Flagged {
  return { ...what, time, from: arrival, until: arrival, known: known + JUDGED_WITHIN_MS }
}

/** Hours in which a station stands apart from those around it. */
function apart(all: readonly Series[], places: readonly Place[]): Flagged[] {
  return [...new Set(all.map(({ metric }) => metric))].flatMap((metric) => {
    const rule = qualityLimitsOf(metric)?.neighbour
    if (rule === undefined) return []
    const stations = all
      .filter((series) => series.metric === metric)
      .flatMap((series) => {
        const place = places.find(({ id }) => id === series.device)
        return place === undefined ? [] : [{ id: series.device, position: place, means: hourlyMeans(series) }]
      })
    const hours = [...new Set(stations.flatMap(({ means }) => [...means.keys()]))].sort((a, b) => a - b)
    return [...hoursApart(stations, hours, rule)].flatMap(([device, found]) =>
      found.map((hour): Flagged => {
        const until = hour + HOUR
        return {
          device,
          metric,
          test: 'neighbour',
          flag: SUSPECT,
          time: hour,
          from: hour,
          until,
          known: until + JUDGED_WITHIN_MS,
        }
      }),
    )
  })
}

function hourlyMeans({ metric, readings }: Series): ReadonlyMap<TimeMs, number> {
  const sums = new Map<TimeMs, { sum: number; count: number }>()
  for (const { time, value } of readings) {
    if (isOutOfRange('sensor', metric, value)) continue
    const hour = hourOf(time)
    const { sum, count } = sums.get(hour) ?? { sum: 0, count: 0 }
    sums.set(hour, { sum: sum + value, count: count + 1 })
  }
  return new Map([...sums].map(([hour, { sum, count }]) => [hour, sum / count]))
}

const hourOf = (time: TimeMs): TimeMs => Math.floor(time / HOUR) * HOUR
