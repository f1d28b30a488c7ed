// Where along its trip's shape a vehicle is (domain C6). A position near the shape has one place, or several where the route
// doubles back: progress decides, not nearness. The first fix has no progress to go by, so a second one settles which way it goes.

import type { TimeMs } from '../../contract/time.ts'
import type { LatLon } from '../geo/geodesy.ts'
import { nearPlaces, type OnLine, type ShapeLine } from './shape-line.ts'

export interface MatchRule {
  /** A position further from the shape is off the route, m. */
  readonly toleranceM: number
  /** Slack of progress, for the error of a fix, m. */
  readonly slackM: number
  /** Fastest that a vehicle goes, m/s. */
  readonly fastestMs: number
}

/** 26 m/s is the speed of the GTFS-realtime validator's W004. */
export const MATCH_RULE: MatchRule = { toleranceM: 50, slackM: 50, fastestMs: 26 }

/** Places whose offsets differ by less are equally near. */
const EQUAL_M = 5
/** Positions off the route in a row after which progress is forgotten. */
const OFF_ROUTE_MOST = 3
/** A vehicle further from the shape is not on this trip (GTFS-realtime best practices; validator E029). */
const NOT_THIS_TRIP_M = 200

export interface Progress {
  /** Metres along; never falls. Null before the first match. */
  readonly alongM: number | null
  readonly time: TimeMs | null
  readonly offRouteCount: number
  /** Where the first fix may have been, while no second has told which way the vehicle goes: rising, the first is `alongM`'s. */
  readonly unsettled: { readonly places: readonly number[]; readonly time: TimeMs } | null
}

export const NO_PROGRESS: Progress = { alongM: null, time: null, offRouteCount: 0, unsettled: null }

export interface Match {
  readonly progress: Progress
  /** False when the fix lies on no place of the route that the vehicle could have reached. */
  readonly matched: boolean
  /** Metres from the line to the fix: at the place taken, or the least where none was. */
  readonly offsetM: number
  /** False when it is so far away that it is not on this trip at all. */
  readonly isOnTrip: boolean
}

/** Progress after a fix. */
export function matchToShape(
  line: ShapeLine,
  place: LatLon,
  time: TimeMs,
  before: Progress,
  rule: MatchRule = MATCH_RULE,
): Match {
  const { near, leastM } = nearPlaces(line, place, rule.toleranceM)
  const isOnTrip = leastM <= NOT_THIS_TRIP_M
  const { alongM: p } = before
  if (p === null) {
    const places = distinct(equallyNear(near), rule.slackM)
    const [first] = places
    if (first === undefined) return { ...offRoute(before), offsetM: leastM, isOnTrip }
    const unsettled = places.length > 1 ? { places, time } : null
    const progress = { alongM: first, time, offRouteCount: 0, unsettled }
    return { progress, matched: true, offsetM: offsetAt(near, first), isOnTrip }
  }
  const settled = before.unsettled === null ? null : settle(before.unsettled, equallyNear(near), time, rule)
  if (settled !== null) {
    const progress = { alongM: Math.max(p, settled), time, offRouteCount: 0, unsettled: null }
    return { progress, matched: true, offsetM: offsetAt(near, settled), isOnTrip }
  }
  const reach = reachM(time - (before.time ?? time), rule)
  const equal = equallyNear(near.filter(({ alongM }) => alongM >= p - rule.slackM && alongM <= p + reach))
  if (equal.length === 0) return { ...offRoute(before), offsetM: leastM, isOnTrip }
  const best = equal.reduce((a, b) => (Math.abs(b - p) < Math.abs(a - p) ? b : a))
  const progress = { ...before, alongM: Math.max(p, best), time, offRouteCount: 0 }
  return { progress, matched: true, offsetM: offsetAt(near, best), isOnTrip }
}

function offRoute(before: Progress): { readonly progress: Progress; readonly matched: false } {
  const offRouteCount = before.offRouteCount + 1
  const progress = offRouteCount >= OFF_ROUTE_MOST ? NO_PROGRESS : { ...before, offRouteCount }
  return { progress, matched: false }
}

function reachM(milliseconds: number, { fastestMs, slackM }: MatchRule): number {
  return fastestMs * Math.max(0, milliseconds / 1_000) + slackM
}

function offsetAt(places: readonly OnLine[], alongM: number): number {
  return places.find((place) => place.alongM === alongM)?.offsetM ?? Number.NaN
}

/** Metres along of the nearest places, rising. */
function equallyNear(places: readonly OnLine[]): number[] {
  const least = Math.min(...places.map(({ offsetM }) => offsetM))
  return places
    .filter(({ offsetM }) => offsetM <= least + EQUAL_M)
    .map(({ alongM }) => alongM)
    .sort((a, b) => a - b)
}

/** Without those that lie on the same pass of the line as the one before: the two sides of a bend. */
function distinct(places: readonly number[], slackM: number): readonly number[] {
  return places.filter((alongM, index) => index === 0 || alongM - (places[index - 1] ?? 0) > slackM)
}

/**
 * Of where the first fix may have been, the place from which the vehicle has gone on by more than the error of a fix, and where it is
 * now: on the way out and back along one street a vehicle that falls back on one way has risen on the other. Null: not told yet.
 */
function settle(
  { places, time: since }: NonNullable<Progress['unsettled']>,
  now: readonly number[],
  time: TimeMs,
  rule: MatchRule,
): number | null {
  const most = reachM(time - since, rule)
  const rises = now.map((alongM) => {
    const from = places.reduce((a, b) => (Math.abs(alongM - b) < Math.abs(alongM - a) ? b : a), Infinity)
    return { alongM, rise: alongM - from }
  })
  return rises.find(({ rise }) => rise >= rule.slackM && rise <= most)?.alongM ?? null
}
