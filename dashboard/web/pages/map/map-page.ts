// The residents' map as a whole: holds the state, takes what people do and what the feed tells, and has the parts drawn again,
// at most once a frame, and once a second since everything shown has an age. It is one piece since every act of a person ends
// in the same state.

import type { VillageAnswer } from '../../../../contract/api.ts'
import { Arrivals } from '../../arrivals.ts'
import { StateStrips } from '../../detail/state-strip.ts'
import type { Acts } from '../../dom/act.ts'
import { byId } from '../../dom/h.ts'
import { oncePerFrame } from '../../dom/once-per-frame.ts'
import { patch } from '../../dom/patch.ts'
import { freshnessOf } from '../../freshness.ts'
import { DeviceStore } from '../../live/device-store.ts'
import { LiveLink } from '../../live/link.ts'
import { watchOf } from '../../live/watch-box.ts'
import { centerOf } from '../../places.ts'
import { startData } from '../../read-start-data.ts'
import type { Shell } from '../../shell/shell.ts'
import { onTheme } from '../../shell/theme.ts'
import { toast } from '../../shell/toast.ts'
import { DEFAULT_LAYERS, parseUrl, type Selection } from '../../shell/url-state.ts'
import { onLanguage, t } from '../../text/texts.ts'
import { loadTransitPlan, stops } from '../../transit-plan.ts'
import { Announcer } from './announcer.ts'
import { DetailPanel } from './detail-panel.ts'
import { findables } from './findables.ts'
import { keepForLater, showLastSoon } from './last-visit.ts'
import { ROWS_AT_ONCE } from './list-view.ts'
import { heardTime, type MapState } from './map-state.ts'
import { MapTools } from './map-tools.ts'
import { listenToPage } from './page-acts.ts'
import { PlaceChooser } from './place-chooser.ts'
import { SearchBox } from './search-box.ts'
import { Sheet } from './sheet.ts'
import { SidePanel } from './side-panel.ts'
import { STOP_PREFIX, Stage } from './stage.ts'
import { untilDone } from './until-done.ts'
import { UrlKeeper } from './url-keeper.ts'

const TICK_MS = 1_000
const FIRST_MARKER = 'first-marker'

export class MapPage {
  readonly #shell: Shell
  readonly #state: MapState
  readonly #stage: Stage
  readonly #link: LiveLink
  readonly #url: UrlKeeper
  readonly #sheet = new Sheet(byId('sheet'), () => this.#render())
  readonly #announcer = new Announcer(byId('announcer'))
  readonly #search: SearchBox
  readonly #places: PlaceChooser
  readonly #detail: DetailPanel
  readonly #side: SidePanel
  readonly #tools: MapTools
  readonly #renderSoon = oncePerFrame(() => this.#render())
  #isLinkOpen: boolean

