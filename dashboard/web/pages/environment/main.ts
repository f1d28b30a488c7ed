// The environment desk (reference/ui 5): stations by their index, with what it rests on, and one of them in detail.

import '../../style/desk-page.css'
import { HistorySlot } from '../../chart/history-slot.ts'
import { listen } from '../../dom/act.ts'
import { byId, h } from '../../dom/h.ts'
import { patch } from '../../dom/patch.ts'
import { palette } from '../../map/palette.ts'
import { Sprites } from '../../map/sprites.ts'
import { followDevices } from '../../shell/desk-feed.ts'
import { FrozenOrder } from '../../shell/frozen-order.ts'
import { admit } from '../../shell/gate.ts'
import { type Shell, startShell } from '../../shell/shell.ts'
import { areColoursForced, onTheme, shownTheme } from '../../shell/theme.ts'
import { onLanguage, t } from '../../text/texts.ts'
import { FILTERS, type Filter, isFiltered, isNamed, type StationRow, stationRows } from './station-rows.ts'
import { detailView, kpiView, tableView } from './views.ts'

const shell = await startShell('environment')
if (admit(shell, ['environment']) !== null) startDesk(shell)

function startDesk(shell: Shell): void {
  const now = () => shell.serverClock.now()
  const sprites = new Sprites(palette(shownTheme(), areColoursForced()), window.devicePixelRatio)
  let filter: Filter | null = null
  let query = ''
  let selected: string | null = null
  let frame: number | null = null
  const feed = followDevices(shell, 'sensor', () => {
    frame ??= requestAnimationFrame(() => {
      frame = null
      render()
    })
  })
  const order = new FrozenOrder(byId('table'))
  const history = new HistorySlot(byId('detail'), feed.store, now)

  const render = (): void => {
    const all = stationRows(feed.store, now())
    const matching = all.filter((row) => isFiltered(row, filter) && isNamed(row, query))
    const { rows, moved } = order.apply(matching)
    const look = { sprites, now: now(), selected }
    byId('desk').hidden = false
    byId('desk').classList.toggle('has-selection', selected !== null)
    byId('detail').hidden = selected === null
    shell.setSimulated(all.some(({ feature }) => feature.properties.simulated))
    feed.renderBanner()
    patch(byId('kpi'), kpiView(all, filter))
    patch(byId('desk-bar'), barView(all, rows, moved))
    patch(byId('table'), bodyView(all, rows, look))
    patch(byId('detail'), detailView(all.find(({ id }) => id === selected) ?? null, look))
    history.keep()
  }

  const barView = (all: readonly StationRow[], rows: readonly StationRow[], moved: number) => [
    h(
      'label',
      { class: 'field-inline' },
      h('span', { class: 'sr-only' }, t('desk.filter')),
      h('input', { type: 'search', 'data-input': 'query', placeholder: t('desk.filter') }),
    ),
    h(
      'p',
      { class: 'hint', role: 'status' },
      rows.length === all.length
        ? t('env.stations', { n: all.length })
        : t('desk.shown', { n: rows.length, all: all.length }),
    ),
    filter === null
      ? null
      : h(
          'button',
          { type: 'button', class: 'button small', 'data-act': 'filter', 'data-arg': '' },
          t('all'),
        ),
    moved === 0
      ? null
      : h(
          'button',
          { type: 'button', class: 'button small', 'data-act': 'reorder' },
          t('desk.reorder', { n: moved }),
        ),
  ]

  const bodyView = (
    all: readonly StationRow[],
    rows: readonly StationRow[],
    look: Parameters<typeof tableView>[1],
  ) => {
    if (feed.store.feedTime === null)
      return h('div', { class: 'skeleton is-loading', role: 'status' }, h('p', {}, t('fresh.waiting')))
    if (all.length === 0) return h('p', { class: 'notice' }, t('desk.noStations'))
    return rows.length === 0 ? h('p', { class: 'notice' }, t('env.none')) : tableView(rows, look)
  }

  const close = (): void => {
    const row = selected
    selected = null
    render()
    byId('table')
      .querySelector<HTMLElement>(`[data-arg="${CSS.escape(row ?? '')}"]`)
      ?.focus()
  }
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && selected !== null && document.querySelector('dialog[open]') === null)
      close()
  })

  listen(byId('content'), {
    filter: (name) => {
      const next = FILTERS.find((one) => one === name) ?? null
      filter = next === filter ? null : next
      order.thaw()
      render()
    },
    query: (_argument, target) => {
      if (target instanceof HTMLInputElement) query = target.value
      order.thaw()
      render()
    },
    select: (id) => {
      selected = id
      render()
      byId('detail').querySelector<HTMLElement>('#detail-title')?.focus()
    },
    close: () => close(),
    reorder: () => {
      order.thaw()
      render()
    },
  })
  onLanguage(render)
  onTheme(() => {
    sprites.setPalette(palette(shownTheme(), areColoursForced()))
    render()
  })
  setInterval(() => {
    if (!document.hidden) render()
  }, 1_000)
  render()
}
