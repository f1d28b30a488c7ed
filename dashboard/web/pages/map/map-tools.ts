// What lies on the map: zoom, pan, the whole village, where I am, layers with the legend, and whose data it is. And what a press
// on the map hits.

import type { Point as Pixels } from 'leaflet'
import { listen } from '../../dom/act.ts'
import { byId, h } from '../../dom/h.ts'
import { type IconName, icon } from '../../dom/icons.ts'
import { patch } from '../../dom/patch.ts'
import { canLocate } from '../../places.ts'
import { type TextKey, t } from '../../text/texts.ts'
import { legendView } from './legend-view.ts'
import type { MapState } from './map-state.ts'
import { reducedMotion, STOP_PREFIX, type Stage } from './stage.ts'

const TOUCH_PX = 22
const MOUSE_PX = 16
const PAN_PX = 120
const WIDE = '(min-width: 1024px)'
const NARROW = '(max-width: 599px), (max-height: 500px)'

export class MapTools {
  readonly #state: MapState
  readonly #stage: Stage
  #isLegendOpen = window.matchMedia(WIDE).matches
  #isPanOpen = false
  #wasTouch = false

  constructor(state: MapState, stage: Stage) {
    this.#state = state
    this.#stage = stage
    listen(byId('map-tools'), {
      zoom: (by) =>
        stage.map.setZoom(Math.round(stage.map.getZoom()) + Number(by), { animate: !reducedMotion.matches }),
      home: () => stage.showAll(),
      pan: (way) => this.#pan(way),
      togglePan: () => {
        this.#isPanOpen = !this.#isPanOpen
        this.render()
      },
      legend: () => this.#toggleLegend(),
    })
    listen(byId('legend'), { legend: () => this.#toggleLegend() })
    byId('legend').addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return
      event.preventDefault()
      this.#toggleLegend()
    })
    const map = byId('map')
    map.addEventListener('pointerdown', ({ pointerType }) => {
      this.#wasTouch = pointerType === 'touch'
    })
    map.addEventListener('pointermove', (event) => this.#hovered(event))
    // On a phone the sources are one line, which a press opens; else they lie open.
    const narrow = window.matchMedia(NARROW)
    const fold = (): void => {
      byId('attribution').toggleAttribute('open', !narrow.matches)
    }
    narrow.addEventListener('change', fold)
    fold()
  }

  render(): void {
    patch(byId('map-tools'), this.#buttons())
    const legend = byId('legend')
    legend.hidden = !this.#isLegendOpen
    if (this.#isLegendOpen) {
      patch(
        legend,
        h(
          'button',
          {
            type: 'button',
            class: 'icon-button legend-close',
            'data-act': 'legend',
            'data-key': 'close',
            'aria-label': t('close'),
          },
          icon('close', 18),
        ),
        legendView(this.#state),
      )
    }
    patch(byId('attribution'), this.#attribution())
  }

  /** What was pressed: a point is chosen, a cluster opens up. */
  press(at: Pixels, choose: (target: string) => void): void {
    const hit = this.#stage.points.places.hitAt(at.x, at.y, this.#wasTouch ? TOUCH_PX : MOUSE_PX)
    if (hit === null) return
    if (hit.type === 'cluster') {
      this.#stage.goTo(
        hit.cluster.lat,
        hit.cluster.lon,
        Math.min(17, Math.floor(this.#stage.map.getZoom()) + 2),
      )
      return
    }
    const device = this.#state.store.devices.get(hit.id)
    if (hit.id.startsWith(STOP_PREFIX)) choose(hit.id)
    else if (device !== undefined) choose(`${device.properties.kind}:${hit.id}`)
  }

  #hovered(event: PointerEvent): void {
    if (event.pointerType !== 'mouse' || event.buttons !== 0) return
    const box = byId('map').getBoundingClientRect()
    const hit = this.#stage.points.places.hitAt(event.clientX - box.left, event.clientY - box.top, MOUSE_PX)
    byId('map').classList.toggle('is-over-point', hit !== null)
  }

  #toggleLegend(): void {
    this.#isLegendOpen = !this.#isLegendOpen
    this.render()
    const target = this.#isLegendOpen ? '#legend .legend-close' : '#map-tools [data-act=legend]'
    document.querySelector<HTMLElement>(target)?.focus()
  }

  #pan(way: string): void {
    const [x, y] = { up: [0, -1], down: [0, 1], left: [-1, 0], right: [1, 0] }[way] ?? [0, 0]
    this.#stage.map.panBy([(x ?? 0) * PAN_PX, (y ?? 0) * PAN_PX], { animate: !reducedMotion.matches })
  }

  #buttons() {
    const tool = (
      act: string,
      argument: string,
      name: IconName,
      key: TextKey,
      more: Record<string, string> = {},
    ) =>
      h(
        'button',
        {
          type: 'button',
          class: `tool tool-${act}`,
          'data-key': `${act}-${argument}`,
          'data-act': act,
          'data-arg': argument,
          'aria-label': t(key, { village: this.#state.village.name }),
          title: t(key, { village: this.#state.village.name }),
          ...more,
        },
        icon(name),
      )
    return [
      tool('legend', '', 'layers', 'map.layers', {
        'aria-expanded': String(this.#isLegendOpen),
        'aria-controls': 'legend',
      }),
      canLocate() ? tool('locate', '', 'locate', 'place.locate') : null,
      h(
        'div',
        { class: 'tool-group', 'data-key': 'zoom' },
        tool('zoom', '1', 'plus', 'map.zoomin'),
        tool('zoom', '-1', 'minus', 'map.zoomout'),
      ),
      tool('home', '', 'map', 'map.home'),
      h(
        'div',
        { class: 'pan-group', 'data-key': 'pan' },
        tool('togglePan', '', 'move', 'map.pan', { 'aria-expanded': String(this.#isPanOpen) }),
        this.#isPanOpen
          ? h(
              'div',
              { class: 'pan-pad', role: 'group', 'aria-label': t('map.pan') },
              tool('pan', 'up', 'up', 'map.pan.up'),
              tool('pan', 'left', 'left', 'map.pan.left'),
              tool('pan', 'right', 'right', 'map.pan.right'),
              tool('pan', 'down', 'down', 'map.pan.down'),
            )
          : null,
      ),
    ]
  }

  #attribution() {
    const { attributions, tiles } = this.#state.village
    return [
      h(
        'summary',
        {},
        h('span', {}, `© ${t('map.sources')}`),
        h('span', { class: 'attribution-line' }, `: ${attributions.map(({ text }) => text).join(' · ')}`),
      ),
      h(
        'ul',
        {},
        attributions.map(({ text, url }) =>
          h('li', {}, url === undefined ? text : h('a', { href: url, rel: 'noopener noreferrer' }, text)),
        ),
        tiles === null ? null : h('li', {}, t('map.tiles', { host: tiles.host })),
      ),
    ]
  }
}
