// The village's clock in a form: what `<input type="datetime-local">` holds, whatever the browser's own zone is; and periods of its days.

import { MINUTE, parseTime, type TimeMs } from '../../../contract/time.ts'
import { dayStart, localDay, nextDate, offsetMinutes } from '../../../domain/time-zone.ts'

/** `2026-11-24T15:30`, cut to the minute. */
export function localInput(time: TimeMs, zone: string): string {
  return new Date(time + offsetMinutes(time, zone) * MINUTE).toISOString().slice(0, 16)
}

/** The time of such a text; null for what is none. Of an hour that clocks show twice the second one. */
export function timeOfInput(text: string, zone: string): TimeMs | null {
  const asUtc = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text) ? Date.parse(`${text}Z`) : Number.NaN
  if (Number.isNaN(asUtc)) return null
  const guess = asUtc - offsetMinutes(asUtc, zone) * MINUTE
  return asUtc - offsetMinutes(guess, zone) * MINUTE
}

/** [begin, end) of the local month `2026-11`. */
export function monthPeriod(month: string, zone: string): readonly [TimeMs, TimeMs] {
  const [year = 0, number = 0] = month.split('-').map(Number)
  const next = number === 12 ? `${year + 1}-01` : `${year}-${String(number + 1).padStart(2, '0')}`
  return [dayStart(`${month}-01`, zone), dayStart(`${next}-01`, zone)]
}

/** The local month of `now` and those before it, newest first: `2026-11`. */
export function monthsUntil(now: TimeMs, zone: string, count: number): readonly string[] {
  const months: string[] = []
  let [year = 0, number = 0] = localDay(now, zone).split('-').map(Number)
  for (let made = 0; made < count; made += 1) {
    months.push(`${year}-${String(number).padStart(2, '0')}`)
    number = number === 1 ? 12 : number - 1
    if (number === 12) year -= 1
  }
  return months
}

/** [begin, end) of two times as a link holds them: local days, the last one whole, or RFC 3339; null for what is none, or backwards. */
export function linkedPeriod(from: string, to: string, zone: string): readonly [TimeMs, TimeMs] | null {
  const begin = linkedTime(from, zone)
  const end = isDate(to) ? dayStart(nextDate(to), zone) : linkedTime(to, zone)
  return begin === null || end === null || begin >= end ? null : [begin, end]
}

/** A day that exists: `Date` takes the 30th of February for one of March. */
function isDate(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && parseTime(`${text}T00:00:00Z`).ok
}

function linkedTime(text: string, zone: string): TimeMs | null {
  if (isDate(text)) return dayStart(text, zone)
  const parsed = parseTime(text)
  return parsed.ok ? parsed.time : null
}
