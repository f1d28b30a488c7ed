// Very many points at once: each is a dot of a few pixels written straight into an image, since as markers they would only cover one
// another and cost a copy each; reference/ui 7, rule 3 has this from 20,000 on.

import { categoryByKey } from '../air-index.ts'
import { type Camera, isInBox, pixelX, pixelY } from './camera.ts'
import { type Palette, STATE_FILLS } from './palette.ts'
import type { PointTable } from './point-table.ts'
import type { SpriteSpec } from './sprite-spec.ts'

/**
 * Above so many points in view markers become dots. Some 1,300 markers cover the whole of a desk's map; copying 5,000 of them takes
 * longer than a frame has without a graphics card, where 50,000 dots do not (measured by `npm run bench -- map`).
 */
export const MOST_MARKERS = 4_000
/** Side of a dot, its dark edge included, in CSS px. */
const DOT_PX = 5

/** True when more points are in view than can be told apart as markers. */
export function areTooMany(camera: Camera, table: PointTable): boolean {
  if (table.size <= MOST_MARKERS) return false
  let seen = 0
  for (const slot of table.order()) {
    if (table.hidden[slot] === 1) continue
    const [x, y] = [pixelX(camera, table.shownXs[slot] ?? 0), pixelY(camera, table.shownYs[slot] ?? 0)]
    if (isInBox(camera, x, y, 0)) seen += 1
  }
  return seen > MOST_MARKERS
}

export class Dots {
  #image: ImageData | null = null
  #pixels = new Uint32Array(0)
  /** Colours as they lie in memory, by how they are written. */
  readonly #words = new Map<string, number>()
  readonly #wordOfSpec = new WeakMap<SpriteSpec, number>()

  /** Draws all points in view over an empty canvas. */
  paint(
    context: CanvasRenderingContext2D,
    camera: Camera,
    table: PointTable,
    palette: Palette,
    ratio: number,
  ): void {
    const [width, height] = [context.canvas.width, context.canvas.height]
    if (this.#image?.width !== width || this.#image.height !== height) {
      this.#image = new ImageData(width, height)
      this.#pixels = new Uint32Array(this.#image.data.buffer)
    }
    this.#pixels.fill(0)
    const edge = this.#word(palette.ring)
    const side = Math.round(DOT_PX * ratio)
    for (const slot of table.order()) {
      const point = table.points[slot]
      if (table.hidden[slot] === 1 || point == null) continue
      const x = Math.round(pixelX(camera, table.shownXs[slot] ?? 0) * ratio) - (side >> 1)
      const y = Math.round(pixelY(camera, table.shownYs[slot] ?? 0) * ratio) - (side >> 1)
      if (x < 0 || y < 0 || x + side > width || y + side > height) continue
      this.#square(y * width + x, width, side, edge, this.#wordOf(point.spec, palette))
    }
    context.putImageData(this.#image, 0, 0)
  }

  #square(first: number, width: number, side: number, edge: number, fill: number): void {
    const pixels = this.#pixels
    for (let row = 0; row < side; row += 1) {
      const begin = first + row * width
      const inside = row === 0 || row === side - 1 ? edge : fill
      // A call for so few pixels would cost more than they do.
      for (let at = begin + 1; at < begin + side - 1; at += 1) pixels[at] = inside
      pixels[begin] = edge
      pixels[begin + side - 1] = edge
    }
  }

  #wordOf(spec: SpriteSpec, palette: Palette): number {
    const kept = this.#wordOfSpec.get(spec)
    if (kept !== undefined) return kept
    const word = this.#word(fillOf(spec, palette))
    this.#wordOfSpec.set(spec, word)
    return word
  }

  /** `#RRGGBB` as a pixel, opaque; what is not written so (a colour of the system) is black. */
  #word(colour: string): number {
    const kept = this.#words.get(colour)
    if (kept !== undefined) return kept
    const hex = /^#([\da-f]{6})$/i.exec(colour)?.[1] ?? '000000'
    const bytes = Uint8ClampedArray.of(
      Number.parseInt(hex.slice(0, 2), 16),
      Number.parseInt(hex.slice(2, 4), 16),
      Number.parseInt(hex.slice(4, 6), 16),
      255,
    )
    const word = new Uint32Array(bytes.buffer)[0] ?? 0
    this.#words.set(colour, word)
    return word
  }
}

function fillOf(spec: SpriteSpec, palette: Palette): string {
  if ('freshness' in spec && (spec.freshness === 'stale' || spec.freshness === 'unknown'))
    return palette.unknown
  switch (spec.shape) {
    case 'hotspot':
      return STATE_FILLS[spec.state]
    case 'station':
      return categoryByKey(spec.category).fill
    case 'vehicle':
      return spec.fill
    case 'water':
    case 'noise':
    case 'stop':
    case 'place':
    case 'cluster':
      return palette.accent
  }
}
