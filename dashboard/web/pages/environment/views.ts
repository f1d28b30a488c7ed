// The parts of the environment desk: key figures that filter, the table of stations, one station in detail.

import { unitOf } from '../../../../contract/metrics.ts'
import { freshText } from '../../age-text.ts'
import { categoryOf, indexName } from '../../air-index.ts'
import { airSection } from '../../detail/air-section.ts'
import { cloneLine } from '../../detail/clone-line.ts'
import { deskDetailHead } from '../../detail/detail-head.ts'
import { historySlot } from '../../detail/device-detail.ts'
import { valueTable } from '../../detail/value-table.ts'
import { type Child, h } from '../../dom/h.ts'
import { versioned, versionOf } from '../../dom/versioned.ts'
import { fmt, shownUnit } from '../../format.ts'
import { noIndexText } from '../../layers/air.ts'
import { layerOf } from '../../layers/index.ts'
import { shownState, stateWord } from '../../layers/wifi.ts'
import { metricName } from '../../metric-text.ts'
import type { DeskLook } from '../../shell/desk.ts'
import { shownTheme } from '../../shell/theme.ts'
import { currentLanguage, type TextKey, t } from '../../text/texts.ts'
import type { Episode, FlagStore } from './flag-store.ts'
import { FILTERS, type Filter, isFiltered, type StationRow } from './station-rows.ts'

const FILTER_TEXTS: Readonly<Record<Filter, TextKey>> = {
  index: 'env.filter.index',
  incomplete: 'env.filter.incomplete',
  flagged: 'env.filter.flagged',
  silent: 'env.filter.silent',
}
const WARNING: readonly Filter[] = ['flagged', 'silent']

export function figuresView(rows: readonly StationRow[], filter: Filter | null) {
  return FILTERS.map((name) => {
    const n = rows.filter((row) => isFiltered(row, name)).length
    return h(
      'button',
      {
        type: 'button',
        class: `kpi-card${n > 0 && WARNING.includes(name) ? ' is-degraded' : ''}`,
        'data-act': 'filter',
        'data-arg': name,
        'aria-pressed': String(filter === name),
      },
      h('span', { class: 'kpi-number' }, fmt().whole(n)),
      h('span', { class: 'kpi-name' }, t(FILTER_TEXTS[name])),
    )
  })
}

/** What is measured most often, and fits beside each other. */
const METRICS = ['pm2_5', 'pm10', 'o3', 'no2', 'co'] as const

type Look = DeskLook & { readonly flags: FlagStore }

export function tableView(rows: readonly StationRow[], look: Look) {
  const head = (text: string, className = '') => h('th', { scope: 'col', class: className }, text)
  const isMixed = rows.some(({ feature }) => !feature.properties.simulated)
  return h(
    'table',
    { class: 'desk-rows', 'data-key': 'table' },
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        head(t('env.col.index')),
        head(t('env.col.name')),
        head(t('env.col.complete'), 'number'),
        METRICS.map((metric) => head(metricHead(metric), 'number is-secondary')),
        head(t('env.col.flags'), 'is-secondary'),
        head(t('env.col.seen')),
      ),
    ),
    h(
      'tbody',
      {},
      rows.map((row) => rowView(row, look, isMixed)),
    ),
  )
}

function rowView(row: StationRow, look: Look, isMixed: boolean) {
  const isSelected = look.selected === row.id
  const shell = h('tr', { 'data-key': row.id, 'aria-selected': isSelected ? 'true' : null })
  const version = versionOf(
    row.feature,
    row.freshness,
    isMixed,
    isSelected,
    ...look.flags.lastingOf(row.id),
    freshText(row.feature, row.freshness, look.now),
    fmt().day(look.now),
    currentLanguage(),
    shownTheme(),
  )
  return versioned(shell, version, () => rowCells(row, look, isMixed))
}

function rowCells(row: StationRow, look: Look, isMixed: boolean): Child {
  const { feature, index } = row
  const layer = layerOf(feature)
  const sprite = layer?.sprite(feature, row.freshness)
  return [
    h(
      'td',
      { 'data-label': t('env.col.index') },
      h(
        'span',
        { class: 'state-cell' },
        sprite === undefined
          ? null
          : h('img', { src: look.sprites.image(sprite), alt: '', width: 38, height: 38 }),
        h(
          'span',
          {},
          indexCell(row),
          index?.dominant == null ? null : h('span', { class: 'hint block' }, metricName(index.dominant)),
        ),
      ),
    ),
    h(
      'th',
      { scope: 'row' },
      h('button', { type: 'button', class: 'link', 'data-act': 'select', 'data-arg': row.id }, row.name),
      isMixed && feature.properties.simulated ? h('span', { class: 'sim-note' }, t('sim.short')) : null,
      cloneLine(feature, look.now, false),
    ),
    h(
      'td',
      { class: 'number', 'data-label': t('env.col.complete') },
      index === null ? '–' : fmt().percent(index.completeness),
    ),
    METRICS.map((metric) => valueCell(row, metric, look)),
    h('td', { 'data-label': t('env.col.flags'), class: 'is-secondary' }, flagCell(row, look)),
    h('td', { 'data-label': t('env.col.seen') }, freshText(feature, row.freshness, look.now)),
  ]
}

