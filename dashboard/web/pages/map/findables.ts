// Everything on the map that has a name, for the search.

import type { Feature, Position } from 'geojson'
import { classOf, nameOf } from '../../map/base-map.ts'
import type { Findable } from '../../search.ts'
import { routes, stops } from '../../transit-plan.ts'
import type { MapState } from './map-state.ts'
import type { Stage } from './stage.ts'

export function* findables(state: MapState, stage: Stage | null): Generator<Findable> {
  for (const { id, properties } of state.store.devices.values()) {
    yield { target: `${properties.kind}:${id}`, kind: properties.kind, name: properties.name, also: '' }
  }
  for (const { id, name } of stops.values()) yield { target: `stop:${id}`, kind: 'stop', name, also: '' }
  for (const { id, shortName, longName } of routes.values()) {
    yield { target: `route:${id}`, kind: 'route', name: shortName, also: longName }
  }
  const seen = new Set<string>()
  for (const feature of stage?.base?.named ?? []) {
    const name = nameOf(feature) ?? ''
    const kind = classOf(feature) === 'street' || classOf(feature) === 'waterway' ? 'street' : 'place'
    const place = firstPosition(feature)
    if (place === null || seen.has(`${kind} ${name}`)) continue
    seen.add(`${kind} ${name}`)
    yield { target: `at:${place[1] ?? 0},${place[0] ?? 0}`, kind, name, also: '' }
  }
}

/** Of a line its middle point, of an area the first corner. */
function firstPosition({ geometry }: Feature): Position | null {
  switch (geometry.type) {
    case 'Point':
      return geometry.coordinates
    case 'LineString':
      return geometry.coordinates[Math.floor(geometry.coordinates.length / 2)] ?? null
    case 'Polygon':
      return geometry.coordinates[0]?.[0] ?? null
    case 'MultiPolygon':
      return geometry.coordinates[0]?.[0]?.[0] ?? null
    case 'MultiPoint':
    case 'MultiLineString':
    case 'GeometryCollection':
      return null
  }
}
