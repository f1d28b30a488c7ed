// Markers of what stands still: hotspot, air station, water level, noise, stop.

import type { DeviceState } from '../../../contract/device-state.ts'
import { type Category, categoryByKey } from '../air-index.ts'
import type { Freshness } from '../freshness.ts'
import { STATE_FILLS } from './palette.ts'
import { DASHES, drawGlyph, drawHollow, drawOutlined, drawText } from './sprite-outline.ts'
import type { SpriteSpec } from './sprite-spec.ts'
import type { Look } from './sprites.ts'

const GAUGE_FILLS = { water: '#0E6F8A', noise: '#5B4A8A' } as const
const INK = '#15202B'

export function drawHotspot(look: Look, state: DeviceState, freshness: Freshness): void {
  const { context, palette } = look
  const half = 12
  const square = new Path2D()
  square.roundRect(-half, -half, 2 * half, 2 * half, 6)
  const isOld = freshness === 'stale' && (state === 'up' || state === 'degraded')
  if (state === 'unknown' || freshness === 'unknown') {
    drawHollow(context, square, palette.unknown, palette, DASHES)
    drawGlyph(context, 'unknown', palette.unknown)
  } else if (isOld) {
    drawHollow(context, square, palette.unknown, palette, DASHES)
    drawGlyph(context, state, palette.unknown, 0.86)
  } else if (state === 'maintenance') {
    drawHollow(context, square, STATE_FILLS.maintenance, palette, [])
    drawGlyph(context, 'maintenance', STATE_FILLS.maintenance)
  } else if (state === 'degraded') {
    drawOutlined(context, square, '#FFFFFF', palette)
    context.save()
    context.clip(square)
    context.fillStyle = palette.name === 'forced' ? palette.surface : STATE_FILLS.degraded
    context.fillRect(-half, 0, 2 * half, half)
    context.restore()
    drawGlyph(context, 'degraded', palette.name === 'forced' ? palette.ink : INK)
  } else if (state === 'down') {
    drawOutlined(context, notched(half), STATE_FILLS.down, palette)
    drawGlyph(context, 'down', palette.name === 'forced' ? palette.ink : '#FFFFFF')
  } else {
    drawOutlined(context, square, STATE_FILLS.up, palette)
    drawGlyph(context, 'up', palette.name === 'forced' ? palette.ink : '#FFFFFF', 0.86)
  }
}

/** The square without its upper right corner. */
function notched(half: number): Path2D {
  const path = new Path2D()
  const cut = 9
  path.moveTo(-half + 5, -half)
  path.lineTo(half - cut, -half)
  path.lineTo(half - cut, -half + cut)
  path.lineTo(half, -half + cut)
  path.lineTo(half, half - 5)
  path.quadraticCurveTo(half, half, half - 5, half)
  path.lineTo(-half + 5, half)
  path.quadraticCurveTo(-half, half, -half, half - 5)
  path.lineTo(-half, -half + 5)
  path.quadraticCurveTo(-half, -half, -half + 5, -half)
  path.closePath()
  return path
}

export function drawStation(look: Look, spec: Extract<SpriteSpec, { shape: 'station' }>): void {
  const { context, palette } = look
  const circle = new Path2D()
  circle.arc(0, 0, 16, 0, Math.PI * 2)
  const category = categoryByKey(spec.category)
  const isNone = category.key === 'none' || spec.freshness === 'unknown'
  if (isNone || spec.freshness === 'stale') {
    drawHollow(context, circle, palette.unknown, palette, DASHES)
    drawText(context, isNone ? '?' : spec.text, isNone ? 18 : 12.5, palette.unknown, [0, 1])
    return
  }
  drawOutlined(context, circle, category.fill, palette)
  const isForced = palette.name === 'forced'
  if (!isForced) drawPattern(context, category, circle, 16)
  const ink = isForced ? palette.ink : category.ink
  const outline = isForced ? palette.surface : category.fill
  drawText(context, spec.text, spec.text.length > 2 ? 12 : 13.5, ink, [0, -3.5], outline)
  drawText(context, category.letter, 9.5, ink, [0, 8.5], outline)
}

