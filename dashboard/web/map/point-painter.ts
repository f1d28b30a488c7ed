// Draws one frame of all points: leaders, what stands still, clusters, vehicles on top. Allocates nothing for a point.

import { type Camera, isInBox, pixelX, pixelY } from './camera.ts'
import { areTooMany, type Dots } from './dots.ts'
import { type MarkerGroups, radiusOf, type ShownCluster } from './marker-groups.ts'
import type { PointTable } from './point-table.ts'
import { metresPerUnit } from './route-line.ts'
import type { Sprite, Sprites } from './sprites.ts'

/** Points of this order and above are drawn over clusters. */
export const VEHICLE_ORDER = 9
const MARGIN = 60
/** A vehicle farther than this behind its fix shows where the fix is. */
const BEHIND_M = 30
/** Nearer than this the marker lies over it. */
const HIDDEN_PX = 8
/** A marker moved less than this needs no line to its place. */
const LEADER_PX = 8

export interface Scene {
  readonly table: PointTable
  readonly groups: MarkerGroups
  readonly sprites: Sprites
  readonly dots: Dots
}

export function paintPoints(context: CanvasRenderingContext2D, camera: Camera, scene: Scene): void {
  const { table, groups, sprites, dots } = scene
  if (areTooMany(camera, table)) {
    dots.paint(context, camera, table, sprites.palette, sprites.ratio)
    context.setTransform(sprites.ratio, 0, 0, sprites.ratio, 0, 0)
    for (const cluster of groups.clusters) paintCluster(context, camera, sprites, cluster)
    return
  }
  context.setTransform(sprites.ratio, 0, 0, sprites.ratio, 0, 0)
  context.clearRect(0, 0, camera.width, camera.height)
  paintLeaders(context, camera, scene)
  const order = table.order()
  let next = 0
  while (next < order.length && (table.points[order[next] ?? 0]?.order ?? 0) < VEHICLE_ORDER) {
    paintPoint(context, camera, scene, order[next] ?? 0)
    next += 1
  }
  for (const cluster of groups.clusters) paintCluster(context, camera, sprites, cluster)
  for (; next < order.length; next += 1) paintPoint(context, camera, scene, order[next] ?? 0)
}

function paintPoint(context: CanvasRenderingContext2D, camera: Camera, scene: Scene, slot: number): void {
  const { table, sprites } = scene
  if (table.hidden[slot] === 1) return
  const x = pixelX(camera, table.shownXs[slot] ?? 0) + (table.offsetXs[slot] ?? 0)
  const y = pixelY(camera, table.shownYs[slot] ?? 0) + (table.offsetYs[slot] ?? 0)
  if (!isInBox(camera, x, y, MARGIN)) return
  const point = table.points[slot]
  if (point == null) return
  if (point.fixTime !== null) paintFix(context, camera, scene, slot, point.lat)
  const sprite = sprites.get(point.spec)
  paintSprite(context, sprite, sprites.ratio, x, y - sprite.height / 2)
  if (point.badge !== null)
    paintSprite(context, sprites.badge(point.badge), sprites.ratio, x, y + radiusOf(point.spec) + 2)
}

function paintSprite(
  context: CanvasRenderingContext2D,
  sprite: Sprite,
  ratio: number,
  middle: number,
  top: number,
): void {
  // On whole pixels of the device: between them every pixel would have to be interpolated.
  const left = Math.round((middle - sprite.width / 2) * ratio) / ratio
  context.drawImage(sprite.image, left, Math.round(top * ratio) / ratio, sprite.width, sprite.height)
}

/** A hollow dot at the true last fix, while the marker is well behind it. */
function paintFix(
  context: CanvasRenderingContext2D,
  camera: Camera,
  { table, sprites }: Scene,
  slot: number,
  lat: number,
): void {
  const dx = (table.xs[slot] ?? 0) - (table.shownXs[slot] ?? 0)
  const dy = (table.ys[slot] ?? 0) - (table.shownYs[slot] ?? 0)
  if (dx === 0 && dy === 0) return
  const behind = Math.hypot(dx, dy)
  // Under the marker itself it would not be seen.
  if (behind * metresPerUnit(lat) <= BEHIND_M || behind * camera.scale < HIDDEN_PX) return
  context.beginPath()
  context.arc(pixelX(camera, table.xs[slot] ?? 0), pixelY(camera, table.ys[slot] ?? 0), 4, 0, Math.PI * 2)
  context.lineWidth = 4
  context.strokeStyle = sprites.palette.halo
  context.stroke()
  context.lineWidth = 2
  context.strokeStyle = sprites.palette.ring
  context.stroke()
}

function paintCluster(
  context: CanvasRenderingContext2D,
  camera: Camera,
  sprites: Sprites,
  cluster: ShownCluster,
): void {
  const x = pixelX(camera, cluster.x) + cluster.offsetX
  const y = pixelY(camera, cluster.y) + cluster.offsetY
  if (!isInBox(camera, x, y, MARGIN)) return
  const sprite = sprites.get(cluster.spec)
  paintSprite(context, sprite, sprites.ratio, x, y - sprite.height / 2)
}

/** From markers that were moved aside to their true places. */
function paintLeaders(context: CanvasRenderingContext2D, camera: Camera, { table, sprites }: Scene): void {
  context.strokeStyle = sprites.palette.muted
  context.fillStyle = sprites.palette.ink
  context.lineWidth = 1.2
  for (const slot of table.order()) {
    const [dx, dy] = [table.offsetXs[slot] ?? 0, table.offsetYs[slot] ?? 0]
    if (table.hidden[slot] === 1 || dx * dx + dy * dy < LEADER_PX * LEADER_PX) continue
    const [x, y] = [pixelX(camera, table.shownXs[slot] ?? 0), pixelY(camera, table.shownYs[slot] ?? 0)]
    if (!isInBox(camera, x, y, MARGIN)) continue
    context.beginPath()
    context.moveTo(x, y)
    context.lineTo(x + dx, y + dy)
    context.stroke()
    context.beginPath()
    context.arc(x, y, 2, 0, Math.PI * 2)
    context.fill()
  }
}
