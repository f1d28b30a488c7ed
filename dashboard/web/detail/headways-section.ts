// For staff: how evenly the vehicles of a route come (domain C9). Each vehicle behind the one ahead, bunched ones named as such by word and
// sign, and what riders wait for it.

import type { HeadwaysAnswer } from '../../../contract/api.ts'
import { MINUTE, SECOND } from '../../../contract/time.ts'
import { h } from '../dom/h.ts'
import { fmt } from '../format.ts'
import type { MapState } from '../pages/map/map-state.ts'
import { t } from '../text/texts.ts'
import { whyButton } from './explanation.ts'

type Direction = HeadwaysAnswer['directions'][number]

const SIGNS = { bunched: '▲▲', even: '▲', gap: '△' } as const

export function headwaysSection(state: MapState, route: string) {
  const { answer } = state.arrivals.headwaysOf(route)
  if (answer === null) return null
  return h(
    'section',
    { 'data-key': 'headways' },
    h('h3', {}, t('bus.headways')),
    answer.directions.map((direction) => directionView(state, route, direction)),
  )
}

function directionView(
  state: MapState,
  route: string,
  { direction, headsign, planned_s, vehicles, stops }: Direction,
) {
  return h(
    'div',
    { class: 'headways', 'data-key': String(direction) },
    h('h4', {}, t('bus.toward', { headsign })),
    h(
      'p',
      { class: 'hint' },
      planned_s === null
        ? t('bus.plannedNone')
        : t('bus.planned', { min: Math.round((planned_s * SECOND) / MINUTE) }),
    ),
    h('ul', { class: 'plain-list' }, vehicleRows(state, vehicles)),
    h('p', { class: 'hint' }, waitText(stops)),
    stopTable(route, stops),
  )
}

function vehicleRows(state: MapState, vehicles: Direction['vehicles']) {
  return vehicles.map(({ vehicle, behind_s, spacing }, index) =>
    h(
      'li',
      { class: spacing === null ? '' : `spacing-${spacing}`, 'data-key': vehicle },
      h(
        'button',
        { type: 'button', class: 'link', 'data-act': 'select', 'data-arg': `vehicle:${vehicle}` },
        nameOf(state, vehicle),
      ),
      h(
        'p',
        { class: 'hint' },
        behind_s === null
          ? t('bus.foremost')
          : t('bus.behind', {
              dur: fmt().duration(behind_s * SECOND),
              name: nameOf(state, vehicles[index - 1]?.vehicle ?? ''),
            }),
        spacing === null ? '' : ` · ${SIGNS[spacing]} ${t(`bus.${spacing}` as const)}`,
      ),
    ),
  )
}

function nameOf(state: MapState, vehicle: string): string {
  return state.store.devices.get(vehicle)?.properties.name ?? vehicle
}

/** What the mean of the direction is made of, each stop with its way to the departures that were seen. */
function stopTable(route: string, stops: Direction['stops']) {
  const head = (text: string) => h('th', { scope: 'col' }, text)
  return h(
    'details',
    { class: 'data-table' },
    h('summary', {}, t('bus.perStop')),
    h(
      'div',
      { class: 'table-box', tabindex: 0, role: 'region', 'aria-label': t('bus.perStop') },
      h(
        'table',
        {},
        h(
          'thead',
          {},
          h('tr', {}, head(t('search.kind.stop')), head(t('bus.departed')), head(t('why.in.excess_wait'))),
        ),
        h(
          'tbody',
          {},
          stops.map(({ stop, name, departures, observed }) =>
            h(
              'tr',
              { 'data-key': stop },
              h('th', { scope: 'row' }, name),
              h('td', { class: 'number' }, fmt().whole(departures)),
              h(
                'td',
                { class: 'number' },
                observed === null ? '–' : fmt().duration(Math.max(0, observed.excess_wait_s) * SECOND),
                ' ',
                whyButton({ stop, route, value: 'headway' }, 'sign'),
              ),
            ),
          ),
        ),
      ),
    ),
  )
}

/** Of the stops with enough departures, the mean of what riders wait beyond the plan. */
function waitText(stops: Direction['stops']): string {
  const excess = stops.flatMap(({ observed }) => (observed === null ? [] : [observed.excess_wait_s]))
  if (excess.length === 0) return t('bus.excessNone')
  const mean = excess.reduce((sum, seconds) => sum + seconds, 0) / excess.length
  return t('bus.excess', { dur: fmt().duration(Math.max(0, mean) * SECOND) })
}
