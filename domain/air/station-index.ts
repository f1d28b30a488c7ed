// Indices of a station now, from its hourly means: which averages go in, how many hours each needs, and what is said when they do
// not suffice (domain A1 to A4, A8). The index is that of the last full hour.

import type { AirIndex } from '../../contract/feed.ts'
import { HOUR, type TimeMs } from '../../contract/time.ts'
import { hourStart } from '../time-zone.ts'
import { EAQI_POLLUTANTS, type EaqiPollutant, eaqi, eaqiCategory } from './eaqi.ts'
import { ISPU_POLLUTANTS, type IspuPollutant, ispu, ispuCategory } from './ispu.ts'
import { NEEDED_SHARE, windowMean } from './means.ts'
import { nowcastO3Surrogate, nowcastPm } from './nowcast.ts'
import { type Gas, ugM3ToPpb } from './units.ts'
import {
  O3_1H_LEAST_PPM,
  SO2_1H_MOST_PPB,
  US_AQI_POLLUTANTS,
  type UsAqiPollutant,
  usAqi,
  usAqiCategory,
} from './us-aqi.ts'
import { worstPart } from './worst-part.ts'

export interface HourlyMean {
  readonly mean: number
  /** Readings in the hour. */
  readonly count: number
}

/** Hourly means in ug/m3 by metric, then by the hour's start; a metric without any is one that the station measures all the same. */
export type StationHours = ReadonlyMap<string, ReadonlyMap<TimeMs, HourlyMean>>

const DAY_HOURS = 24
const EIGHT_HOURS = 8
const NOWCAST_HOURS = 12
/** The O3 surrogate takes the latest of these. */
const SURROGATE_HOURS = 3

export interface StationPlan {
  readonly hours: StationHours
  readonly now: TimeMs
  /** How often the station reports, s. */
  readonly everyS: number
  /** How far the village's hours begin before those of UTC, ms (`hourShiftMs`); 0 when absent. */
  readonly shiftMs?: number
}

/** All three indices of a station. */
export function stationIndices(plan: StationPlan): Readonly<Record<AirIndex['index'], AirIndex>> {
  const station = new Station(plan)
  return { ispu: ispuOf(station), 'us-aqi': usAqiOf(station), eaqi: eaqiOf(station) }
}

/** What stands in place of the indices until they are computed, which says nothing of what the station sends. */
export function notComputedYet(now: TimeMs): Readonly<Record<AirIndex['index'], AirIndex>> {
  const nothing = { value: null, category: null, dominant: null, completeness: 0, parts: [] }
  const of = (index: AirIndex['index']): AirIndex => ({
    ...nothing,
    index,
    time: hourStart(now, 0),
    reason: 'not_computed_yet',
  })
  return { ispu: of('ispu'), 'us-aqi': of('us-aqi'), eaqi: of('eaqi') }
}

type Hours = readonly (number | null)[]

/** What all indices of one moment look at: the hours of the day before it, read once. */
class Station {
  /** Start of the hour that runs: trailing windows end there. */
  readonly end: TimeMs
  readonly #hours: StationHours
  readonly #neededCount: number
  readonly #days = new Map<string, Hours>()

  constructor({ hours, now, everyS, shiftMs = 0 }: StationPlan) {
    this.end = hourStart(now, shiftMs)
    this.#hours = hours
    this.#neededCount = NEEDED_SHARE * Math.max(1, HOUR / 1_000 / everyS)
  }

