// The shapes of a feed as lines.

import { columnOf, type Feed, rowsOf } from '../runtime/gtfs-feed.ts'
import type { LonLat } from './village-geometry.ts'

/** Lines by shape_id, in the order of shape_pt_sequence. */
export function shapesOf(feed: Feed): Map<string, LonLat[]> {
  const id = columnOf(feed, 'shapes.txt', 'shape_id')
  const lat = columnOf(feed, 'shapes.txt', 'shape_pt_lat')
  const lon = columnOf(feed, 'shapes.txt', 'shape_pt_lon')
  const sequence = columnOf(feed, 'shapes.txt', 'shape_pt_sequence')
  const points = new Map<string, { at: number; place: LonLat }[]>()
  for (const row of rowsOf(feed, 'shapes.txt')) {
    const shape = points.get(id(row)) ?? []
    if (shape.length === 0) points.set(id(row), shape)
    shape.push({ at: Number(sequence(row)), place: [Number(lon(row)), Number(lat(row))] })
  }
  return new Map(
    [...points].map(([shape, line]) => [shape, line.sort((a, b) => a.at - b.at).map(({ place }) => place)]),
  )
}
