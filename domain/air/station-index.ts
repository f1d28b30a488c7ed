// Indices of a station now, from its hourly means: which averages go in, how many hours each needs, and what is said when they do
// not suffice (domain A1 to A4, A8). The index is that of the last full hour.

import type { AirIndex } from '../../contract/feed.ts'
import { HOUR, type TimeMs } from '../../contract/time.ts'
import { EAQI_POLLUTANTS, eaqi, eaqiCategory } from './eaqi.ts'
import { ISPU_POLLUTANTS, ispu, ispuCategory } from './ispu.ts'
import { nowcastO3Surrogate, nowcastPm } from './nowcast.ts'
import { type Gas, ugM3ToPpb } from './units.ts'
import { type UsAqiPollutant, usAqi, usAqiCategory } from './us-aqi.ts'

export interface HourlyMean {
  readonly mean: number
  /** Readings in the hour. */
  readonly count: number
}

/** Hourly means in ug/m3 by metric, then by the hour's start. */
export type StationHours = ReadonlyMap<string, ReadonlyMap<TimeMs, HourlyMean>>

/** An hour is valid with this share of the readings that the station should make in it (A8). */
const VALID_SHARE = 0.75
const DAY_HOURS = 24
const DAY_NEEDED = 18
const EIGHT_NEEDED = 6

type Part = AirIndex['parts'][number]

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

/** Start of the hour that runs at `now`: trailing windows end there. */
const windowEnd = (now: TimeMs): TimeMs => Math.floor(now / HOUR) * HOUR

/** The latest full hour first; null where the hour is absent or not valid. */
function lastHours({ hours, now, everyS }: StationPlan, metric: string, count: number): (number | null)[] {
  const end = windowEnd(now)
  const needed = VALID_SHARE * Math.max(1, 3_600 / everyS)
  return Array.from({ length: count }, (_, back) => {
    const hour = hours.get(metric)?.get(end - (back + 1) * HOUR)
    return hour !== undefined && hour.count >= needed ? hour.mean : null
  })
}

/** Mean of the present hours when at least `needed` are there. */
function windowMean(hours: readonly (number | null)[], needed: number): number | null {
  const present = hours.filter((hour) => hour !== null)
  return present.length < needed ? null : present.reduce((sum, hour) => sum + hour, 0) / present.length
}

function share(hours: readonly (number | null)[], of: number): number {
  return hours.filter((hour) => hour !== null).length / of
}

function measured(plan: StationPlan, metrics: readonly string[]): string[] {
  return metrics.filter((metric) => (plan.hours.get(metric)?.size ?? 0) > 0)
}

function combine(
  index: AirIndex['index'],
  plan: StationPlan,
  parts: readonly Part[],
  completeness: number,
  categoryOf: (value: number) => string,
  need: string,
): AirIndex {
  let worst: Part | null = null
  for (const part of parts) {
    if (
      part.value !== null &&
      (worst?.value === undefined || worst.value === null || part.value > worst.value)
    )
      worst = part
  }
  const shared = { index, time: windowEnd(plan.now), completeness, parts }
  if (worst?.value === undefined || worst.value === null) {
    const reason = parts.length === 0 ? 'no_pollutant_measured' : `not_enough_hours:${need}`
    return { ...shared, value: null, category: null, dominant: null, reason }
  }
  return { ...shared, value: worst.value, category: categoryOf(worst.value), dominant: worst.metric }
}

function ispuOf(plan: StationPlan): AirIndex {
  const windows = measured(plan, ISPU_POLLUTANTS).map((metric) => ({
    metric: metric as (typeof ISPU_POLLUTANTS)[number],
    hours: lastHours(plan, metric, DAY_HOURS),
  }))
  const parts = windows.map(({ metric, hours }): Part => {
    const concentration = windowMean(hours, DAY_NEEDED)
    return { metric, concentration, unit: 'ug/m3', averaging: '24h', value: ispu(metric, concentration) }
  })
  const most = Math.max(0, ...windows.map(({ hours }) => share(hours, DAY_HOURS)))
  const have = Math.round(most * DAY_HOURS)
  return combine('ispu', plan, parts, most, ispuCategory, `${have}/${DAY_NEEDED}`)
}

function usAqiOf(plan: StationPlan): AirIndex {
  const parts: Part[] = []
  const shares: number[] = []
  const add = (
    metric: string,
    table: UsAqiPollutant,
    averaging: string,
    unit: string,
    concentration: number | null,
    completeness: number,
  ): void => {
    shares.push(completeness)
    parts.push({ metric, concentration, unit, averaging, value: usAqi(table, concentration) })
  }
  const toPpb = (gas: Gas, value: number | null): number | null =>
    value === null ? null : ugM3ToPpb(gas, value)
  for (const metric of measured(plan, ['pm2_5', 'pm10']) as ('pm2_5' | 'pm10')[]) {
    const hours = lastHours(plan, metric, 12)
    add(metric, metric, 'nowcast', 'ug/m3', nowcastPm(metric, hours), share(hours, 12))
  }
  for (const gas of measured(plan, ['o3', 'no2', 'so2', 'co']) as Gas[]) {
    const hours = lastHours(plan, gas, 8).map((hour) => toPpb(gas, hour))
    if (gas === 'o3') {
      const ppb = nowcastO3Surrogate(hours)
      add(
        'o3',
        'o3_8h',
        'nowcast-surrogate',
        'ppm',
        ppb === null ? null : ppb / 1_000,
        share(hours.slice(0, 3), 3),
      )
    } else if (gas === 'co') {
      const ppb = windowMean(hours, EIGHT_NEEDED)
      add('co', 'co_8h', '8h', 'ppm', ppb === null ? null : ppb / 1_000, share(hours, 8))
    } else
      add(
        gas,
        gas === 'no2' ? 'no2_1h' : 'so2_1h',
        '1h',
        'ppb',
        hours[0] ?? null,
        share(hours.slice(0, 1), 1),
      )
  }
  return combine('us-aqi', plan, parts, Math.max(0, ...shares), usAqiCategory, '2/3')
}

function eaqiOf(plan: StationPlan): AirIndex {
  const parts = measured(plan, EAQI_POLLUTANTS).map((metric): Part => {
    const [hour = null] = lastHours(plan, metric, 1)
    const value = eaqi(metric as (typeof EAQI_POLLUTANTS)[number], hour)
    return { metric, concentration: hour, unit: 'ug/m3', averaging: '1h', value }
  })
  const present = parts.filter((part) => part.value !== null).length
  const completeness = parts.length === 0 ? 0 : present / parts.length
  return combine('eaqi', plan, parts, completeness, eaqiCategory, '1/1')
}
