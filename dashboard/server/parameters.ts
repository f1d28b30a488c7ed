// Query parameters that several routes take: their schemas for the OpenAPI document, and what they mean. Whatever is
// wrong with one is a refusal that names it, its value and the rule.

import Type from 'typebox'
import { METRIC_NAME, METRIC_NAME_RULE } from '../../contract/metrics.ts'
import { DAY, formatTime, parseTime, type TimeMs } from '../../contract/time.ts'
import { wrongParameter } from './refusal.ts'

export const limitParameter = Type.Optional(
  Type.Integer({ minimum: 1, maximum: 1_000, default: 100, description: 'a whole number from 1 to 1000' }),
)
export const cursorParameter = Type.Optional(
  Type.String({ maxLength: 2_048, description: 'the `next` of the page before, of the same query' }),
)
export const DEFAULT_LIMIT = 100

const timeRule = 'a time is RFC 3339 with offset, such as 2026-11-24T08:00:00Z'
export const fromParameter = Type.Optional(
  Type.String({ maxLength: 64, description: `${timeRule}; 24 h before \`to\` without it; included` }),
)
export const toParameter = Type.Optional(
  Type.String({ maxLength: 64, description: `${timeRule}; now without it; not included` }),
)
export const bboxParameter = Type.Optional(
  Type.String({ maxLength: 200, description: 'west,south,east,north in degrees, west below east' }),
)

export interface Period {
  readonly from: TimeMs
  readonly to: TimeMs
}

/** Hourly means are kept ten times as long as raw readings: 4,000 days with the default retention. */
const LONGEST_MS = 4_000 * DAY

/** [from, to) by the rules of contract section 4; refuses what is no time, no period, or longer than 4,000 days. */
export function parsePeriod(
  query: { from?: string; to?: string },
  now: TimeMs,
  longestMs = LONGEST_MS,
): Period {
  const to = query.to === undefined ? now : timeOf('to', query.to)
  const from = query.from === undefined ? to - DAY : timeOf('from', query.from)
  if (from >= to) {
    throw wrongParameter('from', `from is ${formatTime(from)}, which is not before to, ${formatTime(to)}`)
  }
  if (to - from > longestMs) {
    throw wrongParameter(
      'from',
      `from is more than ${Math.floor(longestMs / DAY)} days before to; ask for less`,
    )
  }
  return { from, to }
}

/** A `+` in an address means a blank: an offset that lost its sign by it gets it back. */
function timeOf(parameter: string, text: string): TimeMs {
  const parsed = parseTime(text.replace(/ (\d\d:\d\d)$/, '+$1'))
  if (parsed.ok) return parsed.time
  throw wrongParameter(parameter, `${parameter} is ${JSON.stringify(text)}: ${parsed.detail}; ${timeRule}`)
}

export interface Bounds {
  readonly west: number
  readonly south: number
  readonly east: number
  readonly north: number
}

/** Null without a box. */
export function parseBbox(text: string | undefined): Bounds | null {
  if (text === undefined) return null
  const parts = text
    .split(',')
    .map((part) => (/^\s*-?\d+(\.\d+)?\s*$/.test(part) ? Number(part) : Number.NaN))
  const bounds = boundsOf(parts)
  if (bounds !== null) return bounds
  throw wrongParameter(
    'bbox',
    'bbox is west,south,east,north in degrees: -180 to 180 and -90 to 90, west below east',
  )
}

/** Null unless these are west, south, east and north of a box with an inside. */
export function boundsOf(parts: readonly number[]): Bounds | null {
  const [west = Number.NaN, south = Number.NaN, east = Number.NaN, north = Number.NaN] = parts
  const within = parts.length === 4 && west >= -180 && east <= 180 && south >= -90 && north <= 90
  return within && west < east && south < north ? { west, south, east, north } : null
}

export function isInside(bounds: Bounds, position: { lat: number; lon: number } | null): boolean {
  return (
    position !== null &&
    position.lon >= bounds.west &&
    position.lon <= bounds.east &&
    position.lat >= bounds.south &&
    position.lat <= bounds.north
  )
}

const MOST_METRICS = 100

/** Names of a comma list, each once; null without one. */
export function parseMetrics(text: string | undefined): readonly string[] | null {
  if (text === undefined) return null
  const names = [...new Set(text.split(','))]
  if (names.length > MOST_METRICS) {
    throw wrongParameter('metric', `metric names ${names.length} metrics; at most ${MOST_METRICS} are taken`)
  }
  const wrong = names.find((name) => !METRIC_NAME.test(name))
  if (wrong === undefined) return names
  throw wrongParameter(
    'metric',
    `metric has ${JSON.stringify(wrong.slice(0, 60))}; a name is ${METRIC_NAME_RULE}`,
  )
}

/** Names of a comma list out of a fixed set; null without one. */
export function parseNames<const T extends string>(
  parameter: string,
  text: string | undefined,
  allowed: readonly T[],
): readonly T[] | null {
  if (text === undefined) return null
  const names = text.split(',')
  const known = names.filter((name): name is T => (allowed as readonly string[]).includes(name))
  if (known.length === names.length) return known
  throw wrongParameter(
    parameter,
    `${parameter} is ${JSON.stringify(text.slice(0, 60))}; ${allowed.join(', ')} are taken`,
  )
}
