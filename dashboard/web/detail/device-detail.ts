// What is told of one device: its state in a sentence, its age, and by kind the rest.

import type { DeviceFeature } from '../../../contract/api.ts'
import { haversineM } from '../../../domain/geo/geodesy.ts'
import { placeStops, projections, shapeLine } from '../../../domain/transit/shape-line.ts'
import { freshText } from '../age-text.ts'
import { h } from '../dom/h.ts'
import { fmt } from '../format.ts'
import type { Freshness } from '../freshness.ts'
import { headsignOf, occupancyText, routeName } from '../layers/bus.ts'
import { layerOf } from '../layers/index.ts'
import { shownState, stateWord } from '../layers/wifi.ts'
import { chartMetrics } from '../metric-text.ts'
import { freshness as freshnessIn, type MapState, shownPlaceName } from '../pages/map/map-state.ts'
import { positionOf } from '../places.ts'
import { t } from '../text/texts.ts'
import { routes, type Stop, stops } from '../transit-plan.ts'
import { airSection } from './air-section.ts'
import { causeText } from './cause-text.ts'
import { detailHead } from './detail-head.ts'
import { whyButton } from './explanation.ts'
import { hotspotSection } from './hotspot-section.ts'
import { valueTable } from './value-table.ts'

export function deviceDetail(state: MapState, feature: DeviceFeature) {
  const { kind, name } = feature.properties
  const freshness = freshnessIn(state, feature)
  const layer = layerOf(feature)
  const spec = layer?.sprite(feature, freshness) ?? null
  const kindKey = `detail.kind.${kind}` as const
  return [
    detailHead(name, t(kindKey), spec === null ? null : state.sprites.image(spec)),
    h(
      'div',
      { class: 'detail-body', 'data-key': `device:${feature.id}` },
      stateSentence(state, feature, freshness),
      h(
        'p',
        { class: freshness === 'late' ? 'age is-late' : 'age' },
        freshText(feature, freshness, state.now()),
      ),
      distanceLine(state, feature),
      feature.properties.simulated ? h('p', { class: 'sim-note' }, t('sim.device')) : null,
      kind === 'hotspot' ? hotspotSection(state, feature) : null,
      kind === 'sensor' ? airSection(feature, freshness, state.sprites, true) : null,
      kind === 'vehicle' ? vehicleSection(feature) : valueTable(feature, state.now()),
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

function vehicleSection(feature: DeviceFeature) {
  const { transit } = feature.properties
  const headsign = headsignOf(feature)
  const route = routes.get(transit?.route ?? '')
  const crowding = occupancyText(transit?.occupancy)
  return h(
    'section',
    {},
    h(
      'dl',
      { class: 'facts' },
      h(
        'div',
        {},
        h('dt', {}, t('detail.kind.route')),
        h(
          'dd',
          {},
          route === undefined
            ? (transit?.route ?? t('bus.noroute'))
            : h(
                'button',
                { type: 'button', class: 'link', 'data-act': 'select', 'data-arg': `route:${route.id}` },
                `${routeName(feature)} ${route.longName}`,
              ),
        ),
      ),
      headsign === null
        ? null
        : h('div', {}, h('dt', {}, t('bus.toward', { headsign: '' }).trim()), h('dd', {}, headsign)),
      crowding === null ? null : h('div', {}, h('dt', {}, t('bus.occupancy')), h('dd', {}, crowding)),
    ),
    nextStops(feature),
  )
}

const STOPS_SHOWN = 5
const FARTHEST_OFF_M = 80

type Direction = NonNullable<ReturnType<typeof routes.get>>['directions'][number]

/** Where a direction's stops lie along its shape, worked out once. */
const plans = new WeakMap<Direction, ReturnType<typeof planOf>>()

function planOf(direction: Direction) {
  const line = shapeLine(direction.shape.map(([lon = 0, lat = 0]) => ({ lat, lon })))
  const known = direction.stops.flatMap((id) => stops.get(id) ?? [])
  return {
    line,
    known,
    alongM: placeStops(
      line,
      known.map(({ position }) => position),
    ),
  }
}

/** The stops ahead on the vehicle's own route and direction; nothing when it is off its shape. */
function nextStops(feature: DeviceFeature) {
  const { transit } = feature.properties
  const position = positionOf(feature)
  const direction = routes
    .get(transit?.route ?? '')
    ?.directions.find((one) => one.direction === transit?.direction)
  if (position === null || direction === undefined || direction.shape.length < 2) return null
  const plan = plans.get(direction) ?? planOf(direction)
  plans.set(direction, plan)
  const here = projections(plan.line, position).toSorted((a, b) => a.offsetM - b.offsetM)[0]
  if (here === undefined || here.offsetM > FARTHEST_OFF_M) return null
  const ahead = plan.known.filter((_, index) => (plan.alongM[index] ?? 0) > here.alongM).slice(0, STOPS_SHOWN)
  if (ahead.length === 0) return null
  return h(
    'section',
    {},
    h('h3', {}, t('bus.nextStops')),
    h('ol', { class: 'stop-list' }, ahead.map(stopItem)),
  )
}

/** A stop in a list, to be opened. */
export function stopItem(stop: Stop) {
  return h(
    'li',
    {},
    h(
      'button',
      { type: 'button', class: 'link', 'data-act': 'select', 'data-arg': `stop:${stop.id}` },
      stop.name,
    ),
  )
}
