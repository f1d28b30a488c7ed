// Layers and legend in one: a switch a layer with its counts and last word, and below it what its markers mean.

import type { DeviceFeature } from '../../../../contract/api.ts'
import { h } from '../../dom/h.ts'
import { fmt } from '../../format.ts'
import { type Freshness, freshnessOf, seenAt } from '../../freshness.ts'
import { LAYERS, type Layer, layerOf } from '../../layers/index.ts'
import { t } from '../../text/texts.ts'
import { heardTime, type MapState } from './map-state.ts'

type Counted = readonly (readonly [DeviceFeature, Freshness])[]

export function legendView(state: MapState) {
  const now = state.now()
  const byLayer = new Map<Layer, [DeviceFeature, Freshness][]>(LAYERS.map((layer) => [layer, []]))
  for (const feature of state.store.devices.values()) {
    const layer = layerOf(feature)
    if (layer !== null) byLayer.get(layer)?.push([feature, freshnessOf(feature, now, heardTime(state))])
  }
  return [
    h('h2', { class: 'legend-title' }, t('map.legend')),
    LAYERS.map((layer) => layerView(state, layer, byLayer.get(layer) ?? [], now)),
    h('p', { class: 'hint legend-note' }, t('legend.age')),
  ]
}

function layerView(state: MapState, layer: Layer, features: Counted, now: number) {
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
    // Before the first word of the feed nothing is known of how many there are.
    state.store.feedTime === null
      ? null
      : h('p', { class: 'hint' }, layer.countText(features), lastText(features, now)),
    isShown ? legendRows(state, layer) : null,
  )
}

function lastText(features: Counted, now: number): string {
  let last = Number.NEGATIVE_INFINITY
  for (const [feature] of features) last = Math.max(last, seenAt(feature) ?? last)
  if (!Number.isFinite(last)) return ''
  return `, ${t('layer.update', { rel: fmt().relative(Math.min(0, last - now)) })}`
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
