// The service day of GTFS: times count from noon minus twelve hours of the day in the agency's zone, and go past 24:00
// (domain C2).

import { DAY, HOUR, MINUTE, SECOND, type TimeMs } from '../../contract/time.ts'
import { localDay, offsetMinutes } from '../../domain/time-zone.ts'

export interface ServiceDay {
  /** `YYYYMMDD`. */
  readonly date: string
  /** Noon minus 12 h: what the day's times count from. */
  readonly start: TimeMs
}

/** The day at `now` and the one before, whose times may reach past midnight. */
export function serviceDaysAt(now: TimeMs, timezone: string): readonly ServiceDay[] {
  return [dayOf(now, timezone), dayOf(now - DAY, timezone)]
}

function dayOf(time: TimeMs, timezone: string): ServiceDay {
  const date = localDay(time, timezone)
  const noonAsUtc = Date.parse(`${date}T12:00:00Z`)
  const guess = noonAsUtc - offsetMinutes(noonAsUtc, timezone) * MINUTE
  const noon = noonAsUtc - offsetMinutes(guess, timezone) * MINUTE
  return { date: date.replaceAll('-', ''), start: noon - 12 * HOUR }
}

/** `HH:MM:SS` after the day's start, past 24 where it is. */
export function serviceClock(time: TimeMs, day: ServiceDay): string {
  const seconds = Math.floor((time - day.start) / SECOND)
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${two(Math.floor(seconds / 3_600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
}
