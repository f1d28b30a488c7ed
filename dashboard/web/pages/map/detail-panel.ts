// The panel of what is selected: over the left column on a desk, over the sheet on a phone; never over the map's middle.

import { HistorySlot } from '../../chart/history-slot.ts'
import { detailHead } from '../../detail/detail-head.ts'
import { deviceDetail } from '../../detail/device-detail.ts'
import { routeDetail, stopDetail } from '../../detail/transit-detail.ts'
import { byId, h } from '../../dom/h.ts'
import { patch } from '../../dom/patch.ts'
import type { Selection } from '../../shell/url-state.ts'
import { t } from '../../text/texts.ts'
import { routes, stops } from '../../transit-plan.ts'
import type { MapState } from './map-state.ts'
import type { Stage } from './stage.ts'

export class DetailPanel {
  readonly #state: MapState
  readonly #stage: Stage
  readonly #root = byId('detail')
  readonly #history: HistorySlot
  #returnTo: HTMLElement | null = null
  #shown: string | null = null

  constructor(state: MapState, stage: Stage) {
    this.#state = state
    this.#stage = stage
    this.#history = new HistorySlot(this.#root, state.store, state.now)
  }

  /** A selection was made or ended: moves the map and the focus. */
  opened(selection: Selection | null): void {
    const key = selection === null ? null : `${selection.kind}:${selection.id}`
    if (key === this.#shown) return
    const wasOpen = this.#shown !== null
    this.#shown = key
    if (selection !== null && !wasOpen) {
      this.#returnTo = document.activeElement instanceof HTMLElement ? document.activeElement : null
    }
    this.render()
    if (selection === null) {
      if (this.#returnTo?.isConnected === true) this.#returnTo.focus()
      else byId('map').focus()
      this.#returnTo = null
      return
    }
    this.#root.scrollTop = 0
    this.#root.querySelector<HTMLElement>('#detail-title')?.focus()
    this.bringIntoView(selection)
  }

  render(): void {
    const { selection } = this.#state
    const isOpen = selection !== null
    this.#root.hidden = !isOpen
    document.body.classList.toggle('has-detail', isOpen)
    this.#drawRoute(selection)
    if (!isOpen) {
      this.#history.close()
      return
    }
    patch(this.#root, this.#view(selection))
    this.#history.keep()
  }

  #view(selection: Selection) {
    const { store, isPlanKnown } = this.#state
    const isOfPlan = selection.kind === 'stop' || selection.kind === 'route'
    const isKnown = isOfPlan ? isPlanKnown : store.feedTime !== null
    const gone = [
      detailHead(t(`detail.kind.${selection.kind}`), '', null),
      h('p', { class: 'notice' }, t(isKnown ? 'err.gone' : 'loading')),
    ]
    if (selection.kind === 'stop') {
      const stop = stops.get(selection.id)
      return stop === undefined ? gone : stopDetail(this.#state, stop)
    }
    if (selection.kind === 'route') {
      const route = routes.get(selection.id)
      return route === undefined ? gone : routeDetail(this.#state, route)
    }
    const feature = store.devices.get(selection.id)
    return feature === undefined ? gone : deviceDetail(this.#state, feature)
  }

  #drawRoute(selection: Selection | null): void {
    if (selection?.kind === 'route') {
      this.#stage.showRoute(routes.get(selection.id) ?? null, null)
      return
    }
    const transit =
      selection === null ? undefined : this.#state.store.devices.get(selection.id)?.properties.transit
    this.#stage.showRoute(routes.get(transit?.route ?? '') ?? null, transit?.direction ?? null)
  }

  /** Moves the map so that what is selected is seen by itself; `isSure` even if it seems to be. */
  bringIntoView(selection: Selection, isSure = false): void {
    const feature = this.#state.store.devices.get(selection.id)
    if (feature !== undefined) {
      const [lon = 0, lat = 0] = feature.geometry?.coordinates ?? []
      const isSeen = this.#stage.map.getBounds().pad(-0.15).contains([lat, lon])
      const isAlone = this.#stage.points.groups.clusterOf(selection.id) === null
      if (isSure || !isSeen || !isAlone || isNarrow()) this.#stage.goToDevice(feature)
      return
    }
    const stop = selection.kind === 'stop' ? stops.get(selection.id) : undefined
    if (stop !== undefined)
      this.#stage.goTo(stop.position.lat, stop.position.lon, Math.max(16, this.#stage.map.getZoom()))
  }
}

function isNarrow(): boolean {
  return window.matchMedia('(max-width: 599px)').matches
}
