// Vehicles glide without lying (reference/ui 2.10): drawn one fix behind, from the last fix to the new one, along the route's
// shape where both lie on it, and never beyond the new one. What cannot be true as a movement is a cut.

import { at, metresPerUnit, nearestOnLine, pointsBetween, type RouteLine, routeLine } from './route-line.ts'

export interface Fix {
  /** Units of the world map at zoom 0. */
  readonly x: number
  readonly y: number
  readonly lat: number
  /** Of the fix, ms. */
  readonly time: number
}

export interface Glide {
  readonly line: RouteLine
  readonly durationMs: number
  /** How far along the route it ends; null when it is not on it. */
  readonly along: number | null
}

const LONGEST_MS = 10_000
const FARTHEST_M = 500
const FASTEST_M_PER_S = 33
const ON_ROUTE_M = 40
/** A detour along the shape may be longer than the straight way, but not by much. */
const LONGEST_DETOUR = 2.5

/**
 * How a vehicle that is drawn at `shown` and was last known at `from` comes to `to`; null when it is to be cut: first fix, too
 * far, too fast, no time between.
 */
export function glideTo(
  shown: { readonly x: number; readonly y: number },
  from: Fix | null,
  to: Fix,
  route: RouteLine | null,
  /** How far along the route it was before, where that is known: there is no need to look elsewhere. */
  before: number | null = null,
): Glide | null {
  if (from === null) return null
  const spanMs = to.time - from.time
  if (spanMs <= 0) return null
  const scale = metresPerUnit(to.lat)
  const metres = Math.hypot(to.x - from.x, to.y - from.y) * scale
  if (metres > FARTHEST_M || metres / (spanMs / 1_000) > FASTEST_M_PER_S) return null
  const way = route === null ? null : alongRoute(shown, to, route, scale, before)
  const line = routeLine(Float64Array.from([shown.x, shown.y, ...(way?.between ?? []), to.x, to.y]))
  return { line, durationMs: Math.min(spanMs, LONGEST_MS), along: way?.along ?? null }
}

interface Way {
  readonly between: readonly number[]
  readonly along: number
}

/** The route's points between the two places; null when one is off it, or the way round is too long to be true. */
function alongRoute(
  shown: { readonly x: number; readonly y: number },
  to: Fix,
  route: RouteLine,
  scale: number,
  before: number | null,
): Way | null {
  const reach = FARTHEST_M / scale
  const begin =
    before === null
      ? nearestOnLine(route, shown.x, shown.y)
      : nearestOnLine(route, shown.x, shown.y, before - reach, before + reach)
  if (begin === null || begin.distance * scale > ON_ROUTE_M) return null
  const straight = Math.hypot(to.x - shown.x, to.y - shown.y)
  const longest = straight * LONGEST_DETOUR + 50 / scale
  const end = nearestOnLine(route, to.x, to.y, begin.along, begin.along + longest)
  if (end === null || end.distance * scale > ON_ROUTE_M || end.along - begin.along > longest) return null
  return { between: pointsBetween(route, begin.along, end.along), along: end.along }
}

/** Where it is after `elapsedMs`, written to `out` as x, y; true once it has arrived. */
export function placeOnGlide({ line, durationMs }: Glide, elapsedMs: number, out: Float64Array): boolean {
  const last = line.lengths.length - 1
  const total = at(line.lengths, last)
  const wanted = total * Math.min(1, Math.max(0, elapsedMs / durationMs))
  let index = 1
  while (index < last && at(line.lengths, index) < wanted) index += 1
  const begin = at(line.lengths, index - 1)
  const length = at(line.lengths, index) - begin
  const share = length === 0 ? 1 : (wanted - begin) / length
  const [ax, ay] = [at(line.points, 2 * index - 2), at(line.points, 2 * index - 1)]
  out[0] = ax + (at(line.points, 2 * index) - ax) * share
  out[1] = ay + (at(line.points, 2 * index + 1) - ay) * share
  return elapsedMs >= durationMs
}
