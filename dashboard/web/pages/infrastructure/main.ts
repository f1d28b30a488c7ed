// The infrastructure desk (reference/ui 4): hotspots worst first, filtered by key figures, one of them in detail.

import '../../style/desk-page.css'
import { StateStrips } from '../../detail/state-strip.ts'
import { byId, h } from '../../dom/h.ts'
import { fmt } from '../../format.ts'
import { stateWord } from '../../layers/wifi.ts'
import { Desk } from '../../shell/desk.ts'
import { followDevices } from '../../shell/desk-feed.ts'
import { admit } from '../../shell/gate.ts'
import { type Shell, startShell } from '../../shell/shell.ts'
import { t } from '../../text/texts.ts'
import { Acknowledgements } from './acknowledge.ts'
import { FILTERS, type Filter, type HotspotRow, hotspotRows, isFiltered } from './hotspot-rows.ts'
import { Reports } from './reports.ts'
import { detailView, figuresView, tableView } from './views.ts'

const shell = await startShell('infrastructure')
if (admit(shell, ['infrastructure']) !== null) startDesk(shell)

function startDesk(shell: Shell): void {
  const now = () => shell.serverClock.now()
  const desk: Desk<HotspotRow, Filter> = new Desk(shell, {
    filters: FILTERS,
    rows: (time) => hotspotRows(feed.store, reports, time),
    isFiltered,
    figures: figuresView,
    table: (rows, look) => tableView(rows, { ...look, ...sources() }),
    detail: (row, look) => detailView(row, { ...look, ...sources() }),
    texts: { count: 'desk.hotspots', empty: 'desk.noHotspots', none: 'desk.none' },
    barEnd: (time) => reportLine(reports, time),
    alarm: (rows) => {
      const downs = rows.filter(({ state }) => state === 'down').length
      return downs === 0 ? '' : `(${downs}) `
    },
  })
  const reports = new Reports(now, desk.renderSoon)
  const acknowledgements = new Acknowledgements(reports, desk.renderSoon)
  const strips = new StateStrips(shell.clock, now, desk.renderSoon)
  const feed = followDevices(shell, 'hotspot', desk.renderSoon, ({ name, to }) => {
    byId('announcer').textContent = t('desk.alert', { name, state: stateWord(to) })
  })
  const sources = () => ({ devices: feed.store.devices, strips, pending: acknowledgements.pending })
  desk.start(feed, {
    ack: (id) => {
      const name = feed.store.devices.get(id)?.properties.name ?? id
      void acknowledgements.ask(id, name)
    },
    retry: () => reports.retry(),
  })
  reports.start()
}

/** How old the report of the last 24 hours is, or that it did not come. */
function reportLine(reports: Reports, now: number) {
  if (reports.fault !== null) {
    const again = h('button', { type: 'button', class: 'link', 'data-act': 'retry' }, t('retry'))
    return [t('err.load'), ' ', again]
  }
  if (reports.loadedAt === null) return t('loading')
  return t('desk.loadedAt', { rel: fmt().relative(Math.min(0, reports.loadedAt - now)) })
}
