// The base map's areas and waters out of public boundary and waterway files: only what the map shows, five decimals,
// borders that two areas share simplified once, so that no slivers open between them.

import type { Feature, FeatureCollection, MultiPolygon, Polygon, Position } from 'geojson'
import {
  type Box,
  type LonLat,
  type Plane,
  partsInBox,
  planeAt,
  rounded,
  simplifyLine,
  type Xy,
} from './village-geometry.ts'

const SIMPLIFY_M = 1

/** Codes of the areas by name, of the other register (Kemendagri); names are compared by their letters alone. */
export type CodesByName = ReadonlyMap<string, string>

/** `Jati Pulo` and `Jatipulo` are one place in two registers. */
export function lettersOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z]/g, '')
}

/** What both registers say of an area, each code with the name of its register: bare numbers of the two collide. */
function propertiesOf(feature: Feature, kind: string, kemendagri: CodesByName): Record<string, string> {
  const property = (name: string): string => String(feature.properties?.[name] ?? '')
  const other = kemendagri.get(lettersOf(property('village')))
  return {
    class: kind,
    name: property('village'),
    district: property('district'),
    city: property('regency').replace(/^Kota /, ''),
    code_bps: `bps:${property('village_code').replace(/^id/, '')}`,
    ...(other === undefined ? {} : { code_kemendagri: `kemendagri:${other}` }),
  }
}

/**
 * From areas of the BPS register (properties of JfrAziz/indonesia-district): the one with `code` as `boundary`, the others as
 * `neighbours`. Null when there is no area of that code.
 */
export function areasOf(
  source: FeatureCollection,
  code: string,
  kemendagri: CodesByName,
): { boundary: FeatureCollection; neighbours: FeatureCollection } | null {
  const own = source.features.find((feature) => feature.properties?.['village_code'] === code)
  if (own === undefined) return null
  const [lon = 0, lat = 0] = firstPosition(own)
  const simplified = simplifyShared(source.features.filter(isArea), planeAt(lat, lon))
  const build = (kind: string, wanted: (feature: Feature) => boolean): FeatureCollection => ({
    type: 'FeatureCollection',
    features: simplified
      .filter(wanted)
      .map((feature) => ({ ...feature, properties: propertiesOf(feature, kind, kemendagri) })),
  })
  const isOwn = (feature: Feature): boolean => feature.properties?.['village_code'] === code
  return { boundary: build('boundary', isOwn), neighbours: build('kelurahan', (feature) => !isOwn(feature)) }
}

type Area = Feature<Polygon | MultiPolygon>

function isArea(feature: Feature): feature is Area {
  return feature.geometry.type === 'Polygon' || feature.geometry.type === 'MultiPolygon'
}

function ringsOf(area: Area): Position[][][] {
  return area.geometry.type === 'Polygon' ? [area.geometry.coordinates] : area.geometry.coordinates
}

function firstPosition(feature: Feature): Position {
  return isArea(feature) ? (ringsOf(feature)[0]?.[0]?.[0] ?? []) : []
}

/**
 * Rings are cut where areas meet, and each piece is simplified in one direction whichever area it is read from: both sides of
 * a border stay the same line (the idea of TopoJSON's arcs).
 */
function simplifyShared(areas: readonly Area[], plane: Plane): Area[] {
  const key = ([lon, lat]: Position): string => `${lon},${lat}`
  const neighbours = new Map<string, Set<string>>()
  for (const ring of areas.flatMap((area) => ringsOf(area).flat())) {
    for (const [index, place] of ring.slice(1).entries()) {
      const before = ring[index]
      if (before === undefined || key(before) === key(place)) continue
      for (const [one, other] of [
        [before, place],
        [place, before],
      ] as const) {
        const known = neighbours.get(key(one)) ?? new Set()
        neighbours.set(key(one), known.add(key(other)))
      }
    }
  }
  const isJunction = (place: Position): boolean => (neighbours.get(key(place))?.size ?? 0) > 2
  return areas.map((area) => ({
    ...area,
    geometry: {
      type: 'MultiPolygon',
      coordinates: ringsOf(area).map((polygon) =>
        polygon.map((ring) => simplifyRing(ring, isJunction, plane)),
      ),
    },
  }))
}

function simplifyRing(
  ring: readonly Position[],
  isJunction: (place: Position) => boolean,
  plane: Plane,
): Position[] {
  const open = ring.slice(0, -1)
  const start = Math.max(0, open.findIndex(isJunction))
  const turned = [...open.slice(start), ...open.slice(0, start)]
  const closed = turned[0] === undefined ? turned : [...turned, turned[0]]
  const simplified: LonLat[] = []
  let piece: LonLat[] = []
  for (const [index, place] of closed.entries()) {
    const here: LonLat = [place[0] ?? 0, place[1] ?? 0]
    piece.push(here)
    if (piece.length < 2 || !(isJunction(place) || index === closed.length - 1)) continue
    simplified.push(...simplifyPiece(piece, plane).slice(simplified.length === 0 ? 0 : 1))
    piece = [here]
  }
  const corners = simplified.map(rounded)
  // A ring that is smaller than the tolerance keeps its corners.
  return corners.length >= 4 ? corners : closed.map((place) => rounded([place[0] ?? 0, place[1] ?? 0]))
}

function simplifyPiece(piece: readonly LonLat[], plane: Plane): LonLat[] {
  const [first = [0, 0], last = [0, 0]] = [piece[0], piece.at(-1)]
  const isForward = first[0] < last[0] || (first[0] === last[0] && first[1] <= last[1])
  const line: Xy[] = (isForward ? piece : [...piece].reverse()).map((place) => plane.toXy(place))
  // A ring without junctions is one piece whose ends are one place: halves have a length to measure from.
  const half = Math.floor(line.length / 2)
  const isClosed = first[0] === last[0] && first[1] === last[1]
  const kept = isClosed
    ? [
        ...simplifyLine(line.slice(0, half + 1), SIMPLIFY_M),
        ...simplifyLine(line.slice(half), SIMPLIFY_M).slice(1),
      ]
    : simplifyLine(line, SIMPLIFY_M)
  const places = kept.map((point) => plane.toLonLat(point))
  return isForward ? places : places.reverse()
}

/** Lines of rivers and canals within `box`: `class` "waterway", `rank` "major" for floodways and the Ciliwung, `name`. */
export function waterwaysOf(source: FeatureCollection, box: Box): FeatureCollection {
  const plane = planeAt((box[1] + box[3]) / 2, (box[0] + box[2]) / 2)
  const features = source.features.flatMap((feature): Feature[] => {
    const { geometry } = feature
    const lines =
      geometry.type === 'LineString'
        ? [geometry.coordinates]
        : geometry.type === 'MultiLineString'
          ? geometry.coordinates
          : []
    const name = String(feature.properties?.['name'] ?? '')
    return lines
      .flatMap((line) =>
        partsInBox(
          line.map((place): LonLat => [place[0] ?? 0, place[1] ?? 0]),
          box,
        ),
      )
      .map((part) => ({
        type: 'Feature',
        properties: {
          class: 'waterway',
          rank: /^Kanal Banjir|^(Kali|Sungai) Ciliwung/.test(name) ? 'major' : 'minor',
          ...(name === '' ? {} : { name }),
        },
        geometry: {
          type: 'LineString',
          coordinates: simplifyLine(
            part.map((place) => plane.toXy(place)),
            SIMPLIFY_M,
          ).map((point) => rounded(plane.toLonLat(point))),
        },
      }))
  })
  return { type: 'FeatureCollection', features }
}
