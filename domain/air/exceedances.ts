// Hours and days over a limit, from the hourly means of a station (domain A8 to A10): each mean that ends in a period and suffices is
// compared, so that what was over is told apart from what is not known.

import { HOUR, type TimeMs } from '../../contract/time.ts'
import { dayStart, localDay, nextDate } from '../time-zone.ts'
import { ISPU_POLLUTANTS, type IspuPollutant, ispu, ispuCategory } from './ispu.ts'
import { type AirStandard, exceeds, LIMITED_POLLUTANTS, limitUgM3 } from './limits.ts'
import { dailyMax8h, NEEDED_SHARE, windowMean } from './means.ts'
import type { StationHours } from './station-index.ts'

/** A limit's standard, or the categories of the ISPU, of which "Tidak Sehat" and worse count as over. */
export const EXCEEDANCE_STANDARDS = ['pp22', 'who', 'ispu'] as const
export type ExceedanceStandard = (typeof EXCEEDANCE_STANDARDS)[number]

/** The highest ISPU that is not over: the end of "Sedang". */
export const ISPU_LIMIT = 100

export type ExceedanceAveraging = '1h' | '8h' | '24h'

export interface Exceedance {
  readonly metric: string
  readonly averaging: ExceedanceAveraging
  /** Of the mean. Of 8 h: the local day whose highest 8 h mean it is. */
  readonly from: TimeMs
  readonly to: TimeMs
  /** ug/m3; with `ispu` the index. */
  readonly value: number
  readonly limit: number
  /** Share of the hours (of an hour: of its readings) that were there. */
  readonly completeness: number
  /** With `ispu`. */
  readonly category?: string
}

/** What was looked at for one limit. */
export interface ExceedanceTally {
  readonly metric: string
  readonly averaging: ExceedanceAveraging
  readonly limit: number
  /** Means that end in the period. */
  readonly windows: number
  /** Those with enough data. */
  readonly valid: number
  readonly over: number
}

export interface ExceedancePlan {
  readonly standard: ExceedanceStandard
  /** From a day and eight hours before `from` on. */
  readonly hours: StationHours
  readonly everyS: number
  /** Means count that end after `from`, and at `to` at the latest. */
  readonly from: TimeMs
  readonly to: TimeMs
  readonly zone: string
}

export interface Exceedances {
  /** Oldest first. */
  readonly exceedances: readonly Exceedance[]
  readonly tallies: readonly ExceedanceTally[]
}

/** How far before a period hours are looked at: the day that ends in it, and 8 h means that end in that day. */
export const EXCEEDANCE_LOOK_BACK_MS = 24 * HOUR + 8 * HOUR

export function exceedancesOf(plan: ExceedancePlan): Exceedances {
  const exceedances: Exceedance[] = []
  const tallies: ExceedanceTally[] = []
  for (const [metric, means] of plan.hours) {
    if (means.size === 0) continue
    for (const rule of rulesOf(plan.standard, metric)) {
      const windows = rule.averaging === '1h' ? hourly(plan, metric) : daily(plan, metric, rule)
      const valid = windows.flatMap(({ value, ...window }) => (value === null ? [] : [{ ...window, value }]))
      const over = valid.filter(({ value }) => exceeds(rule.limit, value) === true)
      tallies.push({
        metric,
        averaging: rule.averaging,
        limit: rule.limit,
        windows: windows.length,
        valid: valid.length,
        over: over.length,
      })
      for (const window of over) {
        const category = plan.standard === 'ispu' ? { category: ispuCategory(window.value) } : {}
        exceedances.push({ metric, averaging: rule.averaging, limit: rule.limit, ...window, ...category })
      }
    }
  }
  return { exceedances: exceedances.sort((a, b) => a.to - b.to || a.metric.localeCompare(b.metric)), tallies }
}

interface Rule {
  readonly averaging: ExceedanceAveraging
  readonly limit: number
}

function rulesOf(standard: ExceedanceStandard, metric: string): readonly Rule[] {
  if (standard === 'ispu') {
    return ISPU_POLLUTANTS.some((one) => one === metric) ? [{ averaging: '24h', limit: ISPU_LIMIT }] : []
  }
  return (['1h', '8h', '24h'] as const).flatMap((averaging) => {
    const limit = limitOf(standard, metric, averaging)
    return limit === null ? [] : [{ averaging, limit }]
  })
}

/** ug/m3; null where the standard has none. What sensors call `hc` are not the non-methane ones of PP 22. */
function limitOf(standard: AirStandard, metric: string, averaging: ExceedanceAveraging): number | null {
  const pollutant = LIMITED_POLLUTANTS.find((one) => one === metric)
  return pollutant === undefined ? null : limitUgM3(standard, pollutant, averaging)
}

interface Window {
  readonly from: TimeMs
  readonly to: TimeMs
  readonly value: number | null
  readonly completeness: number
}

function hourly(plan: ExceedancePlan, metric: string): Window[] {
  const windows: Window[] = []
  const shift = dayStart(localDay(plan.to, plan.zone), plan.zone) % HOUR
  const last = Math.floor((plan.to - shift) / HOUR) * HOUR + shift
  for (let to = last; to > plan.from; to -= HOUR) {
    const { mean, completeness } = hourOf(plan, metric, to - HOUR)
    windows.push({ from: to - HOUR, to, value: mean, completeness })
  }
  return windows.reverse()
}

/** Windows of the local days that end in the period. */
function daily(plan: ExceedancePlan, metric: string, { averaging }: Rule): Window[] {
  const windows: Window[] = []
  for (let date = localDay(plan.from, plan.zone); ; date = nextDate(date)) {
    const from = dayStart(date, plan.zone)
    const to = dayStart(nextDate(date), plan.zone)
    if (to > plan.to) return windows
    if (to <= plan.from) continue
    const before = averaging === '8h' ? 7 : 0
    const hours: (number | null)[] = []
    for (let hour = from - before * HOUR; hour < to; hour += HOUR) hours.push(hourOf(plan, metric, hour).mean)
    const mean = windowMean(hours.slice(before))
    const value = averaging === '8h' ? dailyMax8h(hours) : mean.value
    const shown = plan.standard === 'ispu' ? ispu(metric as IspuPollutant, value) : value
    windows.push({ from, to, value: shown, completeness: mean.completeness })
  }
}

/** Mean of an hour, null with less than 75 % of its readings, and the share of them that is there. */
function hourOf({ hours, everyS }: ExceedancePlan, metric: string, start: TimeMs) {
  const hour = hours.get(metric)?.get(start)
  const expected = Math.max(1, HOUR / 1_000 / everyS)
  const completeness = Math.min(1, (hour?.count ?? 0) / expected)
  return { mean: hour !== undefined && completeness >= NEEDED_SHARE ? hour.mean : null, completeness }
}
