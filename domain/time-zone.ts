// Days and hours of the village's clock (domain A9). An IANA zone is asked through Intl, so that the rules are the platform's own.

import { DAY, HOUR, MINUTE, type TimeMs } from '../contract/time.ts'

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  formats.set(zone, format)
  return format
}

/** Minutes that the zone's clock is ahead of UTC at a time. Throws RangeError for an unknown zone. */
export function offsetMinutes(time: TimeMs, zone: string): number {
  const parts: Record<string, number> = {}
  for (const { type, value } of formatOf(zone).formatToParts(time)) parts[type] = Number(value)
  const local = Date.UTC(
    parts['year'] ?? 0,
    (parts['month'] ?? 1) - 1,
    parts['day'],
    parts['hour'],
    parts['minute'],
    parts['second'],
  )
  return Math.round((local - Math.floor(time / 1_000) * 1_000) / 60_000)
}

/** The local date of a time, `2026-11-24`. */
export function localDay(time: TimeMs, zone: string): string {
  return new Date(time + offsetMinutes(time, zone) * 60_000).toISOString().slice(0, 10)
}

/**
 * When a local date `2026-11-24` begins: the first time that the zone's clock shows it. Where clocks go forward at midnight that is
 * one o'clock; where they go back over it, the first of the two midnights.
 */
export function dayStart(date: string, zone: string): TimeMs {
  const midnight = Date.parse(`${date}T00:00:00Z`)
  // The offsets that may hold are those of half a day before and after, since a clock does not change twice in a day.
  const [later, earlier] = [midnight - DAY / 2, midnight + DAY / 2].map(
    (near) => midnight - offsetMinutes(near - offsetMinutes(near, zone) * MINUTE, zone) * MINUTE,
  ) as [TimeMs, TimeMs]
  const isMidnight = (time: TimeMs): boolean => time + offsetMinutes(time, zone) * MINUTE === midnight
  const midnights = [earlier, later].filter(isMidnight)
  return midnights.length > 0 ? Math.min(...midnights) : Math.max(earlier, later)
}

/** The date after `2026-11-24`. */
export function nextDate(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + DAY).toISOString().slice(0, 10)
}

/** Whether the platform knows an IANA zone of that name. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]*$/.test(name)) return false
  try {
    formatOf(name)
    return true
  } catch {
    // RangeError is how Intl says no.
    return false
  }
}

/** Hour of the local day, 0 to 23. */
export function localHour(time: TimeMs, zone: string): number {
  return new Date(time + offsetMinutes(time, zone) * 60_000).getUTCHours()
}

/** How far the hours of the zone's clock begin before those of UTC, ms: 0 in Jakarta, half an hour in Kolkata. */
export function hourShiftMs(time: TimeMs, zone: string): number {
  return (((offsetMinutes(time, zone) * MINUTE) % HOUR) + HOUR) % HOUR
}

/** When the hour of a time began, on a clock whose hours begin so far before those of UTC. */
export function hourStart(time: TimeMs, shiftMs: number): TimeMs {
  return Math.floor((time + shiftMs) / HOUR) * HOUR - shiftMs
}
