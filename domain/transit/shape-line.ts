// A trip's shape as a line measured in metres: what lies where along it, and where along it the trip's stops lie. A route that
// doubles back passes a stop's place twice, so the stops are placed together: in order, and nearest in sum (domain C5, C6).

import { bearingDeg, EARTH_RADIUS_M, haversineM, type LatLon, RADIANS } from '../geo/geodesy.ts'

export interface ShapeLine {
  readonly points: readonly LatLon[]
  /** Metres from the begin, for each point: the sum of haversine segments. */
  readonly alongM: readonly number[]
}

export function shapeLine(points: readonly LatLon[]): ShapeLine {
  const alongM: number[] = []
  points.forEach((point, index) => {
    const before = points[index - 1]
    alongM.push(before === undefined ? 0 : (alongM[index - 1] ?? 0) + haversineM(before, point))
  })
  return { points, alongM }
}

export function lengthM(line: ShapeLine): number {
  return line.alongM.at(-1) ?? 0
}

/** The place so many metres along, and the bearing of the line there, degrees from true north; the ends beyond the ends. */
export function placeAlong(line: ShapeLine, alongM: number): LatLon & { readonly bearing: number } {
  const last = Math.max(0, line.points.length - 2)
  const ahead = line.alongM.findIndex((metres) => metres > alongM)
  const index = ahead < 0 ? last : Math.min(last, Math.max(0, ahead - 1))
  const from = line.points[index]
  const to = line.points[index + 1] ?? from
  if (from === undefined || to === undefined) return { lat: Number.NaN, lon: Number.NaN, bearing: 0 }
  const start = line.alongM[index] ?? 0
  const length = (line.alongM[index + 1] ?? start) - start
  const share = length === 0 ? 0 : Math.min(1, Math.max(0, (alongM - start) / length))
  return {
    lat: from.lat + share * (to.lat - from.lat),
    lon: from.lon + share * (to.lon - from.lon),
    bearing: bearingDeg(from, to),
  }
}

/** A point of the line: where along it, and how far from the place asked for. */
export interface OnLine {
  readonly alongM: number
  readonly offsetM: number
}

/** The nearest point of each segment, in order. Equirectangular in the local plane at the place (domain C5). */
export function projections(line: ShapeLine, place: LatLon): readonly OnLine[] {
  return line.points.slice(1).map((_, index) => projectOn(line, index, place))
}

export interface NearPlaces {
  /** The nearest point of each segment that has one within the distance asked for, in order. */
  readonly near: readonly OnLine[]
  /** Metres from the line; infinite of a line without a segment. */
  readonly leastM: number
}

/** The same for the segments near the place alone: what is asked of each fix of each vehicle. */
export function nearPlaces(line: ShapeLine, place: LatLon, withinM: number): NearPlaces {
  const near: OnLine[] = []
  let leastM = Number.POSITIVE_INFINITY
  for (let index = 0; index < line.points.length - 1; index += 1) {
    const found = projectOn(line, index, place)
    if (found.offsetM < leastM) leastM = found.offsetM
    if (found.offsetM <= withinM) near.push(found)
  }
  return { near, leastM }
}

function projectOn(line: ShapeLine, index: number, place: LatLon): OnLine {
  const [from, to] = [line.points[index] ?? place, line.points[index + 1] ?? place]
  const scale = Math.cos(place.lat * RADIANS)
  const x = (point: LatLon): number => (point.lon - place.lon) * RADIANS * scale * EARTH_RADIUS_M
  const y = (point: LatLon): number => (point.lat - place.lat) * RADIANS * EARTH_RADIUS_M
  const [dx, dy] = [x(to) - x(from), y(to) - y(from)]
  const squared = dx * dx + dy * dy
  const share = squared === 0 ? 0 : Math.min(1, Math.max(0, -(x(from) * dx + y(from) * dy) / squared))
  const before = line.alongM[index] ?? 0
  const length = (line.alongM[index + 1] ?? before) - before
  return { alongM: before + share * length, offsetM: Math.hypot(x(from) + share * dx, y(from) + share * dy) }
}

/** A pass of the line further from the stop than this is none, unless there is no nearer. */
const NEAR_M = 100

/** Metres along the line for each stop, never falling; each at the pass that makes the sum of squared offsets least. */
export function placeStops(line: ShapeLine, stops: readonly LatLon[]): readonly number[] {
  let paths: readonly { readonly cost: number; readonly places: readonly number[] }[] = [
    { cost: 0, places: [] },
  ]
  for (const stop of stops) {
    const next = passesOf(line, stop).flatMap((pass) => {
      const before = paths
        .filter(({ places }) => (places.at(-1) ?? 0) <= pass.alongM)
        .sort((a, b) => a.cost - b.cost)[0]
      return before === undefined
        ? []
        : [{ cost: before.cost + pass.offsetM ** 2, places: [...before.places, pass.alongM] }]
    })
    // A stop that lies behind the one before on every pass stands where that one stands.
    paths =
      next.length > 0
        ? next
        : paths.map(({ cost, places }) => ({ cost, places: [...places, places.at(-1) ?? 0] }))
  }
  return [...paths].sort((a, b) => a.cost - b.cost)[0]?.places ?? []
}

/** Nearer than this to a point of the line is at it: what sums of metres round away. */
const AT_POINT_M = 1e-6

/** Where the line passes the place: wherever going on along it and going back both lead away from the place. */
function passesOf(line: ShapeLine, place: LatLon): readonly OnLine[] {
  const all = projections(line, place)
  const isAt = (index: number, point: number): boolean =>
    Math.abs((all[index]?.alongM ?? Number.NaN) - (line.alongM[point] ?? Number.NaN)) < AT_POINT_M
  const lowest = all.filter((_, index) => {
    // Nearest at the segment's end: the next segment has that point too, or a nearer one.
    if (index < all.length - 1 && isAt(index, index + 1)) return false
    return index === 0 || !isAt(index, index) || isAt(index - 1, index)
  })
  const near = lowest.filter(({ offsetM }) => offsetM <= NEAR_M)
  if (near.length > 0) return near
  return [...lowest].sort((a, b) => a.offsetM - b.offsetM).slice(0, 1)
}
