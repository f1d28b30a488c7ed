// The list: the same points as the map in the same view, nearest to the place first, for whoever does not use the map.

import type { DeviceFeature } from '../../../../contract/api.ts'
import { freshText } from '../../age-text.ts'
import { h } from '../../dom/h.ts'
import { icon } from '../../dom/icons.ts'
import { fmt } from '../../format.ts'
import { LAYERS, layerOf } from '../../layers/index.ts'
import { byDistance, positionOf } from '../../places.ts'
import { t } from '../../text/texts.ts'
import { freshness, type MapState } from './map-state.ts'

export const ROWS_AT_ONCE = 50

export interface Listed {
  readonly feature: DeviceFeature
  readonly distanceM: number
}

/** What the map shows between those borders, nearest to the place first. */
export function listedDevices(
  state: MapState,
  contains: (position: { readonly lat: number; readonly lon: number }) => boolean,
): readonly Listed[] {
  const shown = [...state.store.devices.values()].filter((feature) => {
    const layer = layerOf(feature)
    const position = positionOf(feature)
    if (layer === null || position === null || !state.layers.has(layer.id)) return false
    return (state.listLayer === null || state.listLayer === layer.id) && contains(position)
  })
  return byDistance(shown, state.place)
}

export function listHeadView(state: MapState, listed: readonly Listed[]) {
  const shown = LAYERS.filter(({ id }) => state.layers.has(id))
  const filter = (id: string, text: string) =>
    h(
      'button',
      {
        type: 'button',
        class: 'filter',
        'data-act': 'listLayer',
        'data-arg': id,
        'aria-pressed': String((state.listLayer ?? '') === id),
      },
      text,
    )
  return [
    h('h2', { id: 'list-title', tabindex: -1 }, t('list.title')),
    state.store.feedTime === null
      ? null
      : h('span', { class: 'hint' }, t('list.count', { n: listed.length })),
    h(
      'div',
      { class: 'filters', role: 'group', 'aria-label': t('map.layers') },
      filter('', t('all')),
      shown.map((layer) => filter(layer.id, t(layer.title))),
    ),
  ]
}

export function listView(state: MapState, listed: readonly Listed[]) {
  if (state.store.feedTime === null) {
    return h('p', { class: 'notice', role: 'status' }, t('fresh.waiting'))
  }
  if (state.store.devices.size === 0) return h('p', { class: 'notice' }, t('list.empty'))
  if (listed.length === 0) return h('p', { class: 'notice' }, t('list.none'))
  const rows = listed.slice(0, state.listMost)
  return [
    h(
      'ul',
      { class: 'rows', 'aria-label': t('list.label'), 'data-key': 'rows' },
      rows.map((row) => rowView(state, row)),
    ),
    listed.length <= rows.length
      ? null
      : h(
          'button',
          { type: 'button', class: 'button wide', 'data-act': 'more', 'data-key': 'more' },
          t('more'),
        ),
  ]
}

function rowView(state: MapState, { feature, distanceM }: Listed) {
  const layer = layerOf(feature)
  if (layer === null) return null
  const fresh = freshness(state, feature)
  const spec = layer.sprite(feature, fresh)
  const { canvas } = state.sprites.get(spec)
  const { kind, name } = feature.properties
  const isSelected = state.selection?.kind === kind && state.selection.id === feature.id
  const width = Math.round(canvas.width / state.sprites.ratio)
  const height = Math.round(canvas.height / state.sprites.ratio)
  return h(
    'li',
    { 'data-key': feature.id },
    h(
      'button',
      {
        type: 'button',
        class: 'row',
        'data-act': 'select',
        'data-arg': `${kind}:${feature.id}`,
        'data-id': feature.id,
        'aria-current': isSelected ? 'true' : null,
      },
      h('span', { class: 'row-mark' }, h('img', { src: state.sprites.image(spec), alt: '', width, height })),
      h(
        'span',
        { class: 'row-text' },
        h('span', { class: 'row-name' }, name),
        h('span', { class: 'row-state' }, layer.stateText(feature, fresh, state.now())),
        h(
          'span',
          { class: fresh === 'late' ? 'row-age is-late' : 'row-age' },
          freshText(feature, fresh, state.now()),
        ),
      ),
      h('span', { class: 'row-distance' }, fmt().distance(distanceM)),
      icon('right', 16),
    ),
  )
}
