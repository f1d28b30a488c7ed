// The environment desk (reference/ui 5): stations by their index, with what it rests on, and one of them in detail; beside them quality
// flags and exceedances.

import '../../style/desk-page.css'
import '../../style/infrastructure.css'
import { fmt } from '../../format.ts'
import { metricsOf } from '../../metric-text.ts'
import { Desk } from '../../shell/desk.ts'
import { followDevices } from '../../shell/desk-feed.ts'
import { admit } from '../../shell/gate.ts'
import { type Shell, startShell } from '../../shell/shell.ts'
import { ExceedancePanel } from './exceedance-panel.ts'
import { FlagStore } from './flag-store.ts'
import { FlagPanel } from './flags-panel.ts'
import { FILTERS, type Filter, isFiltered, type StationRow, stationRows } from './station-rows.ts'
import { Tabs } from './tabs.ts'
import { detailView, figuresView, tableView } from './views.ts'

const shell = await startShell('environment')
if (admit(shell, ['environment']) !== null) startDesk(shell)

function startDesk(shell: Shell): void {
  const now = () => shell.serverClock.now()
  const renderAll = (): void => {
    desk.renderSoon()
    tabs.renderSoon()
  }
  const flags = new FlagStore(now, renderAll)
  const desk: Desk<StationRow, Filter> = new Desk(shell, {
    filters: FILTERS,
    rows: (time) => stationRows(feed.store, time),
    isFiltered,
    figures: figuresView,
    table: (rows, look) => tableView(rows, { ...look, flags }),
    detail: (row, look) => detailView(row, { ...look, flags }),
    texts: { count: 'env.stations', empty: 'desk.noStations', none: 'env.none' },
  })
  const feed = followDevices(shell, 'sensor', desk.renderSoon)
  const zone = shell.village.ok ? shell.village.value.timezone : fmt().timezone
  const stations = () =>
    [...feed.store.devices.values()]
      .filter(({ properties }) => properties.kind === 'sensor')
      .map((feature) => ({ id: feature.id, name: feature.properties.name, metrics: metricsOf(feature) }))
      .sort((a, b) => a.name.localeCompare(b.name))
  const onChange = (): void => tabs.renderSoon()
  const panels = {
    flags: new FlagPanel({
      flags,
      nameOf: (id) => feed.store.devices.get(id)?.properties.name ?? id,
      stations,
      zone,
      now,
      onChange,
    }),
    exceedances: new ExceedancePanel({ zone, now, onChange }),
  }
  const tabs: Tabs = new Tabs(panels, now)
  desk.start(feed, {
    tab: (name) => tabs.show(name),
    showStation: (id) => {
      tabs.show('stations')
      desk.select(id)
    },
    ...panels.flags.acts,
    ...panels.exceedances.acts,
  })
  tabs.start()
  flags.start()
}
