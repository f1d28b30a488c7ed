// Near points as one: a disc with their number, a ring of segments by state or category, and the worst one's glyph.

import { DEVICE_STATES, type DeviceState } from '../../../contract/device-state.ts'
import { categoryByKey } from '../air-index.ts'
import { STATE_FILLS } from './palette.ts'
import { drawGlyph, drawText } from './sprite-outline.ts'
import type { SpriteSpec } from './sprite-spec.ts'
import type { Look } from './sprites.ts'

const RADIUS = 17
const THICK = 5

export function drawCluster(look: Look, spec: Extract<SpriteSpec, { shape: 'cluster' }>): void {
  const { context, palette } = look
  const isForced = palette.name === 'forced'
  disc(context, RADIUS + THICK / 2 + 3.5, palette.halo)
  disc(context, RADIUS + THICK / 2 + 2, palette.ring)
  disc(context, RADIUS + THICK / 2, palette.halo)
  const total = spec.segments.reduce((sum, [, count]) => sum + count, 0)
  let from = -Math.PI / 2
  for (const [key, count] of spec.segments) {
    const to = from + (Math.PI * 2 * count) / Math.max(1, total)
    context.beginPath()
    context.arc(0, 0, RADIUS, from, to)
    context.strokeStyle = isForced ? palette.ink : fillOf(key)
    context.lineWidth = THICK
    context.setLineDash(key === 'unknown' || key === 'none' ? [3, 2.5] : [])
    context.stroke()
    context.setLineDash([])
    if (spec.segments.length > 1) separator(context, from, palette.halo)
    from = to
  }
  disc(context, RADIUS - THICK / 2, palette.halo)
  const text = spec.count > 999 ? '999+' : String(spec.count)
  drawText(context, text, text.length > 3 ? 11 : 14, isForced ? palette.ink : '#15202B', [0, 0.5])
  drawWorst(look, spec.segments[0]?.[0] ?? 'unknown')
}

function fillOf(key: string): string {
  return isState(key) ? STATE_FILLS[key] : categoryByKey(key).fill
}

function isState(key: string): key is DeviceState {
  return (DEVICE_STATES as readonly string[]).includes(key)
}

/** A small disc at the lower right with the glyph or letter of the worst. */
function drawWorst({ context, palette }: Look, key: string): void {
  const isForced = palette.name === 'forced'
  context.save()
  context.translate(15.5, 15.5)
  disc(context, 9.5, palette.halo)
  disc(context, 8.2, palette.ring)
  if (isState(key)) {
    disc(context, 7, isForced ? palette.surface : STATE_FILLS[key])
    const ink = isForced ? palette.ink : key === 'degraded' ? '#15202B' : '#FFFFFF'
    drawGlyph(context, key, ink, key === 'up' ? 0.5 : 0.56)
  } else {
    const category = categoryByKey(key)
    disc(context, 7, isForced ? palette.surface : category.fill)
    drawText(
      context,
      category.letter,
      category.letter.length > 1 ? 7.5 : 9.5,
      isForced ? palette.ink : category.ink,
      [0, 0.5],
    )
  }
  context.restore()
}

function disc(context: CanvasRenderingContext2D, radius: number, fill: string): void {
  context.beginPath()
  context.arc(0, 0, radius, 0, Math.PI * 2)
  context.fillStyle = fill
  context.fill()
}

function separator(context: CanvasRenderingContext2D, angle: number, colour: string): void {
  context.beginPath()
  context.moveTo(Math.cos(angle) * (RADIUS - THICK / 2), Math.sin(angle) * (RADIUS - THICK / 2))
  context.lineTo(Math.cos(angle) * (RADIUS + THICK / 2), Math.sin(angle) * (RADIUS + THICK / 2))
  context.strokeStyle = colour
  context.lineWidth = 1.5
  context.stroke()
}
