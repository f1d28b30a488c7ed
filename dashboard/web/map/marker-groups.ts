// Which markers stand for themselves and which are drawn as one, and how far those that lie on each other are moved apart.
// Worked out when the map comes to rest, not in frames.

import { CRS, latLng } from 'leaflet'
import { severityOf } from '../air-index.ts'
import { type Camera, isInBox, pixelX, pixelY } from './camera.ts'
import type { Cluster, ClusterPlace } from './clusters.ts'
import type { PointTable } from './point-table.ts'
import { spreadMarkers } from './spread.ts'
import type { SpriteSpec } from './sprite-spec.ts'

export interface ShownCluster extends Cluster {
  /** World map at zoom 0. */
  readonly x: number
  readonly y: number
  /** px by which it is moved off others. */
  offsetX: number
  offsetY: number
  spec: SpriteSpec
}

export const CLUSTER_RADIUS = 24
/** More markers than this in one view are not spread: the view is crowded whatever is done. */
const MOST_SPREAD = 700
const MARGIN = 200

export class MarkerGroups {
  clusters: readonly ShownCluster[] = []
  readonly #table: PointTable

  constructor(table: PointTable) {
    this.#table = table
  }

  /** Takes over the clusters of a view; none means that every marker stands for itself. */
  show(clusters: readonly Cluster[], camera: Camera): void {
    const table = this.#table
    table.hidden.fill(0)
    this.clusters = clusters.map((cluster) => {
      const { x, y } = CRS.EPSG3857.latLngToPoint(latLng(cluster.lat, cluster.lon), 0)
      for (const id of cluster.members) {
        const slot = table.slotOf(id)
        if (slot !== undefined) table.hidden[slot] = 1
      }
      return { ...cluster, x, y, offsetX: 0, offsetY: 0, spec: this.#specOf(cluster) }
    })
    this.#spread(camera)
  }

  /** States of members changed: rings and glyphs of clusters follow. */
  restyle(): void {
    for (const cluster of this.clusters) cluster.spec = this.#specOf(cluster)
  }

  clusterOf(id: string): ShownCluster | null {
    return this.clusters.find(({ members }) => members.includes(id)) ?? null
  }

  /** Whether there is anything that may be clustered. */
  hasPlaces(): boolean {
    return this.#table.points.some((point) => point?.clusterLayer != null)
  }

  /** What may be clustered, for the worker. */
  places(): readonly ClusterPlace[] {
    return this.#table.points.flatMap((point) =>
      point?.clusterLayer == null
        ? []
        : [{ id: point.id, layer: point.clusterLayer, lat: point.lat, lon: point.lon }],
    )
  }

  #specOf({ layer, members }: Cluster): SpriteSpec {
    const counts = new Map<string, number>()
    for (const id of members) {
      const slot = this.#table.slotOf(id)
      const key = slot === undefined ? undefined : this.#table.points[slot]?.clusterKey
      if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    const segments = [...counts].sort(([a], [b]) => badness(b) - badness(a))
    return { shape: 'cluster', layer, count: members.length, segments }
  }

  #spread(camera: Camera): void {
    const table = this.#table
    table.offsetXs.fill(0)
    table.offsetYs.fill(0)
    const items: { x: number; y: number; radius: number; target: number | ShownCluster }[] = []
    const add = (worldX: number, worldY: number, radius: number, target: number | ShownCluster): void => {
      const [x, y] = [pixelX(camera, worldX), pixelY(camera, worldY)]
      if (isInBox(camera, x, y, MARGIN)) items.push({ x, y, radius, target })
    }
    for (const slot of table.order()) {
      const point = table.points[slot]
      if (point == null || table.hidden[slot] === 1 || point.fixTime !== null) continue
      if (point.spec.shape === 'stop' || point.spec.shape === 'place') continue
      add(table.xs[slot] ?? 0, table.ys[slot] ?? 0, radiusOf(point.spec), slot)
    }
    for (const cluster of this.clusters) add(cluster.x, cluster.y, CLUSTER_RADIUS, cluster)
    if (items.length > MOST_SPREAD) return
    const moved = spreadMarkers(items)
    items.forEach(({ target }, index) => {
      const [x, y] = [Math.round(moved[2 * index] ?? 0), Math.round(moved[2 * index + 1] ?? 0)]
      if (typeof target === 'number') {
        table.offsetXs[target] = x
        table.offsetYs[target] = y
      } else {
        target.offsetX = x
        target.offsetY = y
      }
    })
  }
}

/** px from the middle of a marker to its edge. */
export function radiusOf(spec: SpriteSpec): number {
  switch (spec.shape) {
    case 'hotspot':
      return 16
    case 'station':
      return 20
    case 'water':
    case 'noise':
      return 19
    case 'vehicle':
      return 13
    case 'stop':
      return 5
    case 'place':
      return 13
    case 'cluster':
      return CLUSTER_RADIUS
  }
}

const STATE_BADNESS: Readonly<Record<string, number>> = {
  down: 50,
  degraded: 40,
  unknown: 30,
  maintenance: 20,
  up: 10,
  none: 5,
}

/** Always the worst present. */
function badness(key: string): number {
  return STATE_BADNESS[key] ?? 10 + severityOf(key)
}
