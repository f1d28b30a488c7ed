// The infrastructure desk (reference/ui 4): hotspots worst first, filtered by key figures, one of them in detail; beside them outages,
// maintenance and the report.

import '../../style/desk-page.css'
import '../../style/infrastructure.css'
import type { TimeMs } from '../../../../contract/time.ts'
import { StateStrips } from '../../detail/state-strip.ts'
import { byId, h } from '../../dom/h.ts'
import { fmt } from '../../format.ts'
import { stateWord } from '../../layers/wifi.ts'
import { Desk } from '../../shell/desk.ts'
import { type DeskFeed, followDevices } from '../../shell/desk-feed.ts'
import { admit } from '../../shell/gate.ts'
import { type Shell, startShell } from '../../shell/shell.ts'
import { t } from '../../text/texts.ts'
import { Acknowledgements } from './acknowledge.ts'
import { Coverage } from './coverage.ts'
import { figuresView } from './figures.ts'
import { FILTERS, type Filter, type HotspotRow, hotspotRows, isFiltered } from './hotspot-rows.ts'
import { MaintenancePanel } from './maintenance-panel.ts'
import { OutagePanel } from './outage-panel.ts'
import { ReportPanel } from './report-panel.ts'
import { Reports } from './reports.ts'
import { Tabs } from './tabs.ts'
import { detailView, tableView } from './views.ts'

const STRIP_DAYS = [1, 7, 30] as const

const shell = await startShell('infrastructure')
if (admit(shell, ['infrastructure']) !== null) startDesk(shell)

function startDesk(shell: Shell): void {
  const now = () => shell.serverClock.now()
  const desk: Desk<HotspotRow, Filter> = new Desk(shell, {
    filters: FILTERS,
    rows: (time) => hotspotRows(feed.store, reports, time),
    isFiltered,
    figures: (rows, filter) =>
      figuresView(rows, filter, coverage?.of(rows.map(({ feature }) => feature)) ?? null),
    table: (rows, look) => tableView(rows, { ...look, ...sources() }),
    detail: (row, look) => detailView(row, { ...look, ...sources() }),
    texts: { count: 'desk.hotspots', empty: 'desk.noHotspots', none: 'desk.none' },
    barEnd: (time) => [stripPeriods(strips), reportLine(reports, time)],
    alarm: (rows) => {
      const downs = rows.filter(({ state }) => state === 'down').length
      return downs === 0 ? '' : `(${downs}) `
    },
  })
  const renderAll = (): void => {
    desk.renderSoon()
    tabs.renderSoon()
  }
  const coverage = shell.village.ok ? new Coverage(shell.village.value.boundary, desk.renderSoon) : null
  const reports = new Reports(now, renderAll)
  const acknowledgements = new Acknowledgements(reports, renderAll)
  const strips = new StateStrips(shell.clock, now, desk.renderSoon, true)
  const feed = followDevices(shell, 'hotspot', desk.renderSoon, ({ name, to }) => {
    byId('announcer').textContent = t('desk.alert', { name, state: stateWord(to) })
  })
  const sources = () => ({ devices: feed.store.devices, strips, pending: acknowledgements.pending })
  const nameOf = (id: string): string => feed.store.devices.get(id)?.properties.name ?? id
  const panels = panelsOf({
    shell,
    feed,
    acknowledgements,
    reports,
    strips,
    nameOf,
    now,
    render: () => tabs.renderSoon(),
  })
  const tabs: Tabs = new Tabs(panels, now, () => reports.outages.size)
  desk.start(feed, {
    ack: (id) => void acknowledgements.ask(id, nameOf(id)),
    retry: () => reports.retry(),
    tab: (name) => tabs.show(name),
    stripDays: (days) => strips.setDays(Number(days)),
    dayReport: () => {
      panels.report.choose('1d')
      tabs.show('report')
    },
    showHotspot: (id) => {
      tabs.show('hotspots')
      desk.select(id)
    },
    maintain: (id) =>
      void panels.maintenance.announce(id).then((isMade) => {
        if (isMade) tabs.show('maintenance')
      }),
    ...panels.outages.acts,
    ...panels.maintenance.acts,
    ...panels.report.acts,
  })
  tabs.start()
  reports.start()
}

interface PanelSources {
  readonly shell: Shell
  readonly feed: DeskFeed
  readonly acknowledgements: Acknowledgements
  readonly reports: Reports
  readonly strips: StateStrips
  readonly nameOf: (id: string) => string
  readonly now: () => TimeMs
  readonly render: () => void
}

function panelsOf(sources: PanelSources) {
  const { shell, feed, acknowledgements, reports, strips, nameOf, now, render } = sources
  const zone = shell.village.ok ? shell.village.value.timezone : fmt().timezone
  return {
    outages: new OutagePanel({
      nameOf,
      devices: () => feed.store.devices,
      acknowledgements,
      now,
      onChange: render,
    }),
    maintenance: new MaintenancePanel({
      nameOf,
      hotspots: () =>
        [...feed.store.devices.values()]
          .filter(({ properties }) => properties.kind === 'hotspot')
          .map(({ id, properties }) => ({ id, name: properties.name })),
      zone,
      now,
      onChange: render,
      onWindows: () => {
        strips.refresh()
        reports.retry()
      },
    }),
    report: new ReportPanel({ zone, now, onChange: render }),
  }
}

/** Over how many days the strips go. */
function stripPeriods(strips: StateStrips) {
  return h(
    'span',
    { class: 'segmented', role: 'group', 'aria-label': t('desk.stripPeriod') },
    STRIP_DAYS.map((days) =>
      h(
        'button',
        {
          type: 'button',
          'data-act': 'stripDays',
          'data-arg': days,
          'aria-pressed': String(strips.days === days),
        },
        days === 1 ? t('desk.col.strip') : t('days', { n: days }),
      ),
    ),
  )
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
