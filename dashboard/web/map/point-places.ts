// Where points and clusters were drawn last, in px of the map's box: what a press hits, what a ring goes around, what labels keep clear of.

import { type Camera, isInBox, pixelX, pixelY } from './camera.ts'
import type { Cluster } from './clusters.ts'
import { HitGrid } from './hit-grid.ts'
import { CLUSTER_RADIUS, type MarkerGroups, radiusOf, type ShownCluster } from './marker-groups.ts'
import type { PointTable } from './point-table.ts'

export type Hit =
  | { readonly type: 'point'; readonly id: string }
  | { readonly type: 'cluster'; readonly cluster: Cluster }

export interface Placed {
  /** In the map's box, px. */
  readonly x: number
  readonly y: number
  readonly radius: number
  /** Id and label of a point; null of a cluster. */
  readonly id: string | null
  readonly label: string | null
}

export class PointPlaces {
  readonly #table: PointTable
  readonly #groups: MarkerGroups
  #camera: Camera | null = null
  #grid: { readonly grid: HitGrid; readonly hits: readonly (number | ShownCluster)[] } | null = null

  constructor(table: PointTable, groups: MarkerGroups) {
    this.#table = table
    this.#groups = groups
  }

  /** A frame was drawn as that camera sees it. */
  drawn(camera: Camera): void {
    this.#camera = camera
    this.#grid = null
  }

  /** Where a point, or the cluster that stands for it, is drawn now, in the map's box; null when it is not there. */
  placeOf(id: string): { readonly x: number; readonly y: number; readonly radius: number } | null {
    const slot = this.#table.slotOf(id)
    const camera = this.#camera
    if (slot === undefined || camera === null) return null
    const cluster = this.#table.hidden[slot] === 1 ? this.#groups.clusterOf(id) : null
    if (cluster !== null) return placeOfCluster(camera, cluster)
    const spec = this.#table.points[slot]?.spec
    return { ...this.#pixelsOf(camera, slot), radius: spec === undefined ? 0 : radiusOf(spec) }
  }

  /** What is drawn within `radius` px of that place of the map's box. */
  hitAt(x: number, y: number, radius: number): Hit | null {
    this.#grid ??= this.#buildGrid()
    const index = this.#grid.grid.nearest(x, y, radius)
    const hit = index === null ? undefined : this.#grid.hits[index]
    if (hit === undefined) return null
    if (typeof hit !== 'number') return { type: 'cluster', cluster: hit }
    const id = this.#table.points[hit]?.id
    return id === undefined ? null : { type: 'point', id }
  }

  /** What is drawn in view and stands still: labels keep clear of it. */
  placed(): readonly Placed[] {
    const table = this.#table
    const camera = this.#camera
    if (camera === null) return []
    const points = table.order().flatMap((slot) => {
      const point = table.points[slot]
      if (point == null || table.hidden[slot] === 1 || point.fixTime !== null) return []
      const place = this.#pixelsOf(camera, slot)
      if (!isInBox(camera, place.x, place.y, 0)) return []
      return [{ ...place, radius: radiusOf(point.spec), id: point.id, label: point.label }]
    })
    const clusters = this.#groups.clusters.map((cluster) => ({
      ...placeOfCluster(camera, cluster),
      id: null,
      label: null,
    }))
    return [...points, ...clusters]
  }

  #pixelsOf(camera: Camera, slot: number): { readonly x: number; readonly y: number } {
    const table = this.#table
    return {
      x: pixelX(camera, table.shownXs[slot] ?? 0) + (table.offsetXs[slot] ?? 0),
      y: pixelY(camera, table.shownYs[slot] ?? 0) + (table.offsetYs[slot] ?? 0),
    }
  }

  #buildGrid(): { readonly grid: HitGrid; readonly hits: readonly (number | ShownCluster)[] } {
    const grid = new HitGrid()
    const hits: (number | ShownCluster)[] = []
    const camera = this.#camera
    if (camera === null) return { grid, hits }
    const add = ({ x, y }: { readonly x: number; readonly y: number }, hit: number | ShownCluster): void => {
      if (!isInBox(camera, x, y, 0)) return
      grid.add(x, y)
      hits.push(hit)
    }
    for (const slot of this.#table.order()) {
      if (this.#table.hidden[slot] !== 1) add(this.#pixelsOf(camera, slot), slot)
    }
    for (const cluster of this.#groups.clusters) add(placeOfCluster(camera, cluster), cluster)
    return { grid, hits }
  }
}

function placeOfCluster(camera: Camera, cluster: ShownCluster) {
  return {
    x: pixelX(camera, cluster.x) + cluster.offsetX,
    y: pixelY(camera, cluster.y) + cluster.offsetY,
    radius: CLUSTER_RADIUS,
  }
}
