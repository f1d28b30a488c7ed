// What all markers share: two rings around an outline (one of the two stands out from any ground), text in the middle,
// and the glyphs of the five states.

import type { DeviceState } from '../../../contract/device-state.ts'
import type { Palette } from './palette.ts'

const FAMILY = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif'
const RING = 2
const HALO = 1.5

type Context = CanvasRenderingContext2D

/** Halo, ring and fill of the path. */
export function drawOutlined(context: Context, path: Path2D, fill: string, palette: Palette): void {
  context.lineJoin = 'round'
  context.strokeStyle = palette.halo
  context.lineWidth = 2 * (RING + HALO)
  context.stroke(path)
  context.strokeStyle = palette.ring
  context.lineWidth = 2 * RING
  context.stroke(path)
  context.fillStyle = palette.name === 'forced' ? palette.surface : fill
  context.fill(path)
}

/** The hollow form: the ground shows through the surface, the ring is in the state's colour, dashed or solid. */
export function drawHollow(
  context: Context,
  path: Path2D,
  colour: string,
  palette: Palette,
  dash: readonly number[],
): void {
  context.lineJoin = 'round'
  context.strokeStyle = palette.halo
  context.lineWidth = 2 * (RING + HALO)
  context.stroke(path)
  context.fillStyle = palette.halo
  context.fill(path)
  context.strokeStyle = palette.name === 'forced' ? palette.ink : colour
  context.lineWidth = 2.6
  context.setLineDash([...dash])
  context.stroke(path)
  context.setLineDash([])
}

export const DASHES: readonly number[] = [4, 3]

export function drawText(
  context: Context,
  text: string,
  size: number,
  colour: string,
  at: readonly [number, number] = [0, 0],
  outline: string | null = null,
): void {
  context.font = `700 ${size}px ${FAMILY}`
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  if (outline !== null) {
    context.strokeStyle = outline
    context.lineWidth = 3.5
    context.lineJoin = 'round'
    context.strokeText(text, at[0], at[1])
  }
  context.fillStyle = colour
  context.fillText(text, at[0], at[1])
}

export function textWidth(context: Context, text: string, size: number): number {
  context.font = `700 ${size}px ${FAMILY}`
  return context.measureText(text).width
}

/** The glyph of a state, about 14 wide, in the middle; `scale` 1 is that size. */
export function drawGlyph(context: Context, state: DeviceState, colour: string, scale = 1): void {
  context.save()
  context.scale(scale, scale)
  context.strokeStyle = colour
  context.fillStyle = colour
  context.lineWidth = 2.2
  context.lineCap = 'round'
  context.lineJoin = 'round'
  GLYPHS[state](context, colour)
  context.restore()
}

const GLYPHS: Readonly<Record<DeviceState, (context: Context, colour: string) => void>> = {
  up(context) {
    for (const radius of [9.4, 5.6]) {
      context.beginPath()
      context.arc(0, 5, radius, -Math.PI * 0.77, -Math.PI * 0.23)
      context.stroke()
    }
    context.beginPath()
    context.arc(0, 4.6, 1.9, 0, Math.PI * 2)
    context.fill()
  },
  degraded(context) {
    context.lineWidth = 3
    context.beginPath()
    context.moveTo(0, -7)
    context.lineTo(0, 1.2)
    context.stroke()
    context.beginPath()
    context.arc(0, 6.2, 1.9, 0, Math.PI * 2)
    context.fill()
  },
  down(context) {
    context.lineWidth = 3
    context.beginPath()
    context.moveTo(-5, -5)
    context.lineTo(5, 5)
    context.moveTo(5, -5)
    context.lineTo(-5, 5)
    context.stroke()
  },
  unknown(context, colour) {
    drawText(context, '?', 17, colour, [0, 1])
  },
  maintenance(context) {
    // A wrench: an open jaw and a handle.
    context.lineWidth = 3
    context.beginPath()
    context.moveTo(-5.5, 6)
    context.lineTo(1.5, -1)
    context.stroke()
    context.lineWidth = 2.4
    context.beginPath()
    context.arc(3.6, -3.4, 3.9, -Math.PI * 0.05, Math.PI * 1.55)
    context.stroke()
  },
}
