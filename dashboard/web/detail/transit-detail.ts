// A stop with what comes in the next hour, and a route with its stops and the vehicles on it.

import type { TimeMs } from '../../../contract/time.ts'
import { haversineM } from '../../../domain/geo/geodesy.ts'
import { freshText } from '../age-text.ts'
import { delayText, routeLabel, waitText } from '../answers/bus-answer.ts'
import { type Arrival, intervalMinutes } from '../answers/next-bus.ts'
import { h } from '../dom/h.ts'
import { icon } from '../dom/icons.ts'
import { fmt } from '../format.ts'
import { bus, headsignOf, occupancyText } from '../layers/bus.ts'
import { BASIS_ICONS, BASIS_TEXTS } from '../pages/map/answers-view.ts'
import { freshness, type MapState, shownPlaceName } from '../pages/map/map-state.ts'
import { t } from '../text/texts.ts'
import { type Route, routes, type Stop, stops } from '../transit-plan.ts'
import { detailHead } from './detail-head.ts'
import { whyButton } from './explanation.ts'
import { headwaysSection } from './headways-section.ts'
import { stopItem } from './vehicle-section.ts'

const PER_ROUTE = 5

export function stopDetail(state: MapState, stop: Stop) {
  const { answer, fault } = state.arrivals.of(stop.id)
  return [
    detailHead(stop.name, t('detail.kind.stop'), {
      sprites: state.sprites,
      spec: { shape: 'stop' },
    }),
    h(
      'div',
      { class: 'detail-body', 'data-key': `stop:${stop.id}` },
      h(
        'p',
        { class: 'hint' },
        t('detail.distance', {
          d: fmt().distance(haversineM(stop.position, state.place)),
          place: shownPlaceName(state),
        }),
      ),
      h('h3', {}, t('bus.arrivals')),
      answer === null
        ? fault === null
          ? h('p', { class: 'notice', role: 'status' }, t('loading'))
          : h(
              'div',
              { class: 'notice', role: 'status' },
              h('p', {}, t('err.load')),
              h(
                'button',
                { type: 'button', class: 'button', 'data-act': 'retryStop', 'data-arg': stop.id },
                t('retry'),
              ),
            )
        : arrivalsList(state, stop, answer.arrivals),
      answer === null
        ? null
        : h(
            'p',
            { class: 'hint' },
            t('fresh.ago', { rel: fmt().relative(Math.min(0, Date.parse(answer.time) - state.now())) }),
          ),
      h('h3', {}, t('bus.routesHere')),
      h('div', { class: 'pills' }, stop.routes.flatMap((id) => routes.get(id) ?? []).map(routePill)),
    ),
  ]
}

function arrivalsList(state: MapState, stop: Stop, arrivals: readonly Arrival[]) {
  const counts = new Map<string, number>()
  const shown = arrivals.filter(({ route }) => {
    const count = (counts.get(route) ?? 0) + 1
    counts.set(route, count)
    return count <= PER_ROUTE
  })
  if (shown.length === 0) return h('p', { class: 'notice' }, t('bus.none'))
  const explained = new Set<string>()
  return h(
    'ul',
    { class: 'arrivals' },
    shown.map((arrival) => {
      // What is explained is the next one of a route.
      const isNext = !explained.has(arrival.route)
      explained.add(arrival.route)
      return h(
        'li',
        {},
        icon(BASIS_ICONS[arrival.basis], 20),
        arrivalText(state, arrival),
        isNext ? whyButton({ stop: stop.id, route: arrival.route, value: 'arrival' }, 'sign') : null,
      )
    }),
  )
}

/** The sentence and what it stands on; of a vehicle on its way a press shows it. */
function arrivalText(state: MapState, arrival: Arrival) {
  const lines = [
    h('span', { class: 'arrival-main' }, `${routeLabel(arrival.route)} · ${waitText(arrival, state.now())}`),
    h('span', {}, t('bus.toward', { headsign: arrival.headsign })),
    h('span', { class: 'hint' }, basisText(arrival, state.now())),
  ]
  const { vehicle } = arrival
  if (vehicle === undefined) return h('div', { class: 'arrival-text' }, lines)
  const name = state.store.devices.get(vehicle)?.properties.name ?? vehicle
  return h(
    'button',
    {
      type: 'button',
      class: 'arrival-text',
      'data-act': 'select',
      'data-arg': `vehicle:${vehicle}`,
      title: t('bus.openVehicle', { name }),
    },
    lines,
    icon('right', 18),
  )
}

function basisText(arrival: Arrival, now: TimeMs): string {
  const { basis, seen, waiting, reporting, headway_s, occupancy } = arrival
  return [
    t(BASIS_TEXTS[basis]),
    seen === undefined ? null : t('bus.seen', { rel: fmt().relative(Math.min(0, Date.parse(seen) - now)) }),
    waiting === true ? t('bus.waiting') : null,
    delayText(arrival),
    occupancyText(occupancy),
    basis === 'live' && headway_s !== undefined ? t('bus.every', { min: intervalMinutes(arrival) }) : null,
    reporting === undefined ? null : reportingText(reporting),
  ]
    .filter((part) => part !== null)
    .join(' · ')
}

function reportingText(n: number): string {
  return n === 0 ? t('bus.noneReporting') : t('bus.reporting', { n })
}

export function routePill(route: Route) {
  return h(
    'button',
    {
      type: 'button',
      class: 'pill',
      'data-act': 'select',
      'data-arg': `route:${route.id}`,
      title: route.longName,
    },
    h('span', { class: 'pill-colour', '--pill': route.color ?? 'var(--ink)' }),
    routeLabel(route.id),
  )
}

export function routeDetail(state: MapState, route: Route) {
  const running = [...state.store.devices.values()].filter(
    ({ properties }) => properties.transit?.route === route.id,
  )
  return [
    detailHead(t('bus.route', { route: route.shortName }), route.longName, null),
    h(
      'div',
      { class: 'detail-body', 'data-key': `route:${route.id}` },
      h('h3', {}, t('bus.running')),
      running.length === 0
        ? h('p', { class: 'notice' }, t('bus.noRunning'))
        : h(
            'ul',
            { class: 'plain-list' },
            running.map((vehicle) => {
              const headsign = headsignOf(vehicle)
              const fresh = freshness(state, vehicle)
              return h(
                'li',
                { 'data-key': vehicle.id },
                h(
                  'button',
                  {
                    type: 'button',
                    class: 'link',
                    'data-act': 'select',
                    'data-arg': `vehicle:${vehicle.id}`,
                  },
                  vehicle.properties.name,
                ),
                h(
                  'p',
                  { class: 'hint' },
                  headsign === null
                    ? bus.stateText(vehicle, fresh, state.now())
                    : t('bus.toward', { headsign }),
                  `, ${freshText(vehicle, fresh, state.now())}`,
                ),
              )
            }),
          ),
      state.isStaff ? headwaysSection(state, route.id) : null,
      route.directions.map((direction) =>
        h(
          'section',
          { 'data-key': String(direction.direction) },
          h('h3', {}, t('bus.toward', { headsign: direction.headsign })),
          h('ol', { class: 'stop-list' }, direction.stops.flatMap((id) => stops.get(id) ?? []).map(stopItem)),
        ),
      ),
    ),
  ]
}
