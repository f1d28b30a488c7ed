// Everything by which a person acts on the map's page, wired to what the page does of it: presses, keys, the browser's Back, and the
// pointer over the list.

import type { Point as Pixels } from 'leaflet'
import { type Acts, listen } from '../../dom/act.ts'
import { byId } from '../../dom/h.ts'
import { MapKeys } from './map-keys.ts'
import type { PlaceChooser } from './place-chooser.ts'
import type { Stage } from './stage.ts'
import { UrlKeeper } from './url-keeper.ts'

interface PageActsOptions {
  readonly stage: Stage
  readonly places: PlaceChooser
  /** What is marked `data-act` in the page. */
  readonly acts: Acts
  /** The map was pressed there. */
  readonly press: (at: Pixels) => void
  /** The address is another; foreign when it was not the page that made it so. */
  readonly addressChanged: (isForeign: boolean) => void
  readonly escape: () => void
  readonly announce: (text: string) => void
  readonly nameOf: (id: string) => string | null
  readonly open: (id: string) => void
  readonly toList: (id: string | null) => void
  readonly toSearch: () => void
}

export function listenToPage(options: PageActsOptions): void {
  const { stage, places } = options
  listen(document, options.acts)
  stage.map.on('click', ({ containerPoint, latlng }) => {
    if (places.isTapping) places.tapped(latlng.lat, latlng.lng)
    else options.press(containerPoint)
  })
  window.addEventListener('popstate', ({ state }) => options.addressChanged(UrlKeeper.isForeign(state)))
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || event.defaultPrevented) return
    if (places.isTapping) places.stopTapping()
    else options.escape()
  })
  new MapKeys(options)
  ringRows(stage)
}

/** A row of the list that is pointed at or has the focus rings its marker. */
function ringRows({ rings }: Stage): void {
  const ring = (id: string | null): void => {
    rings.cursor = id
    rings.update()
  }
  const ringRow = (event: Event): void => {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-id]') : null
    ring(row?.dataset['id'] ?? null)
  }
  const list = byId('list')
  list.addEventListener('focusin', ringRow)
  list.addEventListener('pointerover', ringRow)
  list.addEventListener('pointerleave', () => ring(null))
}
