// Names on the map: places and kelurahan, streets along their way, and close up the names of devices. Drawn only when the map
// has come to rest, greedily, at most sixty (reference/ui 7, rule 7).

import type { Feature, Position } from 'geojson'
import { DomUtil, Layer, type LeafletEventHandlerFn, type Map as LeafletMap, latLng } from 'leaflet'
import { classOf, nameOf, rankOf } from './base-map.ts'
import { LabelGrid } from './label-grid.ts'
import type { Palette } from './palette.ts'
import type { Placed } from './point-places.ts'

interface LabelLayerOptions {
  readonly palette: () => Palette
  readonly ratio: number
  readonly markers: () => readonly Placed[]
}

const PANE = 'labels'
const PANE_Z = '440'
const MOST_LABELS = 60
const REST_MS = 200
const STREET_ZOOM = 15
const DEVICE_ZOOM = 16.5
const FAMILY = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif'

export class LabelLayer extends Layer {
  readonly #options: LabelLayerOptions
  #named: readonly Feature[] = []
  #map: LeafletMap | null = null
  #canvas: HTMLCanvasElement | null = null
  #timer: number | null = null

  constructor(options: LabelLayerOptions) {
    super()
    this.#options = options
  }

  override getEvents(): Record<string, LeafletEventHandlerFn> {
    return {
      moveend: () => this.redrawSoon(),
      resize: () => this.redrawSoon(),
      zoomanim: () => this.#canvas?.classList.add('is-hidden'),
      zoomstart: () => this.#canvas?.classList.add('is-hidden'),
    }
  }

