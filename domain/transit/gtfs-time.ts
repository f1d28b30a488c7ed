// The clock of GTFS (domain C2): times count from noon minus twelve hours of the service day in the agency's zone, which is
// midnight but on days when the clock changes, and go on past 24:00:00. Source: google/transit, Schedule Reference, Time.

import { DAY, HOUR, MINUTE, SECOND, type TimeMs } from '../../contract/time.ts'
import { offsetMinutes } from '../time-zone.ts'

/** `YYYYMMDD`, as in calendar.txt and in a TripDescriptor. */
export type ServiceDate = string

const GTFS_TIME = /^(\d{1,3}):([0-5]\d):([0-5]\d)$/
const SERVICE_DATE = /^(\d{4})(\d{2})(\d{2})$/

/** Seconds of the service day of `H:MM:SS` or `HH:MM:SS`, hours beyond 24 allowed; null when the text is no such time. */
export function parseGtfsTime(text: string): number | null {
  const match = GTFS_TIME.exec(text)
  return match === null ? null : Number(match[1]) * 3_600 + Number(match[2]) * 60 + Number(match[3])
}

/** `HH:MM:SS` of whole seconds of the service day, hours beyond 24 as they are: 87,000 is `24:10:00`. */
export function formatGtfsTime(seconds: number): string {
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${two(Math.floor(seconds / 3_600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
}

/** Whether the text is a day of the calendar, `20261124`. */
export function isServiceDate(text: string): text is ServiceDate {
  return SERVICE_DATE.test(text) && dateText(midnightUtc(text)) === text
}

/** When second 0 of the service day is: noon minus 12 h in the zone. NaN when the text is no date. */
export function serviceDayStart(date: ServiceDate, zone: string): TimeMs {
  const noonAsUtc = midnightUtc(date) + 12 * HOUR
  if (Number.isNaN(noonAsUtc)) return Number.NaN
  const guess = noonAsUtc - offsetMinutes(noonAsUtc, zone) * MINUTE
  return noonAsUtc - offsetMinutes(guess, zone) * MINUTE - 12 * HOUR
}

/** The time of a second of the service day. */
export function serviceTime(date: ServiceDate, seconds: number, zone: string): TimeMs {
  return serviceDayStart(date, zone) + seconds * SECOND
}

export interface ServiceSecond {
  readonly date: ServiceDate
  /** Seconds of that day, fractions included. */
  readonly second: number
}

/**
 * The service days that a time may belong to, the latest first, each with the second it is there: today, and yesterday whose
 * trips go on past 24:00:00 (domain C1). Where the clock goes forward in the night, the next day begins an hour early.
 */
export function serviceSecondsAt(time: TimeMs, zone: string): readonly ServiceSecond[] {
  const localMidnight = Math.floor((time + offsetMinutes(time, zone) * MINUTE) / DAY) * DAY
  return [1, 0, -1]
    .map((days): ServiceSecond => {
      const date = dateText(localMidnight + days * DAY)
      return { date, second: (time - serviceDayStart(date, zone)) / SECOND }
    })
    .filter(({ second }) => second >= 0)
}

/** 0 is Monday, 6 is Sunday; NaN when the text is no date. */
export function weekdayOf(date: ServiceDate): number {
  return (new Date(midnightUtc(date)).getUTCDay() + 6) % 7
}

function midnightUtc(date: string): number {
  const match = SERVICE_DATE.exec(date)
  return match === null ? Number.NaN : Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3]))
}

function dateText(utc: number): ServiceDate {
  return new Date(utc).toISOString().slice(0, 10).replaceAll('-', '')
}
