// Streets out of bus shapes, for a base map that needs no other source than the feed: each pattern digitises its streets
// anew, so the raw lines lie in bundles, which `village-merge.ts` draws together.

import type { Feature, FeatureCollection, LineString } from 'geojson'
import { columnOf, type Feed, rowsOf } from '../runtime/gtfs-feed.ts'
import {
  type Box,
  type LonLat,
  lineDistanceM,
  type Plane,
  partsInBox,
  planeAt,
  rounded,
  simplifyLine,
  type Xy,
} from './village-geometry.ts'
import { mergeRuns, type Run } from './village-merge.ts'
import { shapesOf } from './village-shapes.ts'

const SIMPLIFY_M = 1.5
/** A street takes a name whose line runs within this distance of it. */
const NAME_M = 30
/** So many routes make a street a major one. */
const MAJOR_ROUTES = 4

/** A street's name and roughly where it runs, [longitude, latitude]. */
export interface StreetName {
  readonly name: string
  readonly line: readonly LonLat[]
}

/**
 * Lines of the streets in `box` that the feed's buses use: `class` "street", `rank` "major" where bus rapid transit or four
 * routes or more run, else "minor", `name` where `names` has one. Minor ones come first, so that they lie below.
 */
export function streetsOf(feed: Feed, box: Box, names: readonly StreetName[]): FeatureCollection {
  const plane = planeAt((box[1] + box[3]) / 2, (box[0] + box[2]) / 2)
  const trunks = trunkRoutes(feed)
  const named = names.map(({ name, line }) => ({ name, line: line.map((place) => plane.toXy(place)) }))
  const features = mergeRuns(runsIn(feed, box, plane, trunks), trunks).map((run): Feature<LineString> => {
    const isMajor = run.isTrunk || run.routes.length >= MAJOR_ROUTES
    const name = nameOf(run.line, named)
    return {
      type: 'Feature',
      properties: { class: 'street', rank: isMajor ? 'major' : 'minor', ...(name === null ? {} : { name }) },
      geometry: {
        type: 'LineString',
        coordinates: simplifyLine(run.line, SIMPLIFY_M).map((point) => rounded(plane.toLonLat(point))),
      },
    }
  })
  const rank = (feature: Feature): number => (feature.properties?.['rank'] === 'major' ? 1 : 0)
  return { type: 'FeatureCollection', features: features.sort((a, b) => rank(a) - rank(b)) }
}

/** Routes of bus rapid transit: TransJakarta says so in `route_desc`. */
function trunkRoutes(feed: Feed): Set<string> {
  const [id, description] = [
    columnOf(feed, 'routes.txt', 'route_id'),
    columnOf(feed, 'routes.txt', 'route_desc'),
  ]
  return new Set(
    rowsOf(feed, 'routes.txt')
      .filter((row) => description(row) === 'BRT')
      .map(id),
  )
}

function runsIn(feed: Feed, box: Box, plane: Plane, trunks: ReadonlySet<string>): Run[] {
  const shapes = shapesOf(feed)
  const [routeOf, shapeOf] = [
    columnOf(feed, 'trips.txt', 'route_id'),
    columnOf(feed, 'trips.txt', 'shape_id'),
  ]
  return rowsOf(feed, 'trips.txt').flatMap((row) => {
    const route = routeOf(row)
    return partsInBox(shapes.get(shapeOf(row)) ?? [], box).map((part) => ({
      routes: [route],
      isTrunk: trunks.has(route),
      line: part.map((place) => plane.toXy(place)),
    }))
  })
}

/** The name whose line is near every third of the street; null when none is. */
function nameOf(line: readonly Xy[], names: readonly { name: string; line: readonly Xy[] }[]): string | null {
  const probes = [0.25, 0.5, 0.75].map(
    (share) => line[Math.floor((line.length - 1) * share)] ?? ([0, 0] as Xy),
  )
  let best: string | null = null
  let bestM = NAME_M
  for (const entry of names) {
    const offM = Math.max(...probes.map((probe) => lineDistanceM(probe, entry.line)))
    if (offM < bestM) [best, bestM] = [entry.name, offM]
  }
  return best
}
