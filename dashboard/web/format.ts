// Numbers, times and units as people read them (reference/ui 2.11): in the chosen language, in the village's time zone,
// whatever the browser's zone is. Indonesian zones are named by ourselves, since Intl says GMT+7 for WIB.

import type { TimeMs } from '../../contract/time.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../contract/time.ts'

export type Language = 'id' | 'en'

const LOCALES: Readonly<Record<Language, string>> = { id: 'id-ID', en: 'en-GB' }
const ZONE_NAMES: Readonly<Record<string, string>> = {
  'Asia/Jakarta': 'WIB',
  'Asia/Pontianak': 'WIB',
  'Asia/Makassar': 'WITA',
  'Asia/Jayapura': 'WIT',
}
const SHORT_UNITS: Readonly<Record<Language, readonly [string, string, string, string]>> = {
  id: ['hr', 'jam', 'mnt', 'dtk'],
  en: ['d', 'h', 'min', 's'],
}
/** Units of answers, where they are written otherwise for people. */
const SHOWN_UNITS: Readonly<Record<string, string>> = {
  'ug/m3': 'µg/m³',
  degC: '°C',
  '%RH': '%',
  degrees: '°',
  count: '',
  '1': '',
}
/** Written without a space before the unit. */
const TIGHT_UNITS = new Set(['%', '°C', '°'])
const WALK_M_PER_MIN = 80

export type Formats = ReturnType<typeof createFormats>

/** All the ways to write something, for one language and one zone. */
export function createFormats(language: Language, timezone: string) {
  const locale = LOCALES[language]
  const zone = { timeZone: timezone }
  const clockFormat = new Intl.DateTimeFormat(locale, { ...zone, hour: '2-digit', minute: '2-digit' })
  const dateTimeFormat = new Intl.DateTimeFormat(locale, { ...zone, dateStyle: 'medium', timeStyle: 'short' })
  const dayFormat = new Intl.DateTimeFormat(locale, { ...zone, day: 'numeric', month: 'short' })
  const dayOnly = new Intl.DateTimeFormat('en-CA', { ...zone, dateStyle: 'short' })
  const secondsFormat = new Intl.DateTimeFormat(locale, { ...zone, timeStyle: 'medium' })
  const relativeFormat = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  const listFormat = new Intl.ListFormat(locale, { type: 'conjunction' })
  const numbers = new Map<number, Intl.NumberFormat>()
  const zoneName = zoneNameOf(timezone, locale)

  const number = (value: number, most = 1, least = 0): string => {
    const key = most * 10 + least
    let format = numbers.get(key)
    if (format === undefined) {
      format = new Intl.NumberFormat(locale, { maximumFractionDigits: most, minimumFractionDigits: least })
      numbers.set(key, format)
    }
    return format.format(value)
  }
  const clock = (time: TimeMs): string => `${clockFormat.format(time)} ${zoneName}`

  return {
    language,
    timezone,
    zoneName,
    number,
    whole: (value: number) => number(value, 0),
    /** Of a share 0 to 1. */
    percent: (share: number, digits = 0) => `${number(share * 100, digits, digits)}%`,
    /** Of what is known: never nothing where there is something, never all where something is missing. */
    known: (share: number, digits = 0) => {
      const step = 10 ** -digits
      const text = (percent: number): string => `${number(percent, digits, digits)}%`
      if (share > 0 && share * 100 < step / 2) return `<${text(step)}`
      if (share < 1 && share * 100 > 100 - step / 2) return `>${text(100 - step)}`
      return text(share * 100)
    },
    clock,
    /** Without the zone, for axes. */
    clockShort: (time: TimeMs) => clockFormat.format(time),
    clockSeconds: (time: TimeMs) => `${secondsFormat.format(time)} ${zoneName}`,
    day: (time: TimeMs) => dayFormat.format(time),
    dateTime: (time: TimeMs) => `${dateTimeFormat.format(time)} ${zoneName}`,
    /** The clock when it is of the same day as `now`, else with the date. */
    when: (time: TimeMs, now: TimeMs) =>
      dayOnly.format(time) === dayOnly.format(now)
        ? clock(time)
        : `${dateTimeFormat.format(time)} ${zoneName}`,
    /** How long ago, or in how long: negative is past. */
    relative: (ms: number) => {
      const [amount, unit] = largestUnit(ms)
      return relativeFormat.format(amount, unit)
    },
    /** `40 dtk`, `3 mnt`. */
    span: (ms: number) => shortSpan(Math.abs(ms), language, number),
    /** `2 jam 5 mnt`. */
    duration: (ms: number) => twoUnits(Math.abs(ms), language, number),
    /** To 10 m below a kilometre, then to 0.1 km. */
    distance: (metres: number) =>
      metres < 995 ? `${number(Math.round(metres / 10) * 10, 0)} m` : `${number(metres / 1_000, 1)} km`,
    walkMinutes: (metres: number) => Math.max(1, Math.ceil(metres / WALK_M_PER_MIN)),
    /** A value of a metric with its unit; particles and gases to a decimal below 100. */
    value: (value: number, unit: string | null) => {
      const shown = shownUnit(unit)
      const digits = Math.abs(value) >= 100 || unit === 'count' ? 0 : 1
      return `${number(value, digits)}${shown === '' ? '' : TIGHT_UNITS.has(shown) ? shown : ` ${shown}`}`
    },
    bytes: (bytes: number) => byteText(bytes, number),
    list: (items: readonly string[]) => listFormat.format(items),
  }
}