  constructor(shell: Shell, village: VillageAnswer) {
    this.#shell = shell
    const now = () => shell.serverClock.now()
    const start = startData()
    const store = new DeviceStore()
    const render = () => this.#renderSoon()
    const url = parseUrl(location.hash)
    if (url.bad.length > 0) toast(t('url.bad', { parts: url.bad.join(', ') }))
    this.#isLinkOpen = url.state.selection !== null && url.state.view === null
    this.#stage = new Stage({ element: byId('map'), village, clock: shell.clock, view: url.state.view })
    this.#state = {
      village,
      start,
      store,
      now,
      isStaff: shell.session !== null,
      arrivals: new Arrivals(shell.clock, render),
      strips: new StateStrips(shell.clock, now, render),
      sprites: this.#stage.sprites,
      place: start?.place ?? centerOf(village),
      layers: new Set(url.state.layers ?? DEFAULT_LAYERS),
      listLayer: null,
      listMost: ROWS_AT_ONCE,
      selection: url.state.selection,
      link: 'connecting',
      isMapWhole: true,
      isPlanKnown: false,
    }
    const state = this.#state
    this.#link = new LiveLink(watchOf(this.#state.village, this.#stage.box()), {
      store,
      clock: shell.clock,
      serverClock: shell.serverClock,
      onState: () => this.#linkChanged(),
    })
    this.#url = new UrlKeeper(state, this.#stage, shell.clock)
    this.#detail = new DetailPanel(state, this.#stage)
    this.#tools = new MapTools(state, this.#stage)
    this.#side = new SidePanel(state, this.#stage)
    const all = () => findables(state, this.#stage)
    const onChoose = (target: string) => this.#choose(target)
    this.#search = new SearchBox({ root: byId('search'), name: 'search', all, onChoose })
    this.#places = new PlaceChooser({
      state,
      stage: this.#stage,
      findables: all,
      onChange: render,
      onTapping: () => this.#sheet.set('answers'),
    })
  }

  async start(): Promise<void> {
    const { store } = this.#state
    store.onChange(({ all, changed, removed }) => {
      const now = this.#state.now()
      for (const feature of changed) {
        const fresh = freshnessOf(feature, now, heardTime(this.#state))
        this.#stage.show(feature, fresh, now, this.#state.layers)
      }
      for (const id of removed) this.#stage.take(id)
      this.#takeLinked()
      // The map shows what came at once; what is written follows with the next second.
      if (!all) return
      this.#showAll()
      // Read by `npm run bench -- first-view`: the next frame draws them.
      if (performance.getEntriesByName(FIRST_MARKER).length === 0) performance.mark(FIRST_MARKER)
      this.#renderSoon()
    })
    listenToPage({
      stage: this.#stage,
      places: this.#places,
      acts: this.#acts(),
      press: (at) => this.#tools.press(at, (target) => this.#choose(target)),
      addressChanged: (isForeign) => this.#fromUrl(isForeign),
      escape: () => {
        if (this.#state.selection !== null) this.#select(null)
      },
      announce: (text) => this.#announcer.answer(text),
      nameOf: (id) => this.#nameOf(id),
      open: (id) => this.#openPoint(id),
      toList: (id) => this.#toList(id),
      toSearch: () => this.#search.focus(),
    })
    onLanguage(() => this.#render())
    onTheme(() => this.#render())
    this.#stage.map.on('moveend', () => this.#moved())
    setInterval(() => this.#tick(), TICK_MS)
    this.#shell.setLink(this.#state.link)
    this.#render()
    if (this.#shell.session === null) keepForLater(this.#state)
    showLastSoon(this.#state)
    await Promise.all([
      this.#link.start(),
      untilDone(() => this.#loadPlan()),
      untilDone(() => this.#loadBase()),
    ])
  }

  /** A link that names a thing and no view shows where the thing is, once it is known. */
  #takeLinked(): void {
    const { selection } = this.#state
    if (!this.#isLinkOpen || selection === null) return
    if (!this.#state.store.devices.has(selection.id) && !stops.has(selection.id)) return
    this.#isLinkOpen = false
    this.#detail.bringIntoView(selection, true)
  }

  /** True when routes and stops are known. */
  async #loadPlan(): Promise<boolean> {
    const [west = 0, south = 0, east = 0, north = 0] = this.#state.village.bounds
    const pad = 0.01
    const { ok } = await loadTransitPlan([west - pad, south - pad, east + pad, north + pad])
    this.#state.isPlanKnown = ok
    this.#stage.setStopsShown(this.#state.layers.has('bus'))
    this.#places.takeKept()
    this.#takeLinked()
    this.#showAll()
    this.#renderSoon()
    return ok
  }

  /** True when the base map is whole. */
  async #loadBase(): Promise<boolean> {
    this.#state.isMapWhole = await this.#stage.loadBase()
    this.#renderSoon()
    return this.#state.isMapWhole
  }

  #acts(): Acts {
    return {
      answer: (argument, _target, event) => {
        // With a key held down the link goes where the reader wants it.
        if (event instanceof MouseEvent && (event.ctrlKey || event.metaKey || event.shiftKey)) return
        event.preventDefault()
        if (argument === 'wifi' || argument === 'air') this.#openList(argument)
        else this.#choose(argument)
      },
      select: (argument) => this.#choose(argument),
      close: () => this.#select(null),
      more: () => {
        this.#state.listMost += ROWS_AT_ONCE
        this.#render()
      },
      listLayer: (layer) => {
        this.#state.listLayer =
          layer === 'wifi' || layer === 'air' || layer === 'bus' || layer === 'water' || layer === 'noise'
            ? layer
            : null
        this.#render()
      },
      layer: (layer, target) => this.#setLayer(layer, target instanceof HTMLInputElement && target.checked),
      place: () => this.#places.open(),
      locate: () => void this.#places.locate(),
      pause: () => this.#togglePause(),
      sheet: () => this.#sheet.toggle(),
      skip: (_argument, _target, event) => {
        event.preventDefault()
        this.#toList(null)
      },
      retryStop: (stop) => this.#state.arrivals.retry(stop),
    }
  }

  #watchedKey = ''

  #moved(): void {
    this.#url.moved()
    const watch = watchOf(this.#state.village, this.#stage.box())
    const key = JSON.stringify(watch)
    if (this.#watchedKey !== '' && this.#watchedKey !== key) this.#link.watch(watch)
    this.#watchedKey = key
    this.#renderSoon()
  }

  #linkChanged(): void {
    this.#state.link = this.#link.connection.state
    this.#shell.setLink(this.#state.link)
    byId('map').classList.toggle('is-cut-off', this.#state.link === 'offline')
    if (this.#link.tookBack()) toast(t('net.back'))
    this.#renderSoon()
  }

  #tick(): void {
    if (document.hidden) return
    // Freshness goes by the clock alone: what was live may be old without a word from anybody.
    this.#showAll()
    this.#render()
    const { feedTime, devices } = this.#state.store
    if (feedTime !== null)
      this.#shell.setSimulated([...devices.values()].some(({ properties }) => properties.simulated))
    this.#news()
  }

  #showAll(): void {
    const { store, layers } = this.#state
    const now = this.#state.now()
    const feed = heardTime(this.#state)
    for (const feature of store.devices.values())
      this.#stage.show(feature, freshnessOf(feature, now, feed), now, layers)
  }

  #news(): void {
    const text = document.querySelector('[data-key=wifi] .answer-main')?.textContent ?? ''
    if (this.#state.store.feedTime !== null) this.#announcer.tell(text, this.#shell.clock.monotonicMs())
  }

  #render(): void {
    this.#side.render()
    this.#tools.render()
    this.#detail.render()
    this.#search.render()
    const { selection } = this.#state
    this.#stage.rings.selected =
      selection === null ? null : selection.kind === 'stop' ? STOP_PREFIX + selection.id : selection.id
    this.#stage.rings.update()
    patch(byId('map-help'), t('map.keys'))
    byId('map').setAttribute('aria-label', t('map.label', { village: this.#state.village.name }))
  }

  #choose(target: string): void {
    const colon = target.indexOf(':')
    const [kind, id] = [target.slice(0, colon), target.slice(colon + 1)]
    if (kind === 'at') {
      const [lat = 0, lon = 0] = id.split(',').map(Number)
      this.#stage.goTo(lat, lon, Math.max(16, this.#stage.map.getZoom()))
      return
    }
    const { selection } = parseUrl(`sel=${kind}:${encodeURIComponent(id)}`).state
    if (selection !== null) this.#select(selection)
  }

  #select(selection: Selection | null, isFromUrl = false): void {
    this.#state.selection = selection
    if (!isFromUrl) this.#url.selected()
    this.#detail.opened(selection)
    this.#render()
  }

  #fromUrl(isForeign: boolean): void {
    const { state } = parseUrl(location.hash)
    if (isForeign && state.view !== null) this.#stage.goTo(state.view.lat, state.view.lon, state.view.zoom)
    if (isForeign && state.layers !== null) this.#setLayers(new Set(state.layers))
    this.#select(state.selection, true)
    // The map stays where it is, so the entry that was gone back to says so now.
    if (!isForeign) this.#url.changed()
  }

  #openPoint(id: string): void {
    const device = this.#state.store.devices.get(id)
    if (id.startsWith(STOP_PREFIX)) this.#select({ kind: 'stop', id: id.slice(STOP_PREFIX.length) })
    else if (device !== undefined) this.#select({ kind: device.properties.kind, id })
  }

  #nameOf(id: string): string | null {
    const device = this.#state.store.devices.get(id)
    return device?.properties.name ?? stops.get(id.slice(STOP_PREFIX.length))?.name ?? null
  }

  #openList(layer: 'wifi' | 'air'): void {
    this.#state.listLayer = layer
    this.#sheet.set('full')
    this.#render()
    byId('list-title').focus()
    byId('list-title').scrollIntoView({ block: 'start' })
  }

  #toList(id: string | null): void {
    this.#sheet.set('full')
    this.#render()
    const row =
      id === null ? null : document.querySelector<HTMLElement>(`#list [data-id="${CSS.escape(id)}"]`)
    const target = row ?? byId('list-title')
    target.focus()
  }

  #setLayer(layer: string, isShown: boolean): void {
    const layers = new Set(this.#state.layers)
    if (isShown) layers.add(layer)
    else layers.delete(layer)
    this.#setLayers(layers)
  }

  #setLayers(layers: ReadonlySet<string>): void {
    this.#state.layers = layers
    if (this.#state.listLayer !== null && !layers.has(this.#state.listLayer)) this.#state.listLayer = null
    this.#stage.setStopsShown(layers.has('bus'))
    this.#showAll()
    this.#url.changed()
    this.#render()
  }

  #togglePause(): void {
    const { store } = this.#state
    if (store.isPaused) store.resume()
    else {
      store.pause()
      this.#stage.points.settle()
    }
    this.#render()
  }
}
