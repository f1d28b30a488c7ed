// Markers drawn once for each look and then only copied: what makes thousands of moving points cheap (design D10).

import type { Palette } from './palette.ts'
import { drawCluster } from './sprite-cluster.ts'
import { drawGauge, drawHotspot, drawPlace, drawStation, drawStop } from './sprite-fixed.ts'
import { type SpriteSpec, spriteKey } from './sprite-spec.ts'
import { drawVehicle, vehicleSize } from './sprite-vehicle.ts'

export interface Sprite {
  readonly canvas: HTMLCanvasElement
  /** The same, for drawing: of a canvas a browser takes a snapshot each time it is drawn, of a bitmap never. */
  readonly image: CanvasImageSource
  /** CSS pixels; the place of the point is the middle. */
  readonly width: number
  readonly height: number
}

/** Beyond so many looks the cache starts anew: vehicles of many routes in many directions. */
const MOST_SPRITES = 1_500
const MOST_RATIO = 2

export class Sprites {
  #palette: Palette
  readonly #ratio: number
  readonly #sprites = new Map<string, Sprite>()
  /** Looked up by the spec itself: a frame of many points makes no keys. */
  #bySpec = new WeakMap<SpriteSpec, Sprite>()
  readonly #badges = new Map<string, Sprite>()
  readonly #images = new Map<string, string>()

  constructor(palette: Palette, ratio: number) {
    this.#palette = palette
    this.#ratio = Math.min(Math.max(ratio, 1), MOST_RATIO)
  }

  get ratio(): number {
    return this.#ratio
  }

  get palette(): Palette {
    return this.#palette
  }

  setPalette(palette: Palette): void {
    this.#palette = palette
    this.#sprites.clear()
    this.#bySpec = new WeakMap()
    this.#badges.clear()
    this.#images.clear()
  }

  get(spec: SpriteSpec): Sprite {
    const known = this.#bySpec.get(spec)
    if (known !== undefined) return known
    const sprite = this.#byKey(spec)
    this.#bySpec.set(spec, sprite)
    return sprite
  }

  #byKey(spec: SpriteSpec): Sprite {
    const key = spriteKey(spec)
    const kept = this.#sprites.get(key)
    if (kept !== undefined) return kept
    if (this.#sprites.size >= MOST_SPRITES) this.#sprites.clear()
    const made = this.#draw(spec)
    this.#sprites.set(key, made)
    return made
  }

  /** Age beneath a marker. */
  badge(text: string): Sprite {
    const kept = this.#badges.get(text)
    if (kept !== undefined) return kept
    if (this.#badges.size >= MOST_SPRITES) this.#badges.clear()
    const made = drawBadge(text, this.#palette, this.#ratio)
    this.#badges.set(text, made)
    return made
  }

  /** The marker as the address of an image, for legend and list. */
  image(spec: SpriteSpec): string {
    const key = spriteKey(spec)
    const kept = this.#images.get(key)
    if (kept !== undefined) return kept
    if (this.#images.size >= MOST_SPRITES) this.#images.clear()
    const made = this.get(spec).canvas.toDataURL()
    this.#images.set(key, made)
    return made
  }

  #draw(spec: SpriteSpec): Sprite {
    const [width, height] = sizeOf(spec)
    const { canvas, context } = newCanvas(width, height, this.#ratio)
    context.translate(width / 2, height / 2)
    const look = { context, palette: this.#palette }
    switch (spec.shape) {
      case 'hotspot':
        drawHotspot(look, spec.state, spec.freshness)
        break
      case 'station':
        drawStation(look, spec)
        break
      case 'water':
      case 'noise':
        drawGauge(look, spec)
        break
      case 'vehicle':
        drawVehicle(look, spec)
        break
      case 'stop':
        drawStop(look)
        break
      case 'place':
        drawPlace(look)
        break
      case 'cluster':
        drawCluster(look, spec)
        break
    }
    return { canvas, image: bitmapOf(canvas), width, height }
  }
}

export interface Look {
  /** Its origin is the middle of the marker. */
  readonly context: CanvasRenderingContext2D
  readonly palette: Palette
}

function sizeOf(spec: SpriteSpec): readonly [number, number] {
  switch (spec.shape) {
    case 'hotspot':
      return [34, 34]
    case 'station':
      return [42, 42]
    case 'water':
    case 'noise':
      return [40, 42]
    case 'vehicle':
      return vehicleSize(spec)
    case 'stop':
      return [14, 14]
    case 'place':
      return [30, 30]
    case 'cluster':
      return [54, 54]
  }
}

export function newCanvas(
  width: number,
  height: number,
  ratio: number,
): { readonly canvas: HTMLCanvasElement; readonly context: CanvasRenderingContext2D } {
  const canvas = document.createElement('canvas')
  canvas.width = Math.ceil(width * ratio)
  canvas.height = Math.ceil(height * ratio)
  const context = canvas.getContext('2d')
  if (context === null) throw new Error('this browser gives no 2d canvas')
  context.scale(ratio, ratio)
  return { canvas, context }
}

function bitmapOf(canvas: HTMLCanvasElement): CanvasImageSource {
  if (typeof OffscreenCanvas === 'undefined') return canvas
  const copy = new OffscreenCanvas(canvas.width, canvas.height)
  copy.getContext('2d')?.drawImage(canvas, 0, 0)
  return copy.transferToImageBitmap()
}

const BADGE_FONT = '600 10.5px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif'

function drawBadge(text: string, palette: Palette, ratio: number): Sprite {
  const measure = newCanvas(1, 1, 1).context
  measure.font = BADGE_FONT
  const width = Math.ceil(measure.measureText(text).width) + 10
  const height = 17
  const { canvas, context } = newCanvas(width + 2, height, ratio)
  context.fillStyle = palette.ink
  context.strokeStyle = palette.surface
  context.lineWidth = 1.5
  context.beginPath()
  context.roundRect(1, 1, width, height - 2, 7)
  context.stroke()
  context.fill()
  context.fillStyle = palette.surface
  context.font = BADGE_FONT
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  context.fillText(text, width / 2 + 1, height / 2 + 0.5)
  return { canvas, image: bitmapOf(canvas), width: width + 2, height }
}
