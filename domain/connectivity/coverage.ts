// Share of a village that its hotspots cover (domain B12): the area of the union of their discs within the boundary, over the
// boundary's. Strips a few metres high are measured, each exactly along its middle, in the local plane. It is an estimate, and
// is called one where it is shown.

import type { LatLon } from '../geo/geodesy.ts'
import { type LocalPlane, localPlane, type PlanePoint } from '../geo/local-plane.ts'
import type { GeoArea } from '../geo/polygon.ts'

/** Metres in the local plane. */
export interface Disc extends PlanePoint {
  readonly r: number
}

/** Rings of a region in the local plane, even-odd: what lies in an odd number of them is inside. */
export type PlaneRings = readonly (readonly PlanePoint[])[]

/** A strip is this high, m, but that a region has at least and at most so many. */
const STRIP_M = 5
const LEAST_STRIPS = 1_000
const MOST_STRIPS = 20_000

type Interval = readonly [from: number, to: number]

/** Share 0 to 1 of the region that lies in at least one disc; null of a region without area. */
export function coverageShare(rings: PlaneRings, discs: readonly Disc[]): number | null {
  const heights = rings.flat().map(({ y }) => y)
  const bottom = heights.reduce((least, y) => Math.min(least, y), Number.POSITIVE_INFINITY)
  const top = heights.reduce((most, y) => Math.max(most, y), Number.NEGATIVE_INFINITY)
  if (!(top > bottom)) return null
  const strips = Math.min(MOST_STRIPS, Math.max(LEAST_STRIPS, Math.ceil((top - bottom) / STRIP_M)))
  let [covered, whole] = [0, 0]
  for (let strip = 0; strip < strips; strip += 1) {
    const y = bottom + ((strip + 0.5) * (top - bottom)) / strips
    const inside = insideAt(rings, y)
    whole += lengthOf(inside)
    covered += lengthOf(common(inside, union(discsAt(discs, y))))
  }
  return whole === 0 ? null : covered / whole
}

export interface CoveredPlace extends LatLon {
  readonly radiusM: number
}

/** The rings of an area in degrees, on the plane around its first corner. */
export function ringsOf(area: GeoArea): { readonly plane: LocalPlane; readonly rings: PlaneRings } {
  const polygons = area.type === 'Polygon' ? [area.coordinates] : area.coordinates
  const [lon = 0, lat = 0] = polygons[0]?.[0]?.[0] ?? []
  const plane = localPlane({ lat, lon })
  const rings = polygons.flatMap((polygon) =>
    polygon.map((ring) => ring.map(([east = 0, north = 0]) => plane.toPlane({ lat: north, lon: east }))),
  )
  return { plane, rings }
}

/** The same for a boundary in degrees; null of a boundary without area. `hotspots`: those that are up. */
export function coveredShareOf(boundary: GeoArea, hotspots: readonly CoveredPlace[]): number | null {
  const { plane, rings } = ringsOf(boundary)
  return coverageShare(
    rings,
    hotspots.map((hotspot) => ({ ...plane.toPlane(hotspot), r: hotspot.radiusM })),
  )
}

/** Share of the people covered, spread evenly within each RW; null when nobody lives there. */
export function populationShare(
  rws: readonly { readonly population: number; readonly covered: number }[],
): number | null {
  const people = rws.reduce((sum, { population }) => sum + population, 0)
  return people <= 0
    ? null
    : rws.reduce((sum, { population, covered }) => sum + population * covered, 0) / people
}

/** A stretch of time with the same hotspots up; `share` null where nothing is known. `knownShare`: of the hotspots, those known. */
export interface CoverageStretch {
  readonly seconds: number
  readonly share: number | null
  readonly knownShare: number
}

/** Time-weighted mean of the share over known time, and how much is known; nulls when nothing is, or no time has passed. */
export function coverageOver(stretches: readonly CoverageStretch[]): {
  readonly share: number | null
  readonly knownShare: number | null
} {
  let [weighted, known, weightedKnown, all] = [0, 0, 0, 0]
  for (const { seconds, share, knownShare } of stretches) {
    all += seconds
    weightedKnown += seconds * knownShare
    if (share === null) continue
    weighted += seconds * share
    known += seconds
  }
  return {
    share: known === 0 ? null : weighted / known,
    knownShare: all === 0 ? null : weightedKnown / all,
  }
}

/** Where the line at height y runs inside the region, rising. */
export function insideAt(rings: PlaneRings, y: number): readonly Interval[] {
  const crossings: number[] = []
  for (const ring of rings) {
    let before = ring.at(-1)
    for (const point of ring) {
      if (before !== undefined && before.y > y !== point.y > y)
        crossings.push(before.x + ((y - before.y) / (point.y - before.y)) * (point.x - before.x))
      before = point
    }
  }
  crossings.sort((a, b) => a - b)
  const intervals: Interval[] = []
  for (let index = 0; index + 1 < crossings.length; index += 2)
    intervals.push([crossings[index] ?? 0, crossings[index + 1] ?? 0])
  return intervals
}

function discsAt(discs: readonly Disc[], y: number): readonly Interval[] {
  return discs.flatMap((disc): Interval[] => {
    const squared = disc.r ** 2 - (disc.y - y) ** 2
    if (disc.r <= 0 || squared <= 0) return []
    const half = Math.sqrt(squared)
    return [[disc.x - half, disc.x + half]]
  })
}

function union(intervals: readonly Interval[]): readonly Interval[] {
  const joined: Interval[] = []
  for (const [from, to] of [...intervals].sort((a, b) => a[0] - b[0])) {
    const last = joined.at(-1)
    if (last !== undefined && from <= last[1]) joined[joined.length - 1] = [last[0], Math.max(last[1], to)]
    else joined.push([from, to])
  }
  return joined
}

/** What lies in both; each list rising and without overlaps. */
function common(a: readonly Interval[], b: readonly Interval[]): readonly Interval[] {
  return a.flatMap(([from, to]) =>
    b.flatMap(([begin, end]): Interval[] => {
      const [left, right] = [Math.max(from, begin), Math.min(to, end)]
      return left < right ? [[left, right]] : []
    }),
  )
}

function lengthOf(intervals: readonly Interval[]): number {
  return intervals.reduce((sum, [from, to]) => sum + to - from, 0)
}
