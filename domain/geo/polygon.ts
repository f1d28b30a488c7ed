// Whether a place lies in a boundary. Boundaries are GeoJSON (RFC 7946): positions are [lon, lat], the first ring of a polygon
// is its outside and the others are holes. Even-odd rule: a ray to the east crosses the rings an odd number of times.

import type { LatLon } from './geodesy.ts'

/** [lon, lat], an altitude beside them is not looked at. */
export type GeoPosition = readonly number[]
/** Closed: the last position repeats the first; an open one is closed in thought. */
export type GeoRing = readonly GeoPosition[]

export type GeoArea =
  | { readonly type: 'Polygon'; readonly coordinates: readonly GeoRing[] }
  | { readonly type: 'MultiPolygon'; readonly coordinates: readonly (readonly GeoRing[])[] }

/**
 * True inside the area and outside its holes. Of two areas that share an edge, a place on that edge belongs to exactly one
 * (an edge counts on its west and south side), so that neighbouring RW never count a place twice.
 */
export function isInArea(place: LatLon, area: GeoArea): boolean {
  if (area.type === 'Polygon') return isInRings(place, area.coordinates)
  return area.coordinates.some((rings) => isInRings(place, rings))
}

/** The same for one polygon's rings: outside first, then holes. */
export function isInRings(place: LatLon, rings: readonly GeoRing[]): boolean {
  let isInside = false
  for (const ring of rings) {
    let before = ring.at(-1)
    for (const position of ring) {
      if (before !== undefined && crosses(place, before, position)) isInside = !isInside
      before = position
    }
  }
  return isInside
}

/** Whether the edge crosses the ray from the place to the east. The edge's upper end is not part of it, so a corner counts once. */
function crosses({ lat, lon }: LatLon, from: GeoPosition, to: GeoPosition): boolean {
  const [fromLon = Number.NaN, fromLat = Number.NaN] = from
  const [toLon = Number.NaN, toLat = Number.NaN] = to
  if (fromLat > lat === toLat > lat) return false
  // Computed from the lower end whichever way the ring runs, so that two areas see one and the same edge.
  const [lowLon, lowLat, highLon, highLat] =
    fromLat < toLat ? [fromLon, fromLat, toLon, toLat] : [toLon, toLat, fromLon, fromLat]
  return lon < lowLon + ((lat - lowLat) / (highLat - lowLat)) * (highLon - lowLon)
}
