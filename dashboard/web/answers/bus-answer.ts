// Arrivals in the page's own words, with the names of its routes.

import type { TimeMs } from '../../../contract/time.ts'
import { words } from '../text/texts.ts'
import { routes } from '../transit-plan.ts'
import { type Arrival, delayWords, waitWords } from './next-bus.ts'

/** `4 sampai 6 menit`, `segera tiba`, `tiap sekitar 12 menit`. */
export function waitText(arrival: Arrival, now: TimeMs): string {
  return waitWords(words(), arrival, now, 'minutes')
}

export function routeLabel(route: string): string {
  return routes.get(route)?.shortName ?? route
}

/** `Terlambat 3 menit`; null where there is no timetable to be late for. */
export function delayText(arrival: Pick<Arrival, 'delay_s'>): string | null {
  return delayWords(words(), arrival)
}
