// The infrastructure desk (reference/ui 4): hotspots worst first, filtered by key figures, one of them in detail.

import '../../style/desk-page.css'
import { HistorySlot } from '../../chart/history-slot.ts'
import { StateStrips } from '../../detail/state-strip.ts'
import { listen } from '../../dom/act.ts'
import { byId, h } from '../../dom/h.ts'
import { patch } from '../../dom/patch.ts'
import { fmt } from '../../format.ts'
import { stateWord } from '../../layers/wifi.ts'
import { palette } from '../../map/palette.ts'
import { Sprites } from '../../map/sprites.ts'
import { followDevices } from '../../shell/desk-feed.ts'
import { FrozenOrder } from '../../shell/frozen-order.ts'
import { admit } from '../../shell/gate.ts'
import { type Shell, startShell } from '../../shell/shell.ts'
import { areColoursForced, onTheme, shownTheme } from '../../shell/theme.ts'
import { onLanguage, t } from '../../text/texts.ts'
import { askAcknowledgement } from './acknowledge.ts'
import { FILTERS, type Filter, type HotspotRow, hotspotRows, isFiltered, isNamed } from './hotspot-rows.ts'
import { Reports } from './reports.ts'
import { detailView, kpiView, tableView, totalsOf } from './views.ts'

const ROWS_AT_ONCE = 100

const shell = await startShell('infrastructure')
const admitted = admit(shell, ['infrastructure'])
if (admitted !== null) startDesk(shell)

function startDesk(shell: Shell): void {
  const now = () => shell.serverClock.now()
  const sprites = new Sprites(palette(shownTheme(), areColoursForced()), window.devicePixelRatio)
  const pending = new Map<string, 'sending' | 'failed'>()
  let filter: Filter | null = null
  let query = ''
  let selected: string | null = null
  let most = ROWS_AT_ONCE
  let frame: number | null = null
  const renderSoon = (): void => {
    frame ??= requestAnimationFrame(() => {
      frame = null
      render()
    })
  }
  const feed = followDevices(shell, 'hotspot', renderSoon, ({ name, to }) => {
    byId('announcer').textContent = t('desk.alert', { name, state: stateWord(to) })
  })
  const reports = new Reports(now, renderSoon)
  const strips = new StateStrips(shell.clock, now, renderSoon)
  const order = new FrozenOrder(byId('table'))
  const history = new HistorySlot(byId('detail'), feed.store, now)

  const render = (): void => {
    const all = hotspotRows(feed.store, reports, now())
    const downs = all.filter(({ state }) => state === 'down').length
    document.title = `${downs > 0 ? `(${downs}) ` : ''}${t('desk.infrastructure')} · ${t('app.name')}`
    const matching = all.filter((row) => isFiltered(row, filter) && isNamed(row, query))
    const { rows, moved } = order.apply(matching)
    const look = { store: feed.store, strips, sprites, now: now(), selected, pending }
    byId('desk').hidden = false
    byId('desk').classList.toggle('has-selection', selected !== null)
    byId('detail').hidden = selected === null
    shell.setSimulated(all.some(({ feature }) => feature.properties.simulated))
    feed.renderBanner()
    patch(byId('kpi'), kpiView(all, filter, totalsOf(all)))
    patch(byId('desk-bar'), barView(all, rows, moved))
    patch(byId('table'), bodyView(all, rows.slice(0, most), look), rows.length > most ? moreButton() : null)
    patch(byId('detail'), detailView(all.find(({ id }) => id === selected) ?? null, look))
    history.keep()
  }

  const barView = (all: readonly HotspotRow[], rows: readonly HotspotRow[], moved: number) => [
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
        ? t('desk.hotspots', { n: all.length })
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
    h(
      'p',
      { class: 'hint bar-end' },
      reports.fault !== null
        ? [
            t('err.load'),
            ' ',
            h('button', { type: 'button', class: 'link', 'data-act': 'retry' }, t('retry')),
          ]
        : reports.loadedAt === null
          ? t('loading')
          : t('desk.loadedAt', { rel: fmt().relative(Math.min(0, reports.loadedAt - now())) }),
    ),
  ]

  const bodyView = (
    all: readonly HotspotRow[],
    rows: readonly HotspotRow[],
    look: Parameters<typeof tableView>[1],
  ) => {
    if (feed.store.feedTime === null)
      return h('div', { class: 'skeleton is-loading', role: 'status' }, h('p', {}, t('fresh.waiting')))
    if (all.length === 0) return h('p', { class: 'notice' }, t('desk.noHotspots'))
    return rows.length === 0 ? h('p', { class: 'notice' }, t('desk.none')) : tableView(rows, look)
  }

  const moreButton = () =>
    h('button', { type: 'button', class: 'button wide', 'data-act': 'more' }, t('more'))

  const acknowledge = async (id: string): Promise<void> => {
    const row = hotspotRows(feed.store, reports, now()).find((one) => one.id === id)
    const outage = row?.outage?.id
    const note = row === undefined || outage === undefined ? null : await askAcknowledgement(row.name)
    if (note === null || outage === undefined) return
    pending.set(outage, 'sending')
    render()
    const fault = await reports.acknowledge(outage, note)
    if (fault === null) pending.delete(outage)
    else pending.set(outage, 'failed')
    render()
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
    ack: (id) => void acknowledge(id),
    reorder: () => {
      order.thaw()
      render()
    },
    retry: () => reports.retry(),
    more: () => {
      most += ROWS_AT_ONCE
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
  reports.start()
  render()
}
