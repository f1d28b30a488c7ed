// What is wrong with a GeoJSON file of a village (RFC 7946). Strict where the map would break or lie: types, positions
// within WGS 84 and in the order longitude, latitude, rings closed. Foreign members are left alone.

import { shown } from './schema-faults.ts'

const DEPTHS: Readonly<Record<string, number>> = {
  Point: 0,
  MultiPoint: 1,
  LineString: 1,
  MultiLineString: 2,
  Polygon: 2,
  MultiPolygon: 3,
}

/** Faults of a value that should be a FeatureCollection, at most one a feature, each with its place; none when it is one. */
export function geojsonFaults(value: unknown): string[] {
  if (!isObject(value)) return [`the file is ${shown(value)}; a GeoJSON file is an object`]
  if (value['type'] !== 'FeatureCollection') {
    return [`type is ${shown(value['type'])}; a village's GeoJSON file is a FeatureCollection`]
  }
  const features = value['features']
  if (!Array.isArray(features)) return [`features is ${shown(features)}; features are a list`]
  return features.flatMap((feature: unknown, index) => featureFault(feature, `features[${index}]`) ?? [])
}

/** Geometry types that occur in a FeatureCollection that has no faults. */
export function geometryTypes(value: {
  readonly features: readonly { readonly geometry: { readonly type: string } }[]
}): Set<string> {
  return new Set(value.features.map((feature) => feature.geometry.type))
}

function featureFault(feature: unknown, place: string): string | null {
  if (!isObject(feature) || feature['type'] !== 'Feature')
    return `${place} is ${shown(feature)}; a feature has type "Feature"`
  const properties = feature['properties']
  if (properties !== null && !isObject(properties)) {
    return `${place}.properties is ${shown(properties)}; properties are an object or null`
  }
  const geometry = feature['geometry']
  if (!isObject(geometry))
    return `${place}.geometry is ${shown(geometry)}; a feature of a village has a geometry`
  const type = geometry['type']
  const depth = typeof type === 'string' && Object.hasOwn(DEPTHS, type) ? DEPTHS[type] : undefined
  if (depth === undefined) {
    return `${place}.geometry.type is ${shown(type)}; a geometry is ${Object.keys(DEPTHS).join(', ')}`
  }
  const coordinates = geometry['coordinates']
  const at = `${place}.geometry.coordinates`
  return nestedFault(coordinates, depth, at) ?? shapeFault(String(type), coordinates, at)
}

function nestedFault(value: unknown, depth: number, place: string): string | null {
  if (depth === 0) return positionFault(value, place)
  if (!Array.isArray(value) || value.length === 0)
    return `${place} is ${shown(value)}; coordinates are a list that is not empty`
  for (const [index, part] of value.entries()) {
    const fault = nestedFault(part, depth - 1, `${place}[${index}]`)
    if (fault !== null) return fault
  }
  return null
}

function positionFault(value: unknown, place: string): string | null {
  const wrong = `${place} is ${shown(value)}; a position is [longitude, latitude] in degrees`
  if (!Array.isArray(value) || value.length < 2 || value.length > 3) return wrong
  const [lon, lat] = value as unknown[]
  if (typeof lon !== 'number' || typeof lat !== 'number') return wrong
  if (Math.abs(lat) > 90 && Math.abs(lat) <= 180 && Math.abs(lon) <= 90)
    return `${wrong} (the two look swapped)`
  return Math.abs(lon) <= 180 && Math.abs(lat) <= 90 ? null : wrong
}

/** Least lengths and closed rings (RFC 7946 section 3.1.4 and 3.1.6); nesting is known to be right. */
function shapeFault(type: string, coordinates: unknown, place: string): string | null {
  const lines = type === 'LineString' ? [coordinates] : type === 'MultiLineString' ? coordinates : []
  for (const line of lines as unknown[][]) {
    if (line.length < 2) return `${place} holds a line of one position; a line has two or more`
  }
  const polygons = type === 'Polygon' ? [coordinates] : type === 'MultiPolygon' ? coordinates : []
  for (const ring of (polygons as number[][][][]).flat()) {
    const [first, last] = [ring[0], ring.at(-1)]
    const isClosed = first?.[0] === last?.[0] && first?.[1] === last?.[1]
    if (ring.length < 4 || !isClosed) {
      return `${place} holds a ring from ${shown(first)} to ${shown(last)} of ${ring.length} positions; a ring has four or more and ends where it begins`
    }
  }
  return null
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
