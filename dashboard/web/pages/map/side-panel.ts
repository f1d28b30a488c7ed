// The column beside the map, on a phone the sheet below it: place, answers, freshness, list.

import { byId, h } from '../../dom/h.ts'
import { icon } from '../../dom/icons.ts'
import { patch } from '../../dom/patch.ts'
import { fmt } from '../../format.ts'
import { offlineText } from '../../shell/offline-text.ts'
import { t } from '../../text/texts.ts'
import { answersView } from './answers-view.ts'
import { listedDevices, listHeadView, listView } from './list-view.ts'
import { feedTime, type MapState, shownPlaceName } from './map-state.ts'
import type { Stage } from './stage.ts'

export class SidePanel {
  readonly #state: MapState
  readonly #stage: Stage
  /** The order of the list while somebody is in it: nothing moves under a finger. */
  #frozen: readonly string[] | null = null
  readonly #narrow = window.matchMedia('(max-width: 599px)')

  constructor(state: MapState, stage: Stage) {
    this.#state = state
    this.#stage = stage
    const list = byId('list')
    const freeze = (): void => {
      this.#frozen ??= [...list.querySelectorAll<HTMLElement>('[data-id]')].map(
        (row) => row.dataset['id'] ?? '',
      )
    }
    const thaw = (): void => {
      if (!list.matches(':hover, :focus-within')) this.#frozen = null
    }
    list.addEventListener('pointerenter', freeze)
    list.addEventListener('focusin', freeze)
    list.addEventListener('pointerleave', thaw)
    list.addEventListener('focusout', () => setTimeout(thaw))
    stage.map.on('moveend', () => {
      this.#frozen = null
    })
  }

  render(): void {
    const state = this.#state
    const bounds = this.#stage.map.getBounds()
    patch(byId('place'), placeView(state))
    const answers = answersView(state)
    // Until the first live word what the server sent stays.
    if (answers !== null) {
      patch(byId('answers'), answers)
      patch(byId('fresh'), freshnessView(state))
    }
    patch(byId('banner'), bannerView(state))
    if (!this.#isListSeen()) return
    const listed = this.#inOrder(listedDevices(state, ({ lat, lon }) => bounds.contains([lat, lon])))
    patch(byId('list-head'), listHeadView(state, listed))
    patch(byId('list'), listView(state, listed))
  }

  /** On a phone the closed sheet holds the answers alone. */
  #isListSeen(): boolean {
    return !this.#narrow.matches || document.body.dataset['sheet'] !== 'answers'
  }

  #inOrder<T extends { readonly feature: { readonly id: string } }>(listed: readonly T[]): readonly T[] {
    const frozen = this.#frozen
    if (frozen === null) return listed
    const place = (id: string): number => {
      const index = frozen.indexOf(id)
      return index < 0 ? frozen.length : index
    }
    return listed.toSorted((a, b) => place(a.feature.id) - place(b.feature.id))
  }
}

function placeView(state: MapState) {
  return [
    h(
      'p',
      { class: 'place-name' },
      icon('place', 18),
      h('span', {}, t('place.around', { place: shownPlaceName(state) })),
    ),
    h(
      'button',
      { type: 'button', class: 'button small', 'data-act': 'place', 'aria-label': t('place.change') },
      t('place.short'),
    ),
  ]
}

function freshnessView(state: MapState) {
  const { store } = state
  if (store.feedTime === null) return h('p', { class: 'fresh-line' }, t('fresh.waiting'))
  if (store.isKept) {
    return h(
      'p',
      { class: 'fresh-line' },
      t('fresh.stale', { time: fmt().when(store.feedTime, state.now()) }),
    )
  }
  const rel = fmt().relative(Math.min(0, feedTime(state) - state.now()))
  return [
    h('p', { class: 'fresh-line' }, store.isPaused ? t('fresh.paused', { rel }) : t('fresh.ago', { rel })),
    h(
      'button',
      {
        type: 'button',
        class: 'icon-button',
        'data-act': 'pause',
        'aria-pressed': String(store.isPaused),
        'aria-label': store.isPaused ? t('update.resume') : t('update.pause'),
        title: store.isPaused ? t('update.resume') : t('update.pause'),
      },
      icon(store.isPaused ? 'play' : 'pause', 18),
    ),
  ]
}

function bannerView(state: MapState) {
  const { store, link, isMapWhole } = state
  const time = store.feedTime === null ? null : fmt().when(store.feedTime, state.now())
  if (link === 'offline') {
    return h('p', { class: 'banner is-bad' }, icon('warn', 18), offlineText(time))
  }
  if (!store.isFeedFresh && time !== null)
    return h('p', { class: 'banner' }, icon('warn', 18), t('net.server', { time }))
  return isMapWhole ? null : h('p', { class: 'banner' }, icon('warn', 18), t('map.failed'))
}
