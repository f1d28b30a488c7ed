// Plane geometry of the village's files: metres east and north of a centre (domain C5), lines simplified and cut to a box.

import { localPlane } from '../domain/geo/local-plane.ts'

/** [longitude, latitude] in degrees, as in GeoJSON. */
export type LonLat = readonly [number, number]
/** Metres east and north of the plane's origin. */
export type Xy = readonly [number, number]

export interface Plane {
  toXy(place: LonLat): Xy
  toLonLat(point: Xy): LonLat
}

/** The local plane at an origin, in the order of GeoJSON. */
export function planeAt(lat: number, lon: number): Plane {
  const plane = localPlane({ lat, lon })
  return {
    toXy([placeLon, placeLat]) {
      const { x, y } = plane.toPlane({ lat: placeLat, lon: placeLon })
      return [x, y]
    },
    toLonLat([x, y]) {
      const place = plane.toLatLon({ x, y })
      return [place.lon, place.lat]
    },
  }
}

/** Five decimals, at most 0.6 m off: what a map can show. */
export function rounded([lon, lat]: LonLat): [number, number] {
  return [Number(lon.toFixed(5)), Number(lat.toFixed(5))]
}

export function distanceM(a: Xy, b: Xy): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1])
}

/** Distance of a point from the segment a to b. */
export function segmentDistanceM(point: Xy, a: Xy, b: Xy): number {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]]
  const squared = dx * dx + dy * dy
  const along = squared === 0 ? 0 : ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / squared
  const t = Math.min(1, Math.max(0, along))
  return distanceM(point, [a[0] + t * dx, a[1] + t * dy])
}

/** Distance of a point from a line of one point or more. */
export function lineDistanceM(point: Xy, line: readonly Xy[]): number {
  let least = Number.POSITIVE_INFINITY
  for (const [index, a] of line.entries()) {
    least = Math.min(least, segmentDistanceM(point, a, line[index + 1] ?? a))
  }
  return least
}

/** The line with no more points than keep it within `toleranceM`; its ends stay. Source: Douglas and Peucker 1973. */
export function simplifyLine(line: readonly Xy[], toleranceM: number): Xy[] {
  const keep = new Set([0, line.length - 1])
  const open: [number, number][] = [[0, line.length - 1]]
  for (let span = open.pop(); span !== undefined; span = open.pop()) {
    const [first, last] = span
    const [a, b] = [line[first], line[last]]
    if (a === undefined || b === undefined) continue
    let farthest = -1
    let farthestM = toleranceM
    for (let index = first + 1; index < last; index += 1) {
      const point = line[index]
      const offM = point === undefined ? 0 : segmentDistanceM(point, a, b)
      if (offM > farthestM) [farthest, farthestM] = [index, offM]
    }
    if (farthest === -1) continue
    keep.add(farthest)
    open.push([first, farthest], [farthest, last])
  }
  return line.filter((_, index) => keep.has(index))
}

/** [west, south, east, north] in degrees. */
export type Box = readonly [number, number, number, number]

/** The parts of a line with at least one end in the box; a crossing segment stays whole. */
export function partsInBox(line: readonly LonLat[], [west, south, east, north]: Box): LonLat[][] {
  const isInside = ([lon, lat]: LonLat): boolean => lon >= west && lon <= east && lat >= south && lat <= north
  const parts: LonLat[][] = []
  let part: LonLat[] = []
  for (const [index, place] of line.entries()) {
    const before = line[index - 1]
    if (before !== undefined && (isInside(before) || isInside(place))) {
      if (part.length === 0) part.push(before)
      part.push(place)
    } else if (part.length > 0) {
      parts.push(part)
      part = []
    }
  }
  return part.length > 0 ? [...parts, part] : parts
}
