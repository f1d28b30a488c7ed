// The infrastructure desk (reference/ui 4): hotspots worst first, filtered by key figures, one of them in detail; beside them outages,
// maintenance and the report.

import '../../style/desk-page.css'
import '../../style/infrastructure.css'
import type { DeviceFeature, VillageAnswer } from '../../../../contract/api.ts'
import type { TimeMs } from '../../../../contract/time.ts'
import { DeskAddress } from '../../desk/address.ts'
import { segmented } from '../../desk/cells.ts'
import { monthOf } from '../../desk/period.ts'
import { Tabs } from '../../desk/tabs.ts'
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
import { Areas } from './areas.ts'
import { COVERAGE_MODES, Coverage } from './coverage.ts'
import { CoveragePanel } from './coverage-panel.ts'
import { figuresView, type ReachShares } from './figures.ts'
import {
  FILTERS,
  type Filter,
  type HotspotRow,
  hotspotRows,
  isFiltered,
  withoutFolded,
} from './hotspot-rows.ts'
import { MaintenancePanel } from './maintenance-panel.ts'
import { OutagePanel } from './outage-panel.ts'
import { ReportPanel } from './report-panel.ts'
import { Reports } from './reports.ts'
import { detailView, tableView } from './views.ts'

const STRIP_DAYS = [1, 7, 30] as const

const shell = await startShell('infrastructure')
const admitted = admit(shell, ['infrastructure'])
if (admitted !== null) startDesk(shell, admitted.village)

function startDesk(shell: Shell, village: VillageAnswer): void {
  const now = () => shell.serverClock.now()
  const unfolded = new Set<string>()
  const desk: Desk<HotspotRow, Filter> = new Desk(shell, {
    kind: 'hotspot',
    filters: FILTERS,
    rows: (time) => hotspotRows(feed.store, reports, time),
    isFiltered,
    fold: (rows) => withoutFolded(rows, unfolded),
    figures: (rows, filter) =>
      figuresView(rows, filter, {
        coverage: reachOf(
          coverage,
          rows.map(({ feature }) => feature),
        ),
        month: reports.month,
      }),
    table: (rows, look) => tableView(rows, { ...look, ...sources() }),
    detail: (row, look) => detailView(row, { ...look, ...sources() }),
    texts: { count: 'desk.hotspots', empty: 'desk.noHotspots', none: 'desk.none' },
    barEnd: (time) => [stripPeriods(strips), reportLine(reports, time)],
    alarm: (rows) => {
      const downs = rows.filter(({ state }) => state === 'down').length
      return downs === 0 ? '' : `(${downs}) `
    },
    onAddress: (isStep) => (isStep ? address.opened() : address.changed()),
  })
  const renderAll = (): void => {
    desk.renderSoon()
    tabs.renderSoon()
  }
  const coverage = new Coverage(village.boundary, desk.renderSoon)
  const reports = new Reports(now, village.timezone, renderAll)
  const acknowledgements = new Acknowledgements(reports, renderAll)
  const strips = new StateStrips(shell.clock, now, desk.renderSoon, true)
  const feed = followDevices(shell, 'hotspot', desk.renderSoon, ({ name, to }) => {
    byId('announcer').textContent = t('desk.alert', { name, state: stateWord(to) })
  })
  const sources = () => ({ devices: feed.store.devices, strips, pending: acknowledgements.pending, unfolded })
  const nameOf = (id: string): string => feed.store.devices.get(id)?.properties.name ?? id
  const panels = panelsOf({
    village,
    feed,
    coverage,
    acknowledgements,
    reports,
    strips,
    nameOf,
    now,
    onChange: () => tabs.renderSoon(),
    onSettings: () => address.changed(),
    renderNow: () => tabs.render(),
  })
  const tabs: Tabs = new Tabs(
    [
      { name: 'hotspots', title: () => t('tab.hotspots'), panel: null },
      {
        name: 'outages',
        title: () => withCount(t('tab.outages'), reports.outages.size),
        panel: panels.outages,
      },
      { name: 'maintenance', title: () => t('tab.maintenance'), panel: panels.maintenance },
      { name: 'coverage', title: () => t('tab.coverage'), panel: panels.coverage },
      { name: 'report', title: () => t('tab.report'), panel: panels.report },
    ],
    { now, onOpen: () => address.opened() },
  )
  const address = new DeskAddress([desk, tabs])
  const showReport = (period: string): void => {
    panels.report.choose(period)
    tabs.show('report')
  }
  desk.start(feed, {
    ack: (id) => void acknowledgements.ask(id, nameOf(id)),
    fold: (id) => {
      if (!unfolded.delete(id)) unfolded.add(id)
      desk.renderSoon()
    },
    retry: () => reports.retry(),
    tab: (name) => tabs.show(name),
    stripDays: (days) => strips.setDays(Number(days)),
    dayReport: () => showReport('1d'),
    monthReport: () => showReport(monthOf(now(), village.timezone)),
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
    ...panels.coverage.acts,
    ...panels.report.acts,
  })
  tabs.start()
  address.start()
  reports.start()
}

/** Null until the boundary is there, and of a village without area or reach. */
function reachOf(coverage: Coverage, hotspots: readonly DeviceFeature[]): ReachShares | null {
  const [now, planned] = COVERAGE_MODES.map((mode) => coverage.of(hotspots, mode)?.shares ?? null)
  return now == null || planned == null ? null : { ...now, planned: planned.covered }
}

interface PanelSources {
  readonly village: VillageAnswer
  readonly feed: DeskFeed
  readonly coverage: Coverage
  readonly acknowledgements: Acknowledgements
  readonly reports: Reports
  readonly strips: StateStrips
  readonly nameOf: (id: string) => string
  readonly now: () => TimeMs
  readonly onChange: () => void
  readonly onSettings: () => void
  readonly renderNow: () => void
}

function panelsOf(sources: PanelSources) {
  const { village, feed, coverage, acknowledgements, reports, strips, nameOf, now, renderNow } = sources
  const { onChange, onSettings } = sources
  const areas = new Areas(village.basemap, onChange)
  const hotspots = (): readonly DeviceFeature[] =>
    [...feed.store.devices.values()].filter(({ properties }) => properties.kind === 'hotspot')
  const shared = { nameOf, now, onChange, onSettings, zone: village.timezone }
  return {
    outages: new OutagePanel({ ...shared, devices: () => feed.store.devices, acknowledgements }),
    maintenance: new MaintenancePanel({
      ...shared,
      hotspots: () => hotspots().map(({ id, properties }) => ({ id, name: properties.name })),
      onWindows: () => {
        strips.refresh()
        reports.retry()
      },
    }),
    coverage: new CoveragePanel({ ...shared, village, coverage, areas, hotspots }),
    report: new ReportPanel({
      ...shared,
      village: village.name,
      renderNow,
      areas: () => areas.list() ?? [],
      areaOf: (id) => {
        const feature = feed.store.devices.get(id)
        return feature === undefined ? null : areas.of(feature)
      },
    }),
  }
}

function withCount(text: string, n: number): string {
  return n === 0 ? text : `${text} (${n})`
}

/** Over how many days the strips go. */
function stripPeriods(strips: StateStrips) {
  return segmented(
    'desk.stripPeriod',
    'stripDays',
    STRIP_DAYS.map((days) => [String(days), days === 1 ? t('desk.col.strip') : t('days', { n: days })]),
    String(strips.days),
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
