// The key figures of the infrastructure desk: how many hotspots are in each state, which filter the table; availability, which opens its
// report; and coverage.

import { percentText } from '../../detail/hotspot-section.ts'
import { h } from '../../dom/h.ts'
import { fmt } from '../../format.ts'
import { type TextKey, t } from '../../text/texts.ts'
import type { CoverageNow } from './coverage.ts'
import { FILTERS, type Filter, type HotspotRow, isFiltered } from './hotspot-rows.ts'

const FILTER_TEXTS: Readonly<Record<Filter, TextKey>> = {
  down: 'state.down',
  degraded: 'state.degraded',
  unknown: 'state.unknown',
  maintenance: 'state.maintenance',
  unack: 'desk.unack',
}

export function figuresView(
  rows: readonly HotspotRow[],
  filter: Filter | null,
  coverage: CoverageNow | null,
) {
  const [availability, known] = totalsOf(rows)
  const figures = FILTERS.map((name) => {
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
  })
  return [
    figures,
    h(
      'button',
      { type: 'button', class: 'kpi-card is-figure', 'data-act': 'dayReport' },
      h('span', { class: 'kpi-number' }, availability === null ? '–' : percentText(availability)),
      h(
        'span',
        { class: 'kpi-name' },
        t('desk.avail24'),
        known === null ? '' : ` (${t('desk.known', { pct: fmt().percent(known) })})`,
      ),
    ),
    coverage === null ? null : coverageFigure(coverage),
  ]
}

/** Of the area of the village; it is an estimate, and says so (domain B12). */
function coverageFigure({ now, planned, knownShare }: CoverageNow) {
  return h(
    'div',
    { class: 'kpi-card is-figure', title: t('desk.coverageHint') },
    h('span', { class: 'kpi-number' }, now === null ? '–' : fmt().percent(now)),
    h(
      'span',
      { class: 'kpi-name' },
      t('desk.coverage', { planned: fmt().percent(planned) }),
      knownShare === 1 ? '' : ` (${t('desk.known', { pct: fmt().percent(knownShare) })})`,
    ),
  )
}

/** Availability and known share of all hotspots together; null without the report. */
function totalsOf(rows: readonly HotspotRow[]): readonly [number | null, number | null] {
  const sum = (member: 'up_s' | 'down_s' | 'unknown_s'): number =>
    rows.reduce((total, { uptime }) => total + (uptime?.[member] ?? 0), 0)
  const known = sum('up_s') + sum('down_s')
  const all = known + sum('unknown_s')
  return [known === 0 ? null : sum('up_s') / known, all === 0 ? null : known / all]
}