  override onAdd(map: LeafletMap): this {
    this.#map = map
    const pane = map.getPane(PANE) ?? map.createPane(PANE)
    pane.style.zIndex = PANE_Z
    pane.style.pointerEvents = 'none'
    this.#canvas = document.createElement('canvas')
    pane.append(this.#canvas)
    this.redrawSoon()
    return this
  }

  override onRemove(): this {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#canvas?.remove()
    this.#canvas = null
    this.#map = null
    return this
  }

  setNamed(named: readonly Feature[]): void {
    this.#named = named
    this.redrawSoon()
  }

  redrawSoon(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = window.setTimeout(() => {
      this.#timer = null
      this.#draw()
    }, REST_MS)
  }

  #draw(): void {
    const map = this.#map
    const canvas = this.#canvas
    const context = canvas?.getContext('2d') ?? null
    if (map === null || canvas === null || context === null) return
    const { x: width, y: height } = map.getSize()
    const { ratio } = this.#options
    canvas.width = Math.round(width * ratio)
    canvas.height = Math.round(height * ratio)
    canvas.style.width = `${width}px`
    canvas.style.height = `${height}px`
    canvas.classList.remove('is-hidden')
    DomUtil.setPosition(canvas, map.containerPointToLayerPoint([0, 0]))
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    context.clearRect(0, 0, width, height)
    const grid = new LabelGrid()
    const markers = this.#options.markers()
    for (const { x, y, radius } of markers) grid.block(x, y, radius)
    const pen = new Pen(context, grid, this.#options.palette())
    drawAreaNames(map, pen, this.#named)
    if (map.getZoom() >= DEVICE_ZOOM) drawDeviceNames(pen, markers)
    if (map.getZoom() >= STREET_ZOOM) drawStreetNames(map, pen, this.#named)
  }
}

/** Writes labels where there is room, and counts them. */
class Pen {
  readonly #context: CanvasRenderingContext2D
  readonly #grid: LabelGrid
  readonly #palette: Palette
  #left = MOST_LABELS

  constructor(context: CanvasRenderingContext2D, grid: LabelGrid, palette: Palette) {
    this.#context = context
    this.#grid = grid
    this.#palette = palette
    context.textAlign = 'center'
    context.textBaseline = 'middle'
    context.lineJoin = 'round'
  }

  widthOf(text: string, font: string): number {
    this.#context.font = `${font} ${FAMILY}`
    return this.#context.measureText(text).width
  }

  write(text: string, font: string, at: readonly [number, number], angle = 0, isQuiet = false): void {
    const width = this.widthOf(text, font)
    if (this.#left <= 0 || !this.#grid.claim(at[0], at[1], width + 4, 14, angle)) return
    this.#left -= 1
    const context = this.#context
    context.save()
    context.translate(at[0], at[1])
    context.rotate(angle)
    context.strokeStyle = this.#palette.labelHalo
    context.lineWidth = 3.5
    context.strokeText(text, 0, 0)
    context.fillStyle = isQuiet ? this.#palette.muted : this.#palette.label
    context.fillText(text, 0, 0)
    context.restore()
  }
}

function drawAreaNames(map: LeafletMap, pen: Pen, named: readonly Feature[]): void {
  const zoom = map.getZoom()
  for (const feature of named) {
    const kind = classOf(feature)
    const name = nameOf(feature) ?? ''
    const place = middleOf(feature)
    if (place === null) continue
    const { x, y } = map.latLngToContainerPoint(place)
    if (kind === 'place' || kind === 'park') pen.write(name, '600 13px', [x, y])
    else if (kind === 'kelurahan' && zoom >= 13) pen.write(name.toUpperCase(), '500 11px', [x, y], 0, true)
  }
}

function drawDeviceNames(pen: Pen, markers: readonly Placed[]): void {
  for (const { x, y, radius, label } of markers) {
    if (label !== null) pen.write(label, '500 12px', [x, y + radius + 11])
  }
}

/** One label every so many px of a street's way, where it is straight enough to be read. */
function drawStreetNames(map: LeafletMap, pen: Pen, named: readonly Feature[]): void {
  const lastOf = new Map<string, { x: number; y: number }[]>()
  for (const feature of named) {
    if (classOf(feature) !== 'street' && classOf(feature) !== 'waterway') continue
    if (feature.geometry.type !== 'LineString') continue
    const name = nameOf(feature) ?? ''
    const font = rankOf(feature) === 'major' ? '600 11.5px' : '500 11px'
    const found = straightMiddle(map, feature.geometry.coordinates, pen.widthOf(name, font))
    if (found === null) continue
    const others = lastOf.get(name) ?? []
    if (others.some((other) => Math.hypot(other.x - found.x, other.y - found.y) < 260)) continue
    others.push(found)
    lastOf.set(name, others)
    pen.write(name, font, [found.x, found.y], found.angle)
  }
}

/** Middle and angle of the straight piece of the line that holds a text of that width; null without one. */
function straightMiddle(
  map: LeafletMap,
  coordinates: readonly Position[],
  width: number,
): { readonly x: number; readonly y: number; readonly angle: number } | null {
  const points = coordinates.map(([lon = 0, lat = 0]) => map.latLngToContainerPoint(latLng(lat, lon)))
  const size = map.getSize()
  for (let first = 0; first < points.length - 1; first += 1) {
    let length = 0
    for (let last = first + 1; last < points.length; last += 1) {
      const [a, b, c] = [points[first], points[last], points[last - 1]]
      if (a === undefined || b === undefined || c === undefined) continue
      length += Math.hypot(b.x - c.x, b.y - c.y)
      const chord = Math.hypot(b.x - a.x, b.y - a.y)
      if (chord < length * 0.97) break
      if (chord < width + 8) continue
      const [x, y] = [(a.x + b.x) / 2, (a.y + b.y) / 2]
      if (x < 0 || y < 0 || x > size.x || y > size.y) break
      const angle = Math.atan2(b.y - a.y, b.x - a.x)
      return { x, y, angle: Math.abs(angle) > Math.PI / 2 ? angle + Math.PI : angle }
    }
  }
  return null
}

const middles = new WeakMap<Feature, ReturnType<typeof latLng> | null>()

function middleOf(feature: Feature): ReturnType<typeof latLng> | null {
  const kept = middles.get(feature)
  if (kept !== undefined) return kept
  const made = computeMiddle(feature)
  middles.set(feature, made)
  return made
}

/** Of an area the mean of its largest ring's corners: good enough for a name. */
function computeMiddle({ geometry }: Feature): ReturnType<typeof latLng> | null {
  if (geometry.type === 'Point') return latLng(geometry.coordinates[1] ?? 0, geometry.coordinates[0] ?? 0)
  const rings =
    geometry.type === 'Polygon'
      ? geometry.coordinates
      : geometry.type === 'MultiPolygon'
        ? geometry.coordinates.map((polygon) => polygon[0] ?? [])
        : []
  const ring = rings.reduce<readonly Position[]>((best, one) => (one.length > best.length ? one : best), [])
  if (ring.length === 0) return null
  const [lon, lat] = [0, 1].map((axis) => ring.reduce((sum, at) => sum + (at[axis] ?? 0), 0) / ring.length)
  return latLng(lat ?? 0, lon ?? 0)
}
