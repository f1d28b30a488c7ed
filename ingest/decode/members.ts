// The members of an observation (contract section 3), each checked by itself. A check returns the value as it is kept inside, or a
// refusal; the import of readings keeps to the same rules.

import { METRIC_NAME, METRIC_NAME_RULE, METRICS } from '../../contract/metrics.ts'
import { type Observation, OCCUPANCY, type Occupancy, type Position } from '../../contract/observation.ts'
import { DAY, formatTime, HOUR, MINUTE, SECOND, type TimeMs } from '../../contract/time.ts'
import type { DecodeLimits } from './decoder.ts'
import { parseTimeQuickly } from './quick-time.ts'
import { isObject, type Notes, note, refuse, shown, type Taken } from './refusal.ts'

export const MAX_VALUES = 64
const MAX_ID_LETTERS = 128

/**
 * The device's time in ms, digits beyond the millisecond cut off; null when it sent none. `outOfBounds` is told of a time that is one
 * but is refused for its age: it tells the error of the device's clock.
 */
export function readTime(
  json: unknown,
  arrival: TimeMs,
  limits: DecodeLimits,
  notes: Notes,
  outOfBounds: (time: TimeMs) => void,
): Taken<TimeMs | null> {
  if (json === undefined) return NO_TIME
  let time: TimeMs
  if (typeof json === 'number') {
    if (!Number.isFinite(json)) return refuse('time', `time is ${shown(json)}: not RFC 3339 nor milliseconds`)
    time = Math.floor(json)
  } else if (typeof json === 'string') {
    const parsed = parseTimeQuickly(json)
    if (!parsed.ok) {
      const rule = parsed.detail === 'not RFC 3339' ? 'not RFC 3339 nor milliseconds' : parsed.detail
      return refuse('time', `time is ${shown(json)}: ${rule}`)
    }
    if (json.startsWith('60', 17)) note(notes, 'leap_second')
    time = parsed.time
  } else return refuse('time', `time is ${shown(json)}: not RFC 3339 nor milliseconds`)
  const { maxAgeMs, maxAheadMs } = limits
  if (time < arrival - maxAgeMs) {
    outOfBounds(time)
    // A time of 2001 or later in seconds lies in 1970 when it is taken for milliseconds.
    const hint = typeof json === 'number' && json > 1e9 && json < 1e11 ? '; milliseconds, not seconds?' : ''
    const rule = `more than ${spanText(maxAgeMs)} old (PANTAU_MAX_AGE)`
    return refuse('time_too_old', `time is ${timeText(time)}, ${rule}${hint}`)
  }
  if (time > arrival + maxAheadMs) {
    outOfBounds(time)
    const rule = `more than ${spanText(maxAheadMs)} ahead (PANTAU_MAX_AHEAD)`
    return refuse('time_ahead', `time is ${timeText(time)}, ${rule}`)
  }
  return { ok: true, value: time }
}

const NO_TIME: Taken<null> = { ok: true, value: null }

/** RFC 3339 as far as that reaches: dates end in the year 275760. */
function timeText(time: TimeMs): string {
  return Math.abs(time) <= 8.64e15 ? formatTime(time) : String(time)
}

const SPANS = [
  [DAY, 'd'],
  [HOUR, 'h'],
  [MINUTE, 'm'],
  [SECOND, 's'],
] as const

/** A span as settings write it. */
function spanText(ms: number): string {
  for (const [unit, letter] of SPANS) if (ms >= unit && ms % unit === 0) return `${ms / unit}${letter}`
  return `${ms}ms`
}

export function readSeq(json: unknown): Taken<number | null> {
  if (json === undefined) return { ok: true, value: null }
  return Number.isSafeInteger(json) && (json as number) >= 0
    ? { ok: true, value: json as number }
    : refuse('seq', `seq is ${shown(json)}; a whole number from 0 to 2^53-1 is taken`)
}

/** Names that need no look at the pattern. */
const KNOWN_NAMES: ReadonlySet<string> = new Set(Object.values(METRICS).flatMap((rows) => Object.keys(rows)))