/** The pattern of a category, inside the path. */
export function drawPattern(
  context: CanvasRenderingContext2D,
  { pattern, ink }: Category,
  path: Path2D,
  radius: number,
): void {
  if (pattern === 'plain') return
  context.save()
  context.clip(path)
  context.globalAlpha = 0.55
  context.strokeStyle = ink
  context.fillStyle = ink
  context.lineWidth = 1.2
  if (pattern === 'ring') {
    context.globalAlpha = 1
    context.lineWidth = 1.8
    context.beginPath()
    context.arc(0, 0, radius - 2.6, 0, Math.PI * 2)
    context.stroke()
  } else if (pattern === 'dots') {
    for (let y = -radius; y <= radius; y += 5) {
      for (let x = -radius; x <= radius; x += 5) {
        context.beginPath()
        context.arc(x + ((y / 5) % 2 === 0 ? 0 : 2.5), y, 1.05, 0, Math.PI * 2)
        context.fill()
      }
    }
  } else {
    context.beginPath()
    for (let offset = -2 * radius; offset <= 2 * radius; offset += 5) {
      if (pattern === 'lines') {
        context.moveTo(-radius, offset)
        context.lineTo(radius, offset)
        continue
      }
      context.moveTo(offset - radius, radius)
      context.lineTo(offset + radius, -radius)
      if (pattern === 'cross') {
        context.moveTo(offset - radius, -radius)
        context.lineTo(offset + radius, radius)
      }
    }
    context.stroke()
  }
  context.restore()
}

export function drawGauge(look: Look, spec: Extract<SpriteSpec, { shape: 'water' | 'noise' }>): void {
  const { context, palette } = look
  const path = spec.shape === 'water' ? drop() : hexagon()
  const middle: readonly [number, number] = [0, spec.shape === 'water' ? 4.5 : 1]
  if (spec.freshness === 'unknown' || spec.freshness === 'stale') {
    drawHollow(context, path, palette.unknown, palette, DASHES)
    drawText(context, spec.freshness === 'unknown' ? '?' : spec.text, 12, palette.unknown, middle)
    return
  }
  drawOutlined(context, path, GAUGE_FILLS[spec.shape], palette)
  const ink = palette.name === 'forced' ? palette.ink : '#FFFFFF'
  drawText(context, spec.text, spec.text.length > 2 ? 10.5 : 12, ink, middle)
}

function drop(): Path2D {
  const path = new Path2D()
  path.moveTo(0, -16)
  path.bezierCurveTo(4, -9, 14, -3, 14, 4)
  path.arc(0, 4, 14, 0, Math.PI)
  path.bezierCurveTo(-14, -3, -4, -9, 0, -16)
  path.closePath()
  return path
}

function hexagon(): Path2D {
  const path = new Path2D()
  for (let corner = 0; corner < 6; corner += 1) {
    const angle = (Math.PI / 3) * corner
    path.lineTo(Math.cos(angle) * 15.5, Math.sin(angle) * 15.5)
  }
  path.closePath()
  return path
}

export function drawStop({ context, palette }: Look): void {
  context.beginPath()
  context.arc(0, 0, 4, 0, Math.PI * 2)
  context.fillStyle = palette.surface
  context.strokeStyle = palette.ink
  context.lineWidth = 2
  context.fill()
  context.stroke()
}

export function drawPlace({ context, palette }: Look): void {
  const isForced = palette.name === 'forced'
  for (const [radius, fill] of [
    [12.5, palette.halo],
    [11, palette.ring],
    [9, palette.halo],
    [5.5, isForced ? palette.ink : '#1B4FB5'],
  ] as const) {
    context.beginPath()
    context.arc(0, 0, radius, 0, Math.PI * 2)
    context.fillStyle = fill
    context.fill()
  }
}
