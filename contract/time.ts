// Time is milliseconds since 1970 UTC as a number inside, RFC 3339 at the doors (design D9). This file holds
// the one place that reads the machine's clock, so that everything else can be given another one.

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type TimeMs = number

/** The time now, and the monotonic time for measuring spans, both in milliseconds. */
export interface Clock {
  now(): TimeMs
  monotonicMs(): number
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
}

export const SECOND = 1_000
export const MINUTE = 60_000
export const HOUR = 3_600_000
export const DAY = 86_400_000

/** RFC 3339 in UTC with milliseconds, `2026-11-24T08:00:00.000Z`. */
export function formatTime(time: TimeMs): string {
  return new Date(time).toISOString()
}

export type ParsedTime = { ok: true; time: TimeMs } | { ok: false; detail: string }

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)?$/

/**
 * Reads RFC 3339 with an offset (section 5.6), digits beyond the millisecond cut off; a leap second counts as the
 * next second. Never throws: a text that is not a time comes back with what is wrong with it.
 */
export function parseTime(text: string): ParsedTime {
  const match = RFC3339.exec(text)
  if (match === null) return { ok: false, detail: 'not RFC 3339' }
  const zone = match[8]
  if (zone === undefined) return { ok: false, detail: 'offset missing' }
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month))
    return { ok: false, detail: 'no such day' }
  if (hour > 23 || minute > 59 || second > 60) return { ok: false, detail: 'no such time of day' }
  const millisecond = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3))
  const offset = offsetMinutes(zone)
  if (offset === null) return { ok: false, detail: 'no such offset' }
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCHours(hour, minute, second, millisecond)
  return { ok: true, time: date.getTime() - offset * MINUTE }
}

function daysInMonth(year: number, month: number): number {
  return new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()
}

function offsetMinutes(zone: string): number | null {
  if (zone === 'Z' || zone === 'z') return 0
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(4, 6))
  if (hours > 23 || minutes > 59) return null
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/
const DURATION_UNIT = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY } as const

/** Milliseconds of a span such as `30d`, `5m`, `250ms`; null when the text is no span. */
export function parseDuration(text: string): number | null {
  const match = DURATION.exec(text)
  if (match === null) return null
  return Number(match[1]) * DURATION_UNIT[match[2] as keyof typeof DURATION_UNIT]
}