/** Which test is in doubt of what, since when; the latest value's flag where the list of flags has not come. */
function flagCell(row: StationRow, { flags, now }: Look) {
  const lasting = flags.lastingOf(row.id)
  if (lasting.length === 0 && row.flagged.length === 0) return h('span', { class: 'hint' }, t('env.noflags'))
  return h(
    'div',
    { class: 'cell' },
    lasting.map((episode) => h('span', { class: 'flag' }, doubtText(episode, now))),
    row.flagged
      .filter(([metric]) => !lasting.some((one) => one.metric === metric))
      .map(([metric, flag]) =>
        h('span', { class: 'flag' }, `${metricName(metric)}: ${t(`flag.${flag}` as const)}`),
      ),
  )
}

function doubtText({ metric, flag, from }: Episode, now: number): string {
  const what = `${metricName(metric)}: ${t(`flag.${flag.flag}` as const)}`
  return `${what}, ${t('flags.since', { time: fmt().when(from, now) })}`
}

function indexCell({ feature, index, freshness }: StationRow): string {
  if (index === null) return layerOf(feature)?.stateText(feature, freshness, 0) ?? '–'
  if (index.value === null) return noIndexText(index.reason)
  return `${t(`air.${indexName()}` as const)} ${fmt().whole(index.value)}, ${t(categoryOf(indexName(), index.value).name)}`
}

function valueCell({ id, feature }: StationRow, metric: string, { flags }: Look) {
  const latest = feature.properties.values[metric]
  // What is suspect is kept; only what is left out is struck out.
  const isBad = flags.lastingOf(id).some((one) => one.metric === metric && one.flag.quality === 'bad')
  const isFlagged =
    latest?.flag !== undefined && (isBad || latest.flag === 'range' || latest.flag === 'manual')
  return h(
    'td',
    {
      class: `number is-secondary${isFlagged ? ' is-flagged' : ''}${latest === undefined ? ' is-empty' : ''}`,
      'data-label': metricHead(metric),
    },
    latest?.value === undefined ? '–' : fmt().number(latest.value, latest.value < 100 ? 1 : 0),
  )
}

/** `PM2.5, µg/m³`: the unit once, in the column's head. */
function metricHead(metric: string): string {
  return `${metricName(metric)}, ${shownUnit(unitOf('sensor', metric))}`
}

export function detailView(row: StationRow, look: Look) {
  const { feature } = row
  const state = shownState(feature, row.freshness)
  const { since } = feature.properties
  return h(
    'div',
    { class: 'detail-body', 'data-key': `detail:${row.id}` },
    deskDetailHead(row.id, row.name),
    h(
      'p',
      { class: `state-line state-${state}` },
      h('strong', {}, state === 'up' ? t('state.online') : stateWord(state)),
      since === null
        ? ''
        : ` ${t('state.since', { time: fmt().when(Date.parse(since), look.now), dur: fmt().duration(look.now - Date.parse(since)) })}`,
    ),
    h('p', { class: 'age' }, freshText(feature, row.freshness, look.now)),
    cloneLine(feature, look.now, true),
    row.index === null ? null : airSection(feature, row.freshness, look.sprites, false),
    doubts(row, look),
    h(
      'p',
      {},
      h(
        'button',
        { type: 'button', class: 'button small', 'data-act': 'flagAdd', 'data-arg': row.id },
        t('flags.add'),
      ),
    ),
    historySlot(feature),
    valueTable(feature, look.now),
  )
}

/** What is in doubt of the station's readings, and what that means. */
function doubts(row: StationRow, { flags, now }: Look) {
  const lasting = flags.lastingOf(row.id)
  if (lasting.length === 0)
    return row.flagged.length === 0 ? null : h('p', { class: 'notice' }, t('env.flagged'))
  return h(
    'section',
    { class: 'notice doubts' },
    h('h3', {}, t('flags.doubts')),
    h(
      'ul',
      {},
      lasting.map((episode) =>
        h(
          'li',
          { 'data-key': episode.id },
          doubtText(episode, now),
          h('span', { class: 'hint block' }, t(`flags.${episode.flag.quality}` as const)),
        ),
      ),
    ),
  )
}