  measured<Metric extends string>(metrics: readonly Metric[]): Metric[] {
    return metrics.filter((metric) => this.#hours.has(metric))
  }

  /** The latest full hour first; null where the hour is absent or has less than 75 % of the readings that should be in it. */
  day(metric: string): Hours {
    const known = this.#days.get(metric)
    if (known !== undefined) return known
    const means = this.#hours.get(metric)
    const day: (number | null)[] = []
    for (let back = 1; back <= DAY_HOURS; back += 1) {
      const hour = means?.get(this.end - back * HOUR)
      day.push(hour !== undefined && hour.count >= this.#neededCount ? hour.mean : null)
    }
    this.#days.set(metric, day)
    return day
  }
}

/** What a part needs of its hours: `need` of the latest `among`. */
interface Needed {
  readonly have: number
  readonly need: number
  readonly completeness: number
}

function neededOf(hours: Hours, need: number, among: number = hours.length): Needed {
  let [have, present] = [0, 0]
  for (let back = 0; back < hours.length; back += 1) {
    if (hours[back] === null) continue
    present += 1
    if (back < among) have += 1
  }
  return { have, need, completeness: hours.length === 0 ? 0 : present / hours.length }
}

interface StationPart<Pollutant extends string> {
  /** Name in the index's own table; several may stand for one metric. */
  readonly pollutant: Pollutant
  readonly value: number | null
  readonly shown: AirIndex['parts'][number]
  readonly needed: Needed
}

interface IndexRule<Pollutant extends string> {
  readonly index: AirIndex['index']
  /** In which a tie is decided. */
  readonly order: readonly Pollutant[]
  readonly categoryOf: (value: number) => string
}

/** Completeness of the index is that of the part that gave it, or, where none has a value, of the one that lacks least. */
function combine<Pollutant extends string>(
  { index, order, categoryOf }: IndexRule<Pollutant>,
  time: TimeMs,
  parts: readonly StationPart<Pollutant>[],
): AirIndex {
  const worst = worstPart(parts, order)
  const dominant = parts.find(({ pollutant }) => pollutant === worst?.pollutant)
  const shown = parts.map((part) => part.shown)
  if (worst !== null && dominant !== undefined) {
    return {
      index,
      time,
      parts: shown,
      completeness: dominant.needed.completeness,
      value: worst.value,
      category: categoryOf(worst.value),
      dominant: dominant.shown.metric,
    }
  }
  const nearest = parts
    .map(({ needed }) => needed)
    .reduce<Needed | null>((a, b) => (a !== null && a.have / a.need >= b.have / b.need ? a : b), null)
  return {
    index,
    time,
    parts: shown,
    completeness: nearest?.completeness ?? 0,
    value: null,
    category: null,
    dominant: null,
    reason: nearest === null ? 'no_pollutant_measured' : `not_enough_hours:${nearest.have}/${nearest.need}`,
  }
}

const ISPU_RULE = { index: 'ispu', order: ISPU_POLLUTANTS, categoryOf: ispuCategory } as const

function ispuOf(station: Station): AirIndex {
  const parts = station.measured(ISPU_POLLUTANTS).map((metric): StationPart<IspuPollutant> => {
    const hours = station.day(metric)
    const concentration = windowMean(hours).value
    const value = ispu(metric, concentration)
    const shown = { metric, concentration, unit: 'ug/m3', averaging: '24h', value }
    return { pollutant: metric, value, shown, needed: neededOf(hours, NEEDED_SHARE * DAY_HOURS) }
  })
  return combine(ISPU_RULE, station.end, parts)
}

const US_AQI_RULE = { index: 'us-aqi', order: US_AQI_POLLUTANTS, categoryOf: usAqiCategory } as const

function usAqiOf(station: Station): AirIndex {
  const parts = [
    ...station.measured(['pm2_5', 'pm10'] as const).map((metric) => nowcastPart(station, metric)),
    ...station.measured(['o3', 'no2', 'so2', 'co'] as const).flatMap((gas) => gasParts(station, gas)),
  ]
  return combine(US_AQI_RULE, station.end, parts)
}

function nowcastPart(station: Station, metric: 'pm2_5' | 'pm10'): StationPart<UsAqiPollutant> {
  const hours = station.day(metric).slice(0, NOWCAST_HOURS)
  const concentration = nowcastPm(metric, hours)
  const value = usAqi(metric, concentration)
  const shown = { metric, concentration, unit: 'ug/m3', averaging: 'nowcast', value }
  return { pollutant: metric, value, shown, needed: neededOf(hours, 2, 3) }
}

/** The averages of a gas that count by A1: for O3 and SO2 a second one when the hour is high. */
function gasParts(station: Station, gas: Gas): StationPart<UsAqiPollutant>[] {
  const day = station.day(gas).map((hour) => (hour === null ? null : ugM3ToPpb(gas, hour)))
  const part = (
    pollutant: UsAqiPollutant,
    averaging: string,
    unit: 'ppb' | 'ppm',
    ppb: number | null,
    needed: Needed,
  ): StationPart<UsAqiPollutant> => {
    const concentration = ppb === null || unit === 'ppb' ? ppb : ppb / 1_000
    const value = usAqi(pollutant, concentration)
    return { pollutant, value, shown: { metric: gas, concentration, unit, averaging, value }, needed }
  }
  const [hour = null] = day
  const latest = neededOf(day.slice(0, 1), 1)
  const eight = day.slice(0, EIGHT_HOURS)
  if (gas === 'co')
    return [part('co_8h', '8h', 'ppm', windowMean(eight).value, neededOf(eight, NEEDED_SHARE * EIGHT_HOURS))]
  if (gas === 'no2') return [part('no2_1h', '1h', 'ppb', hour, latest)]
  if (gas === 'so2') {
    const hourly = part('so2_1h', '1h', 'ppb', hour, latest)
    if (hour === null || hour < SO2_1H_MOST_PPB) return [hourly]
    const needed = neededOf(day, NEEDED_SHARE * DAY_HOURS)
    return [hourly, part('so2_24h', '24h', 'ppb', windowMean(day).value, needed)]
  }
  const three = day.slice(0, SURROGATE_HOURS)
  const surrogate = part('o3_8h', 'nowcast-surrogate', 'ppm', nowcastO3Surrogate(three), neededOf(three, 1))
  if (hour === null || hour / 1_000 < O3_1H_LEAST_PPM) return [surrogate]
  return [surrogate, part('o3_1h', '1h', 'ppm', hour, latest)]
}

const EAQI_RULE = { index: 'eaqi', order: EAQI_POLLUTANTS, categoryOf: eaqiCategory } as const

function eaqiOf(station: Station): AirIndex {
  const parts = station.measured(EAQI_POLLUTANTS).map((metric): StationPart<EaqiPollutant> => {
    const hours = station.day(metric).slice(0, 1)
    const [concentration = null] = hours
    const value = eaqi(metric, concentration)
    const shown = { metric, concentration, unit: 'ug/m3', averaging: '1h', value }
    return { pollutant: metric, value, shown, needed: neededOf(hours, 1) }
  })
  return combine(EAQI_RULE, station.end, parts)
}