/** Numbers by metric, true and false as 1 and 0. What was parsed is kept itself when all its values are numbers. */
export function readValues(json: unknown): Taken<Readonly<Record<string, number>>> {
  if (!isObject(json)) return refuse('values_type', `values is ${shown(json)}; an object of metrics is taken`)
  let count = 0
  let hasBoolean = false
  for (const metric in json) {
    const value = json[metric]
    count += 1
    if (count > MAX_VALUES) {
      const held = Object.keys(json).length
      return refuse('values_count', `values holds ${held} metrics; 1 to ${MAX_VALUES} are taken`)
    }
    if (!KNOWN_NAMES.has(metric) && !METRIC_NAME.test(metric)) {
      return refuse('metric_name', `a metric is ${shown(metric)}; a name is ${METRIC_NAME_RULE}`)
    }
    if (typeof value === 'boolean') hasBoolean = true
    else if (typeof value !== 'number') {
      const rule = 'a finite number, true or false is taken'
      return refuse('value_type', `values.${metric} is ${shown(value)}; ${rule}`)
    } else if (!Number.isFinite(value)) {
      return refuse('not_finite', `values.${metric} is not finite; a finite number is taken`)
    }
  }
  if (count === 0) return refuse('values_count', `values holds no metric; 1 to ${MAX_VALUES} are taken`)
  return { ok: true, value: hasBoolean ? numbers(json) : (json as Record<string, number>) }
}

function numbers(json: Record<string, unknown>): Record<string, number> {
  return Object.fromEntries(Object.entries(json).map(([metric, value]) => [metric, Number(value)]))
}

const POSITION_LIMITS: Readonly<Record<string, readonly [number, number]>> = {
  speed: [0, 1_000],
  bearing: [0, 360],
  accuracy: [0, 1_000_000],
}

/** The position; null when there is none and none is needed. */
export function readPosition(json: unknown, isRequired: boolean, notes: Notes): Taken<Position | null> {
  if (json === undefined) {
    return isRequired ? refuse('position', 'position is absent; it is required for vehicle') : NO_POSITION
  }
  if (!isObject(json)) {
    return refuse('position', `position is ${shown(json)}; an object with lat and lon is taken`)
  }
  const { lat, lon } = json as { lat?: unknown; lon?: unknown }
  if (!isWithin(lat, -90, 90)) {
    // A latitude beyond 90 that would do as a longitude, beside a longitude that would do as a latitude.
    const hint = isWithin(lat, -180, 180) && isWithin(lon, -90, 90) ? '; lat and lon swapped?' : ''
    return refuse('position', `position.lat is ${shown(lat)}; -90 to 90 is taken${hint}`)
  }
  if (!isWithin(lon, -180, 180)) {
    return refuse('position', `position.lon is ${shown(lon)}; -180 to 180 is taken`)
  }
  const position: { -readonly [Member in keyof Position]: Position[Member] } = { lat, lon }
  for (const member in json) {
    if (member === 'lat' || member === 'lon') continue
    const limits = Object.hasOwn(POSITION_LIMITS, member) ? POSITION_LIMITS[member] : undefined
    if (limits === undefined) {
      note(notes, 'unknown_member')
      continue
    }
    const [least, most] = limits
    const value = json[member]
    if (!isWithin(value, least, most)) {
      return refuse('position', `position.${member} is ${shown(value)}; ${least} to ${most} is taken`)
    }
    position[member as 'speed' | 'bearing' | 'accuracy'] = value
  }
  return { ok: true, value: position }
}

const NO_POSITION: Taken<null> = { ok: true, value: null }

function isWithin(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && value >= least && value <= most
}

export type Trip = Pick<Observation, 'trip' | 'route' | 'direction' | 'occupancy'>

/** What a vehicle says of its trip. */
export function readTrip(json: Readonly<Record<string, unknown>>): Taken<Trip> {
  const { trip, route, direction, occupancy } = json as { [Member in keyof Trip]?: unknown }
  if (trip !== undefined && !isId(trip)) return refuse('trip', `trip is ${shown(trip)}; ${ID_RULE}`)
  if (route !== undefined && !isId(route)) return refuse('trip', `route is ${shown(route)}; ${ID_RULE}`)
  if (direction !== undefined && direction !== 0 && direction !== 1) {
    return refuse('direction', `direction is ${shown(direction)}; 0 or 1 is taken`)
  }
  if (occupancy !== undefined && !isOccupancy(occupancy)) {
    return refuse('occupancy', `occupancy is ${shown(occupancy)}; one of ${OCCUPANCY.join(', ')} is taken`)
  }
  const said: { -readonly [Member in keyof Trip]: Trip[Member] } = {}
  if (trip !== undefined) said.trip = trip
  if (route !== undefined) said.route = route
  if (direction !== undefined) said.direction = direction
  if (occupancy !== undefined) said.occupancy = occupancy
  return { ok: true, value: said }
}

const ID_RULE = `text of 1 to ${MAX_ID_LETTERS} letters is taken`

function isId(value: unknown): value is string {
  return typeof value === 'string' && value.length >= 1 && value.length <= MAX_ID_LETTERS
}

function isOccupancy(value: unknown): value is Occupancy {
  return (OCCUPANCY as readonly unknown[]).includes(value)
}
