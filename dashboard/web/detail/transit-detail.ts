// A stop with what comes in the next hour, and a route with its stops and the vehicles on it.

import { haversineM } from '../../../domain/geo/geodesy.ts'
import { freshText } from '../age-text.ts'
import { arrivalSentence, delayText, routeLabel } from '../answers/bus-answer.ts'
import { h } from '../dom/h.ts'
import { icon } from '../dom/icons.ts'
import { fmt } from '../format.ts'
import { bus, headsignOf, occupancyText } from '../layers/bus.ts'
import { BASIS_ICONS, BASIS_TEXTS } from '../pages/map/answers-view.ts'
import { freshness, type MapState, shownPlaceName } from '../pages/map/map-state.ts'
import { t } from '../text/texts.ts'
import { type Route, routes, type Stop, stops } from '../transit-plan.ts'
import { detailHead } from './detail-head.ts'
import { stopItem } from './device-detail.ts'

const PER_ROUTE = 5

export function stopDetail(state: MapState, stop: Stop) {
  const { answer, fault } = state.arrivals.of(stop.id)
  return [
    detailHead(stop.name, t('detail.kind.stop'), state.sprites.image({ shape: 'stop' })),
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
        : arrivalsList(state, answer.arrivals),
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

function arrivalsList(
  state: MapState,
  arrivals: NonNullable<ReturnType<MapState['arrivals']['of']>['answer']>['arrivals'],
) {
  const counts = new Map<string, number>()
  const shown = arrivals.filter(({ route }) => {
    const count = (counts.get(route) ?? 0) + 1
    counts.set(route, count)
    return count <= PER_ROUTE
  })
  if (shown.length === 0) return h('p', { class: 'notice' }, t('bus.none'))
  return h(
    'ul',
    { class: 'arrivals' },
    shown.map((arrival) =>
      h(
        'li',
        {},
        icon(BASIS_ICONS[arrival.basis], 20),
        h(
          'div',
          {},
          h('p', { class: 'arrival-main' }, arrivalSentence(arrival, state.now())),
          h(
            'p',
            { class: 'hint' },
            [t(BASIS_TEXTS[arrival.basis]), delayText(arrival), occupancyText(arrival.occupancy)]
              .filter((part) => part !== null)
              .join(' · '),
          ),
        ),
      ),
    ),
  )
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
