// The keyboard on the map (reference/ui 2.9): Leaflet pans and zooms; n and p go from point to point, nearest to the middle
// first. Letters act only while the map has the focus.

import { byId } from '../../dom/h.ts'
import { STOP_PREFIX, type Stage } from './stage.ts'

interface MapKeysOptions {
  readonly stage: Stage
  readonly announce: (text: string) => void
  readonly nameOf: (id: string) => string | null
  readonly open: (id: string) => void
  readonly toList: (id: string | null) => void
  readonly toSearch: () => void
}

export class MapKeys {
  readonly #options: MapKeysOptions
  #order: readonly string[] = []

  constructor(options: MapKeysOptions) {
    this.#options = options
    const map = byId('map')
    map.addEventListener('keydown', (event) => this.#pressed(event))
    map.addEventListener('blur', () => this.#setCursor(null))
    options.stage.map.on('moveend', () => {
      this.#order = []
    })
  }

  #pressed(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const { stage } = this.#options
    const act = {
      n: () => this.#step(1),
      p: () => this.#step(-1),
      Enter: () => {
        const id = stage.rings.cursor
        if (id !== null) this.#options.open(id)
      },
      l: () => this.#options.toList(stage.rings.cursor),
      '/': () => this.#options.toSearch(),
    }[event.key]
    if (act === undefined) return
    event.preventDefault()
    act()
  }

  #step(by: number): void {
    if (this.#order.length === 0) this.#order = this.#inView()
    if (this.#order.length === 0) return
    const { stage } = this.#options
    const now = stage.rings.cursor === null ? -1 : this.#order.indexOf(stage.rings.cursor)
    const next =
      now < 0 ? (by > 0 ? 0 : this.#order.length - 1) : (now + by + this.#order.length) % this.#order.length
    const id = this.#order[next] ?? null
    this.#setCursor(id)
    this.#options.announce(id === null ? '' : (this.#options.nameOf(id) ?? ''))
  }

  #setCursor(id: string | null): void {
    this.#options.stage.rings.cursor = id
    this.#options.stage.rings.update()
  }

  /** Ids of devices and stops in view, nearest to the middle first. */
  #inView(): readonly string[] {
    const { points, map } = this.#options.stage
    const size = map.getSize()
    const found: { id: string; distance: number }[] = []
    for (const id of points.table.ids()) {
      const place = points.places.placeOf(id)
      const isNamed = id.startsWith(STOP_PREFIX) || this.#options.nameOf(id) !== null
      if (place === null || !isNamed) continue
      if (place.x < 0 || place.y < 0 || place.x > size.x || place.y > size.y) continue
      found.push({ id, distance: Math.hypot(place.x - size.x / 2, place.y - size.y / 2) })
    }
    return found.sort((a, b) => a.distance - b.distance).map(({ id }) => id)
  }
}
