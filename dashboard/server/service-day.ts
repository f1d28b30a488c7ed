// The service day of GTFS: times count from noon minus twelve hours of the day in the agency's zone, and go past 24:00
// (domain C2).

import { DAY, HOUR, MINUTE, SECOND, type TimeMs } from '../../contract/time.ts'

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
  const { year, month, day } = localParts(time, timezone)
  const noonAsUtc = Date.UTC(year, month - 1, day, 12)
  const noon = noonAsUtc - offsetMs(noonAsUtc - offsetMs(noonAsUtc, timezone), timezone)
  const date = `${year}${String(month).padStart(2, '0')}${String(day).padStart(2, '0')}`
  return { date, start: noon - 12 * HOUR }
}

/** Local time minus UTC at that moment. */
function offsetMs(time: TimeMs, timezone: string): number {
  const { year, month, day, hour, minute } = localParts(time, timezone)
  return Date.UTC(year, month - 1, day, hour, minute) - Math.floor(time / MINUTE) * MINUTE
}

const formats = new Map<string, Intl.DateTimeFormat>()

function localParts(
  time: TimeMs,
  timezone: string,
): Record<'year' | 'month' | 'day' | 'hour' | 'minute', number> {
  const format =
    formats.get(timezone) ??
    new Intl.DateTimeFormat('en-US', {
      timeZone: timezone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    })
  formats.set(timezone, format)
  const parts = { year: 0, month: 0, day: 0, hour: 0, minute: 0 }
  for (const { type, value } of format.formatToParts(time)) {
    if (type in parts) parts[type as keyof typeof parts] = Number(value)
  }
  return parts
}

/** `HH:MM:SS` after the day's start, past 24 where it is. */
export function serviceClock(time: TimeMs, day: ServiceDay): string {
  const seconds = Math.floor((time - day.start) / SECOND)
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${two(Math.floor(seconds / 3_600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
}
