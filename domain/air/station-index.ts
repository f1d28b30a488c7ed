// Indices of a station now, from its hourly means: which averages go in, how many hours each needs, and what is said when they do
// not suffice (domain A1 to A4, A8). The index is that of the last full hour.

import type { AirIndex } from '../../contract/feed.ts'
import { HOUR, type TimeMs } from '../../contract/time.ts'
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
}

/** All three indices of a station. */
export function stationIndices(plan: StationPlan): Readonly<Record<AirIndex['index'], AirIndex>> {
  return { ispu: ispuOf(plan), 'us-aqi': usAqiOf(plan), eaqi: eaqiOf(plan) }
}

/** What stands in place of the indices until they are computed, which says nothing of what the station sends. */
export function notComputedYet(now: TimeMs): Readonly<Record<AirIndex['index'], AirIndex>> {
  const nothing = { value: null, category: null, dominant: null, completeness: 0, parts: [] }
  const of = (index: AirIndex['index']): AirIndex => ({
    ...nothing,
    index,
    time: windowEnd(now),
    reason: 'not_computed_yet',
  })
  return { ispu: of('ispu'), 'us-aqi': of('us-aqi'), eaqi: of('eaqi') }
}

/** Start of the hour that runs at `now`: trailing windows end there. */
const windowEnd = (now: TimeMs): TimeMs => Math.floor(now / HOUR) * HOUR

type Hours = readonly (number | null)[]

/** The latest full hour first; null where the hour is absent or has less than 75 % of the readings that should be in it. */
function lastHours({ hours, now, everyS }: StationPlan, metric: string, count: number): Hours {
  const end = windowEnd(now)
  const needed = NEEDED_SHARE * Math.max(1, HOUR / 1_000 / everyS)
  return Array.from({ length: count }, (_, back) => {
    const hour = hours.get(metric)?.get(end - (back + 1) * HOUR)
    return hour !== undefined && hour.count >= needed ? hour.mean : null
  })
}

/** What a part needs of its hours: `need` of the latest `among`. */
interface Needed {
  readonly have: number
  readonly need: number
  readonly completeness: number
}

function neededOf(hours: Hours, need: number, among: number = hours.length): Needed {
  const have = hours.slice(0, among).filter((hour) => hour !== null).length
  return { have, need, completeness: windowMean(hours).completeness }
}

function measured<Metric extends string>(plan: StationPlan, metrics: readonly Metric[]): Metric[] {
  return metrics.filter((metric) => plan.hours.has(metric))
}

interface StationPart<Pollutant extends string> {
  /** Name in the index's own table; several may stand for one metric. */
  readonly pollutant: Pollutant
  readonly metric: string
  readonly concentration: number | null
  readonly unit: string
  readonly averaging: string
  readonly value: number | null
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
  rule: IndexRule<Pollutant>,
  plan: StationPlan,
  parts: readonly StationPart<Pollutant>[],
): AirIndex {
  const worst = worstPart(parts, rule.order)
  const dominant = parts.find(({ pollutant }) => pollutant === worst?.pollutant)
  const shown = parts.map(({ pollutant: _, needed: __, ...part }) => part)
  const shared = { index: rule.index, time: windowEnd(plan.now), parts: shown }
  if (worst === null || dominant === undefined) {
    const nearest = parts
      .map(({ needed }) => needed)
      .reduce<Needed | null>((a, b) => (a !== null && a.have / a.need >= b.have / b.need ? a : b), null)
    const reason =
      nearest === null ? 'no_pollutant_measured' : `not_enough_hours:${nearest.have}/${nearest.need}`
    const completeness = nearest?.completeness ?? 0
    return { ...shared, completeness, value: null, category: null, dominant: null, reason }
  }
  const category = rule.categoryOf(worst.value)
  const { completeness } = dominant.needed
  return { ...shared, completeness, value: worst.value, category, dominant: dominant.metric }
}

function ispuOf(plan: StationPlan): AirIndex {
  const parts = measured(plan, ISPU_POLLUTANTS).map((metric): StationPart<IspuPollutant> => {
    const hours = lastHours(plan, metric, DAY_HOURS)
    const concentration = windowMean(hours).value
    return {
      ...ofMetric(metric, 'ug/m3', '24h'),
      concentration,
      value: ispu(metric, concentration),
      needed: neededOf(hours, NEEDED_SHARE * DAY_HOURS),
    }
  })
  return combine({ index: 'ispu', order: ISPU_POLLUTANTS, categoryOf: ispuCategory }, plan, parts)
}

function ofMetric<Metric extends string>(metric: Metric, unit: string, averaging: string) {
  return { pollutant: metric, metric, unit, averaging }
}

function usAqiOf(plan: StationPlan): AirIndex {
  const parts = [
    ...measured(plan, ['pm2_5', 'pm10'] as const).map((metric) => nowcastPart(plan, metric)),
    ...measured(plan, ['o3', 'no2', 'so2', 'co'] as const).flatMap((gas) => gasParts(plan, gas)),
  ]
  return combine({ index: 'us-aqi', order: US_AQI_POLLUTANTS, categoryOf: usAqiCategory }, plan, parts)
}

function nowcastPart(plan: StationPlan, metric: 'pm2_5' | 'pm10'): StationPart<UsAqiPollutant> {
  const hours = lastHours(plan, metric, NOWCAST_HOURS)
  const concentration = nowcastPm(metric, hours)
  return {
    ...ofMetric(metric, 'ug/m3', 'nowcast'),
    concentration,
    value: usAqi(metric, concentration),
    needed: neededOf(hours, 2, 3),
  }
}

/** The averages of a gas that count by A1: for O3 and SO2 a second one when the hour is high. */
function gasParts(plan: StationPlan, gas: Gas): StationPart<UsAqiPollutant>[] {
  const day = lastHours(plan, gas, DAY_HOURS).map((hour) => (hour === null ? null : ugM3ToPpb(gas, hour)))
  const part = (
    pollutant: UsAqiPollutant,
    averaging: string,
    unit: 'ppb' | 'ppm',
    ppb: number | null,
    needed: Needed,
  ): StationPart<UsAqiPollutant> => {
    const concentration = ppb === null || unit === 'ppb' ? ppb : ppb / 1_000
    return {
      ...ofMetric(gas, unit, averaging),
      pollutant,
      concentration,
      value: usAqi(pollutant, concentration),
      needed,
    }
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

function eaqiOf(plan: StationPlan): AirIndex {
  const parts = measured(plan, EAQI_POLLUTANTS).map((metric): StationPart<EaqiPollutant> => {
    const hours = lastHours(plan, metric, 1)
    const [concentration = null] = hours
    return {
      ...ofMetric(metric, 'ug/m3', '1h'),
      concentration,
      value: eaqi(metric, concentration),
      needed: neededOf(hours, 1),
    }
  })
  return combine({ index: 'eaqi', order: EAQI_POLLUTANTS, categoryOf: eaqiCategory }, plan, parts)
}
