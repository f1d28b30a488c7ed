// The two marks that are elements of the page: the ring around what is selected, and the one that the keyboard moves.

import { DomUtil, type Map as LeafletMap } from 'leaflet'
import type { PointLayer } from './point-layer.ts'

const PANE = 'selected'
const PANE_Z = '460'

export class Rings {
  readonly #map: LeafletMap
  readonly #points: PointLayer
  readonly #selected = ring('ring ring-selected')
  readonly #cursor = ring('ring ring-cursor')
  selected: string | null = null
  cursor: string | null = null

  constructor(map: LeafletMap, points: PointLayer) {
    this.#map = map
    this.#points = points
    const pane = map.getPane(PANE) ?? map.createPane(PANE)
    pane.style.zIndex = PANE_Z
    pane.style.pointerEvents = 'none'
    pane.append(this.#selected, this.#cursor)
    points.onFrame(() => this.update())
    map.on('zoomanim', () => pane.classList.add('is-hidden'))
    map.on('zoomend', () => pane.classList.remove('is-hidden'))
  }

  update(): void {
    this.#place(this.#selected, this.selected)
    this.#place(this.#cursor, this.cursor)
  }

  #place(element: HTMLElement, id: string | null): void {
    const place = id === null ? null : this.#points.places.placeOf(id)
    element.hidden = place === null
    if (place === null) return
    const size = 2 * (place.radius + 6)
    element.style.width = `${size}px`
    element.style.height = `${size}px`
    DomUtil.setPosition(
      element,
      this.#map.containerPointToLayerPoint([place.x - size / 2, place.y - size / 2]),
    )
  }
}

function ring(className: string): HTMLElement {
  const element = document.createElement('div')
  element.className = className
  element.hidden = true
  return element
}
