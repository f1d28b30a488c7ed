// The key figures of the infrastructure desk: how many hotspots are in each state, which filter the table; availability, which opens its
// report; and coverage.

import { monthName } from '../../desk/period.ts'
import { percentText } from '../../detail/hotspot-section.ts'
import { h } from '../../dom/h.ts'
import { fmt } from '../../format.ts'
import { type TextKey, t } from '../../text/texts.ts'
import { FILTERS, type Filter, type HotspotRow, isFiltered } from './hotspot-rows.ts'
import type { MonthSoFar } from './reports.ts'
import { sumOf } from './uptime-sums.ts'

const FILTER_TEXTS: Readonly<Record<Filter, TextKey>> = {
  down: 'state.down',
  degraded: 'state.degraded',
  unknown: 'state.unknown',
  maintenance: 'state.maintenance',
  unack: 'desk.unack',
  cloned: 'desk.cloned',
}

export function figuresView(
  rows: readonly HotspotRow[],
  filter: Filter | null,
  { coverage, month }: { readonly coverage: ReachShares | null; readonly month: MonthSoFar },
) {
  const day = sumOf(rows.flatMap(({ uptime }) => (uptime === null ? [] : [uptime])))
  const figure = (name: Filter) => {
    const n = rows.filter((row) => isFiltered(row, name)).length
    return h(
      'button',
      {
        type: 'button',
        class: `kpi-card${n > 0 ? ` is-${name}` : ''}`,
        'data-act': 'filter',
        'data-arg': name,
        'aria-pressed': String(filter === name),
      },
      h('span', { class: 'kpi-number' }, fmt().whole(n)),
      h('span', { class: 'kpi-name' }, t(FILTER_TEXTS[name])),
    )
  }
  const hasClones = filter === 'cloned' || rows.some((row) => isFiltered(row, 'cloned'))
  return [
    FILTERS.filter((name) => name !== 'cloned').map(figure),
    availabilityFigure('dayReport', t('desk.avail24'), day.availability, day.knownShare),
    availabilityFigure(
      'monthReport',
      t('desk.availMonth', { month: monthName(month.month, fmt().timezone) }),
      month.availability,
      month.knownShare,
    ),
    coverageFigure(coverage),
    // Seldom so: it has its place while there are any.
    hasClones ? figure('cloned') : null,
  ]
}

/** Opens its report. */
function availabilityFigure(act: string, name: string, availability: number | null, known: number | null) {
  return h(
    'button',
    { type: 'button', class: 'kpi-card is-figure', 'data-act': act, 'data-key': act },
    h('span', { class: 'kpi-number' }, availability === null ? '–' : percentText(availability)),
    h(
      'span',
      { class: 'kpi-name' },
      name,
      known === null ? '' : ` (${t('desk.known', { pct: fmt().known(known) })})`,
    ),
  )
}

/** Shares of the village's area that are reached now, may be, and would be if all hotspots were up. */
export interface ReachShares {
  readonly covered: number
  readonly unknown: number
  readonly planned: number
}

/** It is an estimate, and says so (domain B12); it opens the map of where there is none. */
function coverageFigure(shares: ReachShares | null) {
  return h(
    'button',
    {
      type: 'button',
      class: 'kpi-card is-figure',
      'data-act': 'tab',
      'data-arg': 'coverage',
      'data-key': 'coverage',
      title: t('coverage.estimate'),
    },
    h('span', { class: 'kpi-number' }, shares === null ? '–' : fmt().percent(shares.covered)),
    h(
      'span',
      { class: 'kpi-name' },
      t('desk.coverage', { planned: shares === null ? '–' : fmt().percent(shares.planned) }),
      shares === null || shares.unknown < 0.005
        ? ''
        : ` (${t('desk.unknownShare', { pct: fmt().percent(shares.unknown) })})`,
    ),
  )
}
