// When does my bus come? (reference/ui 3): the next arrival at the stop nearest to the place, and by what it is known. An
// interval is never written as a clock time.

import type { ArrivalsAnswer } from '../../../contract/api.ts'
import { MINUTE, type TimeMs } from '../../../contract/time.ts'
import { haversineM } from '../../../domain/geo/geodesy.ts'
import { t } from '../text/texts.ts'
import { routes, type Stop } from '../transit-plan.ts'

export type Arrival = ArrivalsAnswer['arrivals'][number]

/** Farther than a quarter of an hour's walk is not near. */
const NEAR_M = 1_200

export interface NearStop {
  readonly stop: Stop
  readonly distanceM: number
}

export function nearestStop(
  stops: Iterable<Stop>,
  place: { readonly lat: number; readonly lon: number },
): NearStop | null {
  let best: NearStop | null = null
  for (const stop of stops) {
    const distanceM = haversineM(stop.position, place)
    if (distanceM <= NEAR_M && (best === null || distanceM < best.distanceM)) best = { stop, distanceM }
  }
  return best
}

/** Whole minutes until it comes, rounded down; null where only an interval is known. */
export function minutesUntil(arrival: Arrival, now: TimeMs): number | null {
  const time = arrival.predicted ?? arrival.scheduled
  if (arrival.basis === 'headway' || time === undefined) return null
  return Math.max(0, Math.floor((Date.parse(time) - now) / MINUTE))
}

/** `8M arah Kota: 4 menit`. */
export function arrivalSentence(arrival: Arrival, now: TimeMs): string {
  const minutes = minutesUntil(arrival, now)
  const fill = { route: routeLabel(arrival.route), headsign: arrival.headsign }
  if (minutes === null) return t('bus.nextEvery', { ...fill, min: intervalMinutes(arrival) })
  return minutes < 1 ? t('bus.nextSoon', fill) : t('bus.next', { ...fill, min: minutes })
}

/** The wait alone: `4 menit`, `Segera tiba`, `Tiap sekitar 10 menit`. */
export function waitText(arrival: Arrival, now: TimeMs): string {
  const minutes = minutesUntil(arrival, now)
  if (minutes === null) return t('bus.headway', { min: intervalMinutes(arrival) })
  return minutes < 1 ? t('bus.soon') : t('bus.min', { min: minutes })
}

export function routeLabel(route: string): string {
  return routes.get(route)?.shortName ?? route
}

function intervalMinutes(arrival: Arrival): number {
  return Math.max(1, Math.round((arrival.headway_s ?? 0) / 60))
}

/** `Terlambat 3 menit`; null where there is no timetable to be late for. */
export function delayText(arrival: Arrival): string | null {
  if (arrival.delay_s === undefined) return null
  const minutes = Math.round(arrival.delay_s / 60)
  if (minutes === 0) return t('bus.ontime')
  return minutes > 0 ? t('bus.late', { min: minutes }) : t('bus.early', { min: -minutes })
}
