// Of a vehicle: its route, where to, how full, and between when and when it comes to the stops ahead.

import type { DeviceFeature, VehicleArrivalsAnswer } from '../../../contract/api.ts'
import type { TimeMs } from '../../../contract/time.ts'
import { delayText } from '../answers/bus-answer.ts'
import { minutesWords } from '../answers/next-bus.ts'
import { h } from '../dom/h.ts'
import { headsignOf, occupancyText, routeName } from '../layers/bus.ts'
import type { MapState } from '../pages/map/map-state.ts'
import { t, words } from '../text/texts.ts'
import { routes, type Stop } from '../transit-plan.ts'
import { valueName, whyButton } from './explanation.ts'

const STOPS_SHOWN = 5

export function vehicleSection(state: MapState, feature: DeviceFeature) {
  const { transit } = feature.properties
  const headsign = headsignOf(feature)
  const route = routes.get(transit?.route ?? '')
  const crowding = occupancyText(transit?.occupancy)
  const late = transit?.delay_s == null ? null : delayText({ delay_s: transit.delay_s })
  return [
    nextStops(state, feature),
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
      crowding === null ? null : fact(feature.id, 'occupancy', crowding),
      late === null ? null : fact(feature.id, 'delay', late),
    ),
  ]
}

function fact(device: string, value: string, text: string) {
  return h(
    'div',
    {},
    h('dt', {}, valueName(value)),
    h('dd', {}, text, ' ', whyButton({ device, value }, 'sign')),
  )
}

function nextStops(state: MapState, feature: DeviceFeature) {
  const { transit, state: condition } = feature.properties
  // Of a vehicle that is on no trip there is nothing to ask, and one that fell silent says so above.
  if (transit?.trip == null || transit.stale || condition === 'down') return null
  const { answer } = state.arrivals.ofVehicle(feature.id)
  if (answer === null) return null
  if (answer.arrivals.length === 0) return h('p', { class: 'notice' }, t('bus.noPrediction'))
  const now = state.now()
  return h(
    'section',
    {},
    h('h3', {}, t('bus.nextStops')),
    answer.waiting === true ? h('p', { class: 'hint' }, capital(t('bus.waiting'))) : null,
    h(
      'ol',
      { class: 'stop-list' },
      answer.arrivals
        .filter(({ high }) => Date.parse(high) >= now)
        .slice(0, STOPS_SHOWN)
        .map((arrival) =>
          h(
            'li',
            { 'data-key': String(arrival.sequence) },
            stopLink(arrival.stop, arrival.name),
            waitView(arrival, now),
          ),
        ),
    ),
  )
}

function waitView(arrival: VehicleArrivalsAnswer['arrivals'][number], now: TimeMs) {
  const min = minutesWords(words(), arrival, 0, now)
  return h('span', { class: 'stop-wait' }, min === null ? t('bus.soon') : t('bus.min', { min }))
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

/** A stop in a list, to be opened. */
export function stopItem(stop: Stop) {
  return h('li', {}, stopLink(stop.id, stop.name))
}

function stopLink(id: string, name: string) {
  return h('button', { type: 'button', class: 'link', 'data-act': 'select', 'data-arg': `stop:${id}` }, name)
}
