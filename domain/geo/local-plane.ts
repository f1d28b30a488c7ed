// A flat map around one place, in metres (domain C5): areas, discs and grids of a village are counted on it. Around 6 degrees
// south a distance from the origin errs by 0.003 m at 1 km, 0.08 m at 5 km and 1.3 m at 20 km.

import { EARTH_RADIUS_M, type LatLon, RADIANS } from './geodesy.ts'

export interface PlanePoint {
  /** Metres east of the origin. */
  readonly x: number
  /** Metres north of the origin. */
  readonly y: number
}

export interface LocalPlane {
  toPlane(place: LatLon): PlanePoint
  toLatLon(point: PlanePoint): LatLon
}

/** The plane that touches the mean sphere at `origin`: x = R dlon cos(lat0), y = R dlat. It does not reach over the poles. */
export function localPlane(origin: LatLon): LocalPlane {
  const metresNorth = (EARTH_RADIUS_M * Math.PI) / 180
  const metresEast = metresNorth * Math.cos(origin.lat * RADIANS)
  return {
    toPlane: ({ lat, lon }) => ({
      x: shortestTurn(lon - origin.lon) * metresEast,
      y: (lat - origin.lat) * metresNorth,
    }),
    toLatLon: ({ x, y }) => ({
      lat: origin.lat + y / metresNorth,
      lon: shortestTurn(origin.lon + x / metresEast),
    }),
  }
}

/** The angle within [-180, 180): a village may lie on both sides of the 180th meridian. */
function shortestTurn(degrees: number): number {
  return degrees >= -180 && degrees < 180 ? degrees : ((((degrees + 180) % 360) + 360) % 360) - 180
}
