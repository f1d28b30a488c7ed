// When does my bus come? (reference/ui 3): the next arrivals at the stop nearest to the place, in words, and by what they are
// known. An interval is never written as a clock time.

import type { ArrivalsAnswer, StopsAnswer } from '../../../contract/api.ts'
import { MINUTE, type TimeMs } from '../../../contract/time.ts'
import { haversineM } from '../../../domain/geo/geodesy.ts'
import { STALE_MS } from '../../../domain/transit/punctuality.ts'
import type { Position } from '../by-distance.ts'
import type { Words } from '../text/words.ts'

export type Arrival = ArrivalsAnswer['arrivals'][number]
export type Stop = StopsAnswer['stops'][number]

/** How a wait is written: minutes count down on a live page; what stands still names the clock. */
export type WaitForm = 'minutes' | 'clock'

/** Farther than a quarter of an hour's walk is not near. */
const NEAR_M = 1_200

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
  return { arrivals, isOld: now - Date.parse(answer.time) > STALE_MS }
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

/** Whole minutes between which it comes: outward, so that the range holds what it promises; null where no range is known. */
export function minutesRange(
  arrival: Pick<Arrival, 'low' | 'high'>,
  now: TimeMs,
): { readonly low: number; readonly high: number } | null {
  const { low, high } = arrival
  if (low === undefined || high === undefined) return null
  return {
    low: Math.max(0, Math.floor((Date.parse(low) - now) / MINUTE)),
    high: Math.max(0, Math.ceil((Date.parse(high) - now) / MINUTE)),
  }
}

/** What stands before the word minutes: `4`, `4 sampai 6`, `kurang dari 3`; null when it is coming at once. */
export function minutesWords(
  { t }: Words,
  arrival: Pick<Arrival, 'low' | 'high'>,
  minutes: number,
  now: TimeMs,
): string | number | null {
  const range = minutesRange(arrival, now)
  if (range === null) return minutes < 1 ? null : minutes
  const { low, high } = range
  if (high <= 1) return null
  if (low < 1) return t('bus.upTo', { high })
  return low === high ? low : t('bus.span', { low, high })
}

/** `8M arah Kota: 4 menit`, or `8M arah Kota: pukul 15.09 WIB`; `route` is the name of the route. */
export function arrivalWords(
  words: Words,
  arrival: Arrival,
  route: string,
  now: TimeMs,
  form: WaitForm,
): string {
  const { t } = words
  const fill = { route, headsign: arrival.headsign }
  const time = expectedAt(arrival)
  const minutes = minutesUntil(arrival, now)
  if (time === null || minutes === null) return t('bus.nextEvery', { ...fill, min: intervalMinutes(arrival) })
  if (form === 'clock') return t('bus.nextAt', { ...fill, time: clockSpan(words, arrival, time) })
  const min = minutesWords(words, arrival, minutes, now)
  return min === null ? t('bus.nextSoon', fill) : t('bus.next', { ...fill, min })
}

/** The wait alone, after a name: `4 menit`, `segera tiba`, `tiap sekitar 10 menit`. */
export function waitWords(words: Words, arrival: Arrival, now: TimeMs, form: WaitForm): string {
  const { t } = words
  const time = expectedAt(arrival)
  const minutes = minutesUntil(arrival, now)
  if (time === null || minutes === null) {
    return t('bus.headway', { min: intervalMinutes(arrival) }).toLowerCase()
  }
  if (form === 'clock') return t('at', { time: clockSpan(words, arrival, time) })
  const min = minutesWords(words, arrival, minutes, now)
  return min === null ? t('bus.soon').toLowerCase() : t('bus.min', { min })
}

/** `15.04–15.07 WIB`: between when and when, where that is known, so that a prediction does not read as a timetable. */
export function clockSpan(
  { fmt }: Words,
  { low, high }: Pick<Arrival, 'low' | 'high'>,
  time: TimeMs,
): string {
  if (low === undefined || high === undefined) return fmt.clock(time)
  const [from, to] = [Date.parse(low), Math.ceil(Date.parse(high) / MINUTE) * MINUTE]
  return fmt.clockShort(from) === fmt.clockShort(to)
    ? fmt.clock(to)
    : `${fmt.clockShort(from)}–${fmt.clock(to)}`
}

export function intervalMinutes(arrival: Arrival): number {
  return Math.max(1, Math.round((arrival.headway_s ?? 0) / 60))
}

/** `Terlambat 3 menit`; null where there is no timetable to be late for. */
export function delayWords({ t }: Words, arrival: Pick<Arrival, 'delay_s'>): string | null {
  if (arrival.delay_s === undefined) return null
  const minutes = Math.round(arrival.delay_s / 60)
  if (minutes === 0) return t('bus.ontime')
  return minutes > 0 ? t('bus.late', { min: minutes }) : t('bus.early', { min: -minutes })
}
