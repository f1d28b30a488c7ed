// The map of what is reached and what is not: cells of the village's area over its base map, hatched where nothing reaches, dotted where it
// is not known, the circle of each hotspot, and a number at each hole. Fetched when it is first looked at.

import {
  canvas,
  circle,
  divIcon,
  type ImageOverlay,
  imageOverlay,
  type LatLngBoundsExpression,
  Map as LeafletMap,
  layerGroup,
  marker,
} from 'leaflet'
import type { VillageAnswer } from '../../../../contract/api.ts'
import type { CoverageGrid, Hole, ReachingPlace } from '../../../../domain/connectivity/coverage-grid.ts'
import { addBaseMap, type BaseMap } from '../../map/base-map.ts'
import { type Palette, palette, STATE_FILLS } from '../../map/palette.ts'
import { areColoursForced, onTheme, shownTheme } from '../../shell/theme.ts'

export interface CoverageShown {
  readonly grid: CoverageGrid
  readonly places: readonly ReachingPlace[]
  readonly holes: readonly Hole[]
}

const PANE = 'coverage'
const PANE_Z = '350'
const LARGEST_PX = 1_600
const CELL_PX = { least: 2, most: 8 }
const CLOSE_ZOOM = 16

export class CoverageMap {
  readonly #map: LeafletMap
  readonly #marks = layerGroup()
  readonly #renderer = canvas({ pane: PANE })
  #overlay: ImageOverlay | null = null
  #base: BaseMap | null = null
  #shown: CoverageShown | null = null

  constructor(element: HTMLElement, village: VillageAnswer) {
    const moves = !window.matchMedia('(prefers-reduced-motion: reduce)').matches
    this.#map = new LeafletMap(element, {
      attributionControl: false,
      zoomControl: false,
      minZoom: 10,
      maxZoom: 19,
      zoomSnap: 0.5,
      zoomAnimation: moves,
      fadeAnimation: false,
      inertia: moves,
      scrollWheelZoom: false,
    })
    const [west = 0, south = 0, east = 0, north = 0] = village.bounds
    this.#map.fitBounds([
      [south, west],
      [north, east],
    ])
    this.#map.createPane(PANE).style.zIndex = PANE_Z
    this.#marks.addTo(this.#map)
    void addBaseMap(this.#map, village, colours()).then((base) => {
      this.#base = base
    })
    onTheme(() => {
      this.#base?.restyle(colours())
      if (this.#shown !== null) this.#draw(this.#shown)
    })
    new ResizeObserver(() => this.#map.invalidateSize({ pan: false, animate: false })).observe(element)
  }

  show(shown: CoverageShown): void {
    if (shown.grid === this.#shown?.grid) return
    if (this.#shown === null) this.#map.fitBounds(boundsOf(shown.grid))
    this.#shown = shown
    this.#draw(shown)
  }

  /** Goes near the hole of that place in the list. */
  goTo(place: number): void {
    const hole = this.#shown?.holes[place]
    if (hole === undefined) return
    this.#map.setView([hole.deepest.lat, hole.deepest.lon], Math.max(this.#map.getZoom(), CLOSE_ZOOM))
  }

  zoom(step: 1 | -1): void {
    this.#map.setZoom(this.#map.getZoom() + step)
  }

  #draw({ grid, places, holes }: CoverageShown): void {
    const next = imageOverlay(pictureOf(grid), boundsOf(grid), { pane: PANE, interactive: false, alt: '' })
    next.addTo(this.#map)
    this.#overlay?.remove()
    this.#overlay = next
    this.#marks.clearLayers()
    for (const { lat, lon, radiusM, isUp } of places)
      circle([lat, lon], {
        radius: radiusM,
        renderer: this.#renderer,
        interactive: false,
        fill: false,
        weight: 2,
        ...lineOf(isUp),
      }).addTo(this.#marks)
    for (const [place, { deepest }] of holes.entries())
      marker([deepest.lat, deepest.lon], {
        interactive: false,
        keyboard: false,
        icon: divIcon({ className: 'hole-mark', html: String(place + 1), iconSize: [24, 24] }),
      }).addTo(this.#marks)
  }
}

function colours(): Palette {
  return palette(shownTheme(), areColoursForced())
}

/** Told by the line as well as by its colour. */
function lineOf(isUp: boolean | null): { readonly color: string; readonly dashArray?: string } {
  if (isUp === null) return { color: colours().unknown, dashArray: '2 5' }
  return isUp ? { color: STATE_FILLS.up } : { color: STATE_FILLS.down, dashArray: '10 6' }
}

function boundsOf({ southWest, northEast }: CoverageGrid): LatLngBoundsExpression {
  return [
    [southWest.lat, southWest.lon],
    [northEast.lat, northEast.lon],
  ]
}

/** The cells as a picture: covered tinted, holes hatched, unknown dotted. */
function pictureOf({ cells, columns, rows }: CoverageGrid): string {
  const fit = Math.floor(LARGEST_PX / Math.max(columns, rows))
  const size = Math.max(CELL_PX.least, Math.min(CELL_PX.most, fit))
  const picture = document.createElement('canvas')
  picture.width = columns * size
  picture.height = rows * size
  const context = picture.getContext('2d')
  if (context === null) return ''
  const fills = [null, tint(), dots(context), hatch(context)] as const
  for (let row = 0; row < rows; row += 1) {
    for (let begin = 0; begin < columns; ) {
      const kind = cells[row * columns + begin] ?? 0
      let end = begin + 1
      while (end < columns && cells[row * columns + end] === kind) end += 1
      const fill = fills[kind] ?? null
      if (fill !== null) {
        context.fillStyle = fill
        // Rows are counted from the south, pixels from the top.
        context.fillRect(begin * size, (rows - 1 - row) * size, (end - begin) * size, size)
      }
      begin = end
    }
  }
  return picture.toDataURL()
}

function tint(): string {
  return `${STATE_FILLS.up}59`
}

const TILE = 12

function hatch(context: CanvasRenderingContext2D): CanvasPattern | null {
  return patternOf(context, (tile) => {
    tile.strokeStyle = STATE_FILLS.down
    tile.globalAlpha = 0.75
    tile.lineWidth = 1.6
    for (const shift of [-TILE, 0, TILE]) {
      tile.moveTo(shift - 1, TILE + 1)
      tile.lineTo(shift + TILE + 1, -1)
    }
    tile.stroke()
  })
}

function dots(context: CanvasRenderingContext2D): CanvasPattern | null {
  return patternOf(context, (tile) => {
    tile.fillStyle = colours().ink
    for (const [x, y] of [
      [3, 3],
      [9, 9],
    ] as const) {
      tile.beginPath()
      tile.arc(x, y, 1.6, 0, 2 * Math.PI)
      tile.fill()
    }
  })
}

function patternOf(
  context: CanvasRenderingContext2D,
  draw: (tile: CanvasRenderingContext2D) => void,
): CanvasPattern | null {
  const tile = document.createElement('canvas')
  tile.width = TILE
  tile.height = TILE
  const on = tile.getContext('2d')
  if (on !== null) draw(on)
  return context.createPattern(tile, 'repeat')
}
