// What is told of one device: its state in a sentence, its age, and by kind the rest.

import type { DeviceFeature } from '../../../contract/api.ts'
import { haversineM } from '../../../domain/geo/geodesy.ts'
import { freshText } from '../age-text.ts'
import { measuresAir } from '../device-layer.ts'
import { h } from '../dom/h.ts'
import { fmt } from '../format.ts'
import type { Freshness } from '../freshness.ts'
import { layerOf } from '../layers/index.ts'
import { shownState, stateWord } from '../layers/wifi.ts'
import { chartMetrics } from '../metric-text.ts'
import { freshness as freshnessIn, type MapState, shownPlaceName } from '../pages/map/map-state.ts'
import { positionOf } from '../places.ts'
import { t } from '../text/texts.ts'
import { airSection } from './air-section.ts'
import { causeText } from './cause-text.ts'
import { cloneLine } from './clone-line.ts'
import { detailHead } from './detail-head.ts'
import { whyButton } from './explanation.ts'
import { hotspotSection } from './hotspot-section.ts'
import { valueTable } from './value-table.ts'
import { vehicleSection } from './vehicle-section.ts'

export function deviceDetail(state: MapState, feature: DeviceFeature) {
  const { kind, name } = feature.properties
  const freshness = freshnessIn(state, feature)
  const layer = layerOf(feature)
  const spec = layer?.sprite(feature, freshness) ?? null
  const kindKey = `detail.kind.${kind}` as const
  return [
    detailHead(name, t(kindKey), spec === null ? null : { sprites: state.sprites, spec }),
    h(
      'div',
      { class: 'detail-body', 'data-key': `device:${feature.id}` },
      stateSentence(state, feature, freshness),
      h(
        'p',
        { class: freshness === 'late' ? 'age is-late' : 'age' },
        freshText(feature, freshness, state.now()),
      ),
      cloneLine(feature, state.now(), true),
      distanceLine(state, feature),
      feature.properties.simulated ? h('p', { class: 'sim-note' }, t('sim.device')) : null,
      kind === 'hotspot' ? hotspotSection(state, feature) : null,
      // A gauge of water or noise has no index to speak of.
      measuresAir(feature) ? airSection(feature, freshness, state.sprites, true) : null,
      kind === 'vehicle' ? vehicleSection(state, feature) : valueTable(feature, state.now()),
      historySlot(feature),
    ),
  ]
}

/** `Gangguan sejak 14.20 WIB (35 mnt)`, and why. */
function stateSentence(state: MapState, feature: DeviceFeature, freshness: Freshness) {
  const { since, cause, kind } = feature.properties
  const shown = shownState(feature, freshness)
  const word = kind !== 'hotspot' && shown === 'up' ? t('state.online') : stateWord(shown)
  const begin = since === null ? null : Date.parse(since)
  const sinceText =
    begin === null
      ? ''
      : t('state.since', { time: fmt().when(begin, state.now()), dur: fmt().duration(state.now() - begin) })
  const why = causeText(cause, state.store.devices)
  return [
    h(
      'p',
      { class: `state-line state-${shown}` },
      h('strong', {}, word),
      sinceText === '' ? '' : ` ${sinceText}`,
      ' ',
      whyButton({ device: feature.id, value: 'state' }),
    ),
    why === null ? null : h('p', { class: 'cause' }, why),
  ]
}

function distanceLine(state: MapState, feature: DeviceFeature) {
  const position = positionOf(feature)
  if (position === null) return null
  const d = fmt().distance(haversineM(position, state.place))
  return h('p', { class: 'hint' }, t('detail.distance', { d, place: shownPlaceName(state) }))
}

/** Where the history is put; nothing for what has no chart. */
export function historySlot(feature: DeviceFeature) {
  if (feature.properties.kind === 'vehicle' || chartMetrics(feature).length === 0) return null
  return h('section', {
    class: 'history',
    'data-keep': true,
    'data-key': `history:${feature.id}`,
    'data-history': feature.id,
  })
}