/** The unit as people write it; empty for none. */
export function shownUnit(unit: string | null): string {
  return unit === null ? '' : (SHOWN_UNITS[unit] ?? unit)
}

function zoneNameOf(timezone: string, locale: string): string {
  const known = ZONE_NAMES[timezone]
  if (known !== undefined) return known
  const parts = new Intl.DateTimeFormat(locale, { timeZone: timezone, timeZoneName: 'short' }).formatToParts(
    0,
  )
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? timezone
}

/** Rounded towards now: 119 seconds are one minute ago. */
function largestUnit(ms: number): [number, Intl.RelativeTimeFormatUnit] {
  const size = Math.abs(ms)
  const whole = (unit: number): number => Math.sign(ms) * Math.floor(size / unit) + 0
  if (size < MINUTE) return [whole(SECOND), 'second']
  if (size < HOUR) return [whole(MINUTE), 'minute']
  if (size < DAY) return [whole(HOUR), 'hour']
  return [whole(DAY), 'day']
}

function shortSpan(ms: number, language: Language, number: (value: number, most?: number) => string): string {
  const [days, hours, minutes, seconds] = SHORT_UNITS[language]
  if (ms < MINUTE) return `${number(Math.floor(ms / SECOND), 0)} ${seconds}`
  if (ms < HOUR) return `${number(Math.floor(ms / MINUTE), 0)} ${minutes}`
  if (ms < 2 * DAY) return `${number(Math.floor(ms / HOUR), 0)} ${hours}`
  return `${number(Math.floor(ms / DAY), 0)} ${days}`
}

function twoUnits(ms: number, language: Language, number: (value: number, most?: number) => string): string {
  const [days, hours, minutes] = SHORT_UNITS[language]
  const pair = (big: number, bigName: string, small: number, smallName: string): string =>
    small === 0
      ? `${number(big, 0)} ${bigName}`
      : `${number(big, 0)} ${bigName} ${number(small, 0)} ${smallName}`
  if (ms < HOUR) return shortSpan(ms, language, number)
  if (ms < DAY) return pair(Math.floor(ms / HOUR), hours, Math.floor((ms % HOUR) / MINUTE), minutes)
  return pair(Math.floor(ms / DAY), days, Math.floor((ms % DAY) / HOUR), hours)
}

function byteText(bytes: number, number: (value: number, most?: number) => string): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 1_000 && unit < units.length - 1) {
    value /= 1_000
    unit += 1
  }
  return `${number(value, unit === 0 || value >= 100 ? 0 : 1)} ${units[unit] ?? ''}`
}

let current = createFormats('id', 'Asia/Jakarta')

/** The formats of the page as it is now. */
export function fmt(): Formats {
  return current
}

export function setFormats(language: Language, timezone: string): void {
  current = createFormats(language, timezone)
}
