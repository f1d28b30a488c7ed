// Where the vehicles of a feed may be: within a mile of the box of its shapes and stops. A position elsewhere is a wrong one
// (GTFS-realtime validator E028).

import type { LatLon } from '../../domain/geo/geodesy.ts'
import { localPlane } from '../../domain/geo/local-plane.ts'
import type { GtfsFeed } from '../../domain/transit/gtfs.ts'

const MILE_M = 1_609

interface Box {
  readonly south: number
  readonly north: number
  readonly west: number
  readonly east: number
}

const boxes = new WeakMap<GtfsFeed, Box | null>()

/** Whether a place lies within a mile of the box of the feed's lines and stops; anywhere when the feed has none. */
export function isInServiceArea(feed: GtfsFeed, { lat, lon }: LatLon): boolean {
  const known = boxes.get(feed)
  const box = known === undefined ? boxOf(feed) : known
  if (known === undefined) boxes.set(feed, box)
  return box === null || (lat >= box.south && lat <= box.north && lon >= box.west && lon <= box.east)
}

function boxOf({ trips, stops }: GtfsFeed): Box | null {
  let [south, north, west, east] = [90, -90, 180, -180]
  const places = [...[...trips.values()].map(({ line }) => line.points), [...stops.values()]]
  for (const { lat, lon } of places.flat()) {
    south = Math.min(south, lat)
    north = Math.max(north, lat)
    west = Math.min(west, lon)
    east = Math.max(east, lon)
  }
  if (south > north) return null
  const corner = (origin: LatLon, metres: number): LatLon =>
    localPlane(origin).toLatLon({ x: metres, y: metres })
  const low = corner({ lat: south, lon: west }, -MILE_M)
  const high = corner({ lat: north, lon: east }, MILE_M)
  return { south: low.lat, west: low.lon, north: high.lat, east: high.lon }
}
