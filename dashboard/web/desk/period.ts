// Which time a report is of: the last days, a month, or from one day to another.

import { DAY, formatTime, SECOND, type TimeMs } from '../../../contract/time.ts'
import { localDay } from '../../../domain/time-zone.ts'
import { fmt } from '../format.ts'
import { linkedPeriod, monthPeriod, monthsUntil } from './local-time.ts'
import type { Settings } from './panel.ts'

/** `7d`; `2026-11`; `2026-11-03/2026-11-20`, whose ends are local days or RFC 3339. */
export type PeriodChoice = string

const MONTHS_SHOWN = 12
/** The server computes at most a quarter of a year. */
const LONGEST_MS = 92 * DAY

/** [begin, end) of the choice, cut at `now`; what cannot be read is the last week. */
export function periodOf(choice: PeriodChoice, now: TimeMs, zone: string): readonly [TimeMs, TimeMs] {
  const at = Math.floor(now / SECOND) * SECOND
  if (/^\d{4}-\d\d$/.test(choice)) {
    const [from, to] = monthPeriod(choice, zone)
    return [from, Math.min(to, at)]
  }
  const days = Number(/^(\d{1,2})d$/.exec(choice)?.[1] ?? 7)
  const [begin = '', end = ''] = choice.split('/')
  const own = linkedPeriod(begin, end, zone)
  if (own === null) return [at - days * DAY, at]
  const to = Math.min(own[1], at)
  return [Math.max(Math.min(own[0], to - SECOND), to - LONGEST_MS), to]
}

/** The months to choose from, newest first, each with its name. */
export function monthOptions(now: TimeMs, zone: string): readonly (readonly [PeriodChoice, string])[] {
  return monthsUntil(now, zone, MONTHS_SHOWN).map((month) => [month, monthName(month, zone)])
}

/** `November 2026`. */
export function monthName(month: string, zone: string): string {
  const [begin] = monthPeriod(month, zone)
  const locale = fmt().language === 'id' ? 'id-ID' : 'en-GB'
  return new Intl.DateTimeFormat(locale, { timeZone: zone, month: 'long', year: 'numeric' }).format(begin)
}

/** The local month of a time. */
export function monthOf(time: TimeMs, zone: string): PeriodChoice {
  return localDay(time, zone).slice(0, 7)
}

/** How an address says it (reference/ui 2.12): `from=-7d`, or from and to. */
export function periodSettings(choice: PeriodChoice): Settings {
  if (/^\d{1,2}d$/.test(choice)) return { from: `-${choice}` }
  if (/^\d{4}-\d\d$/.test(choice)) return { from: choice, to: choice }
  const [from = '', to = ''] = choice.split('/')
  return { from, to }
}

/** The choice that an address says; null when it says none. */
export function followPeriod({ from, to }: Settings, zone: string): PeriodChoice | null {
  const days = /^-(\d{1,2}d)$/.exec(from ?? '')?.[1]
  if (days !== undefined) return days
  if (from === undefined || to === undefined) return null
  if (from === to && /^\d{4}-(0[1-9]|1[0-2])$/.test(from)) return from
  return linkedPeriod(from, to, zone) === null ? null : `${from}/${to}`
}

/** The choice of just this time, whenever it is looked at. */
export function exactChoice(from: string, to: string): PeriodChoice {
  const short = (text: string): string => formatTime(Date.parse(text)).replace(/\.000Z$/, 'Z')
  return `${short(from)}/${short(to)}`
}
