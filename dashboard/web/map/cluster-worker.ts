// Groups near points off the page's thread: an index a layer, built anew when devices come or go.

import Supercluster from 'supercluster'
import type { FromWorker, ToWorker } from './cluster-message.ts'

/** What of a worker's scope is used; the page's types do not hold it. */
interface Scope {
  postMessage(message: FromWorker): void
  addEventListener(type: 'message', listener: (event: MessageEvent<ToWorker>) => void): void
}

interface Place {
  readonly index: number
}

const scope = globalThis as unknown as Scope
/** Clusters end at 16, where markers have room. */
const LAST_CLUSTERED_ZOOM = 15
const RADIUS_PX = 52

let version = 0
let indices: readonly { readonly id: string; readonly index: Supercluster<Place> }[] = []

scope.addEventListener('message', ({ data }) => {
  if (data.type === 'index') {
    version = data.version
    indices = data.layers.map(({ id, places }) => ({ id, index: indexOf(places) }))
    return
  }
  const { token, bbox, zoom } = data
  const layers = indices.map(({ id, index }) => ({ id, clusters: clustersOf(index, bbox, zoom) }))
  scope.postMessage({ token, version, layers })
})

function indexOf(places: Float64Array): Supercluster<Place> {
  const index = new Supercluster<Place>({
    radius: RADIUS_PX,
    extent: 256,
    maxZoom: LAST_CLUSTERED_ZOOM,
    minPoints: 2,
  })
  const features = Array.from({ length: places.length / 2 }, (_, place) => ({
    type: 'Feature' as const,
    geometry: { type: 'Point' as const, coordinates: [places[2 * place] ?? 0, places[2 * place + 1] ?? 0] },
    properties: { index: place },
  }))
  return index.load(features)
}

function clustersOf(
  index: Supercluster<Place>,
  bbox: readonly [number, number, number, number],
  zoom: number,
): FromWorker['layers'][number]['clusters'] {
  return index.getClusters([...bbox], Math.round(zoom)).flatMap((found) => {
    const { properties, geometry } = found
    if (!('cluster' in properties)) return []
    const [lon = 0, lat = 0] = geometry.coordinates
    const leaves = index.getLeaves(Number(properties.cluster_id), Number.POSITIVE_INFINITY)
    return [{ lon, lat, members: leaves.map((leaf) => leaf.properties.index) }]
  })
}
