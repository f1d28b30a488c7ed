// Days and hours of the village's clock (domain A9). An IANA zone is asked through Intl, so that the rules are the platform's own.

import type { TimeMs } from '../contract/time.ts'

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

/** When a local date `2026-11-24` begins. */
export function dayStart(date: string, zone: string): TimeMs {
  const midnight = Date.parse(`${date}T00:00:00Z`)
  const guess = midnight - offsetMinutes(midnight, zone) * 60_000
  // The offset at the guess is the one that holds there, unless the clock changes in between.
  return midnight - offsetMinutes(guess, zone) * 60_000
}

/** Hour of the local day, 0 to 23. */
export function localHour(time: TimeMs, zone: string): number {
  return new Date(time + offsetMinutes(time, zone) * 60_000).getUTCHours()
}
