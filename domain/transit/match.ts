// Where along its trip's shape a vehicle is (domain C6). A position near the shape has one place, or several where the route
// doubles back: progress decides, not nearness.

import type { TimeMs } from '../../contract/time.ts'
import type { LatLon } from '../geo/geodesy.ts'
import { projections, type ShapeLine } from './shape-line.ts'

/** A position further from the shape is off the route. */
const OFF_ROUTE_M = 50
/** Slack of progress, for the error of a fix. */
const SLACK_M = 50
/** Fastest that a vehicle goes (GTFS-realtime validator W004), m/s. */
const FASTEST_MS = 26
/** Places whose offsets differ by less are equally near. */
const EQUAL_M = 5
/** Positions off the route in a row after which progress is forgotten. */
const OFF_ROUTE_MOST = 3

export interface Progress {
  /** Metres along; never falls. Null before the first match. */
  readonly alongM: number | null
  readonly time: TimeMs | null
  readonly offRouteCount: number
}

export const NO_PROGRESS: Progress = { alongM: null, time: null, offRouteCount: 0 }

/** Progress after a fix; `matched` false when the fix lies on no place of the route that it could have reached. */
export function matchToShape(
  line: ShapeLine,
  place: LatLon,
  time: TimeMs,
  before: Progress,
): { readonly progress: Progress; readonly matched: boolean } {
  const near = projections(line, place).filter(({ offsetM }) => offsetM <= OFF_ROUTE_M)
  const { alongM: p } = before
  const reach = FASTEST_MS * Math.max(0, (time - (before.time ?? time)) / 1_000) + SLACK_M
  const candidates =
    p === null ? near : near.filter(({ alongM }) => alongM >= p - SLACK_M && alongM <= p + reach)
  if (candidates.length === 0) {
    const offRouteCount = before.offRouteCount + 1
    const progress = offRouteCount >= OFF_ROUTE_MOST ? NO_PROGRESS : { ...before, offRouteCount }
    return { progress, matched: false }
  }
  const least = Math.min(...candidates.map(({ offsetM }) => offsetM))
  const equal = candidates.filter(({ offsetM }) => offsetM <= least + EQUAL_M).map(({ alongM }) => alongM)
  const best =
    p === null ? Math.min(...equal) : equal.reduce((a, b) => (Math.abs(b - p) < Math.abs(a - p) ? b : a))
  return { progress: { alongM: Math.max(p ?? best, best), time, offRouteCount: 0 }, matched: true }
}
