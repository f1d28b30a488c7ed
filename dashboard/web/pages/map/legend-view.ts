// Layers and legend in one: a switch a layer with its counts and last word, and below it what its markers mean.

import type { DeviceFeature } from '../../../../contract/api.ts'
import { h } from '../../dom/h.ts'
import { fmt } from '../../format.ts'
import { type Freshness, seenAt } from '../../freshness.ts'
import { LAYERS, type Layer } from '../../layers/index.ts'
import { t } from '../../text/texts.ts'
import { freshness, type MapState } from './map-state.ts'

export function legendView(state: MapState) {
  return [h('h2', { class: 'legend-title' }, t('map.legend')), LAYERS.map((layer) => layerView(state, layer))]
}

function layerView(state: MapState, layer: Layer) {
  const features = [...state.store.devices.values()]
    .filter((feature) => layer.holds(feature))
    .map((feature): readonly [DeviceFeature, Freshness] => [feature, freshness(state, feature)])
  const isShown = state.layers.has(layer.id)
  return h(
    'section',
    { class: 'legend-layer', 'data-key': layer.id },
    h(
      'label',
      { class: 'switch' },
      h('input', {
        type: 'checkbox',
        role: 'switch',
        checked: isShown,
        'data-change': 'layer',
        'data-arg': layer.id,
      }),
      h('span', { class: 'switch-track', 'aria-hidden': 'true' }),
      h('span', { class: 'switch-label' }, t(layer.title)),
    ),
    h('p', { class: 'hint' }, layer.countText(features), lastText(state, features)),
    isShown ? legendRows(state, layer) : null,
  )
}

function lastText(state: MapState, features: readonly (readonly [DeviceFeature, Freshness])[]): string {
  const last = Math.max(...features.map(([feature]) => seenAt(feature) ?? Number.NEGATIVE_INFINITY))
  if (!Number.isFinite(last)) return ''
  return `, ${t('layer.update', { rel: fmt().relative(Math.min(0, last - state.now())) })}`
}

function legendRows(state: MapState, layer: Layer) {
  return h(
    'ul',
    { class: 'legend-rows' },
    layer.legend().map(({ sprite, text }) => {
      const { width, height } = state.sprites.get(sprite)
      return h(
        'li',
        {},
        h(
          'span',
          { class: 'legend-mark' },
          h('img', { src: state.sprites.image(sprite), alt: '', width, height }),
        ),
        h('span', {}, text),
      )
    }),
  )
}
