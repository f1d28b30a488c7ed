// A vehicle: a pill with the route's name and a nose in the direction of travel.

import { inkOn } from './palette.ts'
import { DASHES, drawHollow, drawOutlined, drawText, textWidth } from './sprite-outline.ts'
import type { SpriteSpec } from './sprite-spec.ts'
import { type Look, newCanvas } from './sprites.ts'

const HALF_HEIGHT = 9.5
const TEXT_SIZE = 11
export const HEADINGS = 24

const widths = new Map<string, number>()
let measuring: CanvasRenderingContext2D | null = null

const NOSE = 6
/** Ring and halo, on both sides. */
const EDGES = 9

/** Width and height of the whole sprite: no wider than its nose needs, since every pixel is blended each frame. */
export function vehicleSize(spec: Extract<SpriteSpec, { shape: 'vehicle' }>): readonly [number, number] {
  const angle = spec.heading === null ? null : (spec.heading / HEADINGS) * Math.PI * 2
  const [x, y] = angle === null ? [0, 0] : [Math.abs(Math.sin(angle)), Math.abs(Math.cos(angle))]
  return [
    Math.ceil(vehicleWidth(spec.text)) + EDGES + 2 * Math.ceil(x * (NOSE + 1)),
    2 * Math.ceil(HALF_HEIGHT) + EDGES + 2 * Math.ceil(y * (NOSE + 1)),
  ]
}

/** Width of the pill of that name. */
function vehicleWidth(text: string): number {
  const kept = widths.get(text)
  if (kept !== undefined) return kept
  measuring ??= newCanvas(1, 1, 1).context
  const width = Math.max(24, textWidth(measuring, text, TEXT_SIZE) + 13)
  widths.set(text, width)
  return width
}

export function drawVehicle(look: Look, spec: Extract<SpriteSpec, { shape: 'vehicle' }>): void {
  const { context, palette } = look
  const half = vehicleWidth(spec.text) / 2
  const path = new Path2D()
  path.roundRect(-half, -HALF_HEIGHT, 2 * half, 2 * HALF_HEIGHT, HALF_HEIGHT)
  if (spec.freshness === 'stale' || spec.freshness === 'unknown') {
    drawHollow(context, path, palette.unknown, palette, DASHES)
    drawText(context, spec.text, TEXT_SIZE, palette.unknown, [0, 0.5])
    return
  }
  if (spec.heading !== null) path.addPath(nose((spec.heading / HEADINGS) * Math.PI * 2, half))
  drawOutlined(context, path, spec.fill, palette)
  drawText(
    context,
    spec.text,
    TEXT_SIZE,
    palette.name === 'forced' ? palette.ink : inkOn(spec.fill),
    [0, 0.5],
  )
}

/** A triangle on the pill's edge, pointing to `angle` from north, clockwise. */
function nose(angle: number, half: number): Path2D {
  const x = Math.sin(angle)
  const y = -Math.cos(angle)
  // Where the ray leaves the pill: a rectangle with half discs at its ends.
  const flat = half - HALF_HEIGHT
  const upright = Math.abs(y) < 1e-6 ? Number.POSITIVE_INFINITY : HALF_HEIGHT / Math.abs(y)
  let reach = upright
  if (Math.abs(x) * upright > flat) {
    const centre = Math.sign(x) * flat
    const along = x * centre
    reach = along + Math.sqrt(Math.max(0, along * along - centre * centre + HALF_HEIGHT * HALF_HEIGHT))
  }
  const base = reach - 2.5
  const tip = reach + NOSE
  const path = new Path2D()
  path.moveTo(x * tip, y * tip)
  path.lineTo(x * base - y * 5, y * base + x * 5)
  path.lineTo(x * base + y * 5, y * base - x * 5)
  path.closePath()
  return path
}
