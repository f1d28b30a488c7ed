// When does my bus come? (reference/ui 3): the next arrivals at the stop nearest to the place, in words, and by what they are
// known. An interval is never written as a clock time.

import type { ArrivalsAnswer, StopsAnswer } from '../../../contract/api.ts'
import { MINUTE, SECOND, type TimeMs } from '../../../contract/time.ts'
import { haversineM } from '../../../domain/geo/geodesy.ts'
import type { Position } from '../by-distance.ts'
import type { Words } from '../text/words.ts'

export type Arrival = ArrivalsAnswer['arrivals'][number]
export type Stop = StopsAnswer['stops'][number]

/** How a wait is written: minutes count down on a live page; what stands still names the clock. */
export type WaitForm = 'minutes' | 'clock'

/** Farther than a quarter of an hour's walk is not near. */
const NEAR_M = 1_200
/** A live prediction that is older than this is no longer one (domain C7). */
const OLDEST_LIVE_MS = 90 * SECOND

export const BASIS_ICONS = { live: 'live', schedule: 'clock', headway: 'repeat' } as const
export const BASIS_TEXTS = { live: 'bus.live', schedule: 'bus.schedule', headway: 'bus.headwayWord' } as const

export interface NearStop {
  readonly stop: Stop
  readonly distanceM: number
}

export function nearestStop(stops: Iterable<Stop>, place: Position): NearStop | null {
  let best: NearStop | null = null
  for (const stop of stops) {
    const distanceM = haversineM(stop.position, place)
    if (distanceM <= NEAR_M && (best === null || distanceM < best.distanceM)) best = { stop, distanceM }
  }
  return best
}

/** What is still to come of an answer, and whether its live predictions may still be called so. */
export function stillToCome(
  answer: ArrivalsAnswer,
  now: TimeMs,
): { readonly arrivals: readonly Arrival[]; readonly isOld: boolean } {
  const arrivals = answer.arrivals.filter((arrival) => {
    const time = expectedAt(arrival)
    return time === null || time >= now - MINUTE
  })
  return { arrivals, isOld: now - Date.parse(answer.time) > OLDEST_LIVE_MS }
}

/** The time at which it is expected; null where only an interval is known. */
export function expectedAt(arrival: Arrival): TimeMs | null {
  const time = arrival.predicted ?? arrival.scheduled
  return arrival.basis === 'headway' || time === undefined ? null : Date.parse(time)
}

/** Whole minutes until it comes, rounded down; null where only an interval is known. */
export function minutesUntil(arrival: Arrival, now: TimeMs): number | null {
  const time = expectedAt(arrival)
  return time === null ? null : Math.max(0, Math.floor((time - now) / MINUTE))
}

/** `8M arah Kota: 4 menit`, or `8M arah Kota: pukul 15.09 WIB`; `route` is the name of the route. */
export function arrivalWords(
  { t, fmt }: Words,
  arrival: Arrival,
  route: string,
  now: TimeMs,
  form: WaitForm,
): string {
  const fill = { route, headsign: arrival.headsign }
  const time = expectedAt(arrival)
  const minutes = minutesUntil(arrival, now)
  if (time === null || minutes === null) return t('bus.nextEvery', { ...fill, min: intervalMinutes(arrival) })
  if (form === 'clock') return t('bus.nextAt', { ...fill, time: fmt.clock(time) })
  return minutes < 1 ? t('bus.nextSoon', fill) : t('bus.next', { ...fill, min: minutes })
}

/** The wait alone, after a name: `4 menit`, `segera tiba`, `tiap sekitar 10 menit`. */
export function waitWords({ t, fmt }: Words, arrival: Arrival, now: TimeMs, form: WaitForm): string {
  const time = expectedAt(arrival)
  const minutes = minutesUntil(arrival, now)
  if (time === null || minutes === null) {
    return t('bus.headway', { min: intervalMinutes(arrival) }).toLowerCase()
  }
  if (form === 'clock') return t('at', { time: fmt.clock(time) })
  return minutes < 1 ? t('bus.soon').toLowerCase() : t('bus.min', { min: minutes })
}

function intervalMinutes(arrival: Arrival): number {
  return Math.max(1, Math.round((arrival.headway_s ?? 0) / 60))
}

/** `Terlambat 3 menit`; null where there is no timetable to be late for. */
export function delayWords({ t }: Words, arrival: Arrival): string | null {
  if (arrival.delay_s === undefined) return null
  const minutes = Math.round(arrival.delay_s / 60)
  if (minutes === 0) return t('bus.ontime')
  return minutes > 0 ? t('bus.late', { min: minutes }) : t('bus.early', { min: -minutes })
}
