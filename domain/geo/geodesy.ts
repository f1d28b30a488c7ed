// Distances and bearings on the mean sphere (domain C5): up to 0.56 % off the WGS 84 ellipsoid, which no rule here minds.

export interface LatLon {
  /** Degrees, north positive. */
  readonly lat: number
  /** Degrees, east positive. */
  readonly lon: number
}

export const EARTH_RADIUS_M = 6_371_008.8
export const RADIANS = Math.PI / 180

/** Great-circle distance in metres (haversine). */
export function haversineM(a: LatLon, b: LatLon): number {
  const sinLat = Math.sin(((b.lat - a.lat) * RADIANS) / 2)
  const sinLon = Math.sin(((b.lon - a.lon) * RADIANS) / 2)
  const h = sinLat ** 2 + Math.cos(a.lat * RADIANS) * Math.cos(b.lat * RADIANS) * sinLon ** 2
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)))
}

/** Initial bearing from a to b, degrees from true north, 0 to 360. */
export function bearingDeg(a: LatLon, b: LatLon): number {
  const [lat1, lat2] = [a.lat * RADIANS, b.lat * RADIANS]
  const lon = (b.lon - a.lon) * RADIANS
  const y = Math.sin(lon) * Math.cos(lat2)
  const x = Math.cos(lat1) * Math.sin(lat2) - Math.sin(lat1) * Math.cos(lat2) * Math.cos(lon)
  return (Math.atan2(y, x) / RADIANS + 360) % 360
}
