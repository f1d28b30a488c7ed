// The environment desk (reference/ui 5): stations by their index, with what it rests on, and one of them in detail; beside them quality
// flags and exceedances.

import '../../style/desk-page.css'
import '../../style/infrastructure.css'
import { DeskAddress } from '../../desk/address.ts'
import { Tabs } from '../../desk/tabs.ts'
import { metricsOf } from '../../metric-text.ts'
import { Desk } from '../../shell/desk.ts'
import { followDevices } from '../../shell/desk-feed.ts'
import { admit } from '../../shell/gate.ts'
import { type Shell, startShell } from '../../shell/shell.ts'
import { t } from '../../text/texts.ts'
import { ExceedancePanel } from './exceedance-panel.ts'
import { FlagStore } from './flag-store.ts'
import { FlagPanel } from './flags-panel.ts'
import { FILTERS, type Filter, isFiltered, type StationRow, stationRows } from './station-rows.ts'
import { detailView, figuresView, tableView } from './views.ts'

const shell = await startShell('environment')
const admitted = admit(shell, ['environment'])
if (admitted !== null) startDesk(shell, admitted.village)

function startDesk(
  shell: Shell,
  { name: village, timezone: zone }: { name: string; timezone: string },
): void {
  const now = () => shell.serverClock.now()
  const renderAll = (): void => {
    desk.renderSoon()
    tabs.renderSoon()
  }
  const flags = new FlagStore(now, renderAll)
  const desk: Desk<StationRow, Filter> = new Desk(shell, {
    kind: 'sensor',
    filters: FILTERS,
    rows: (time) => stationRows(feed.store, time),
    isFiltered,
    figures: figuresView,
    table: (rows, look) => tableView(rows, { ...look, flags }),
    detail: (row, look) => detailView(row, { ...look, flags }),
    texts: { count: 'env.stations', empty: 'desk.noStations', none: 'env.none' },
    onAddress: (isStep) => (isStep ? address.opened() : address.changed()),
  })
  const feed = followDevices(shell, 'sensor', desk.renderSoon)
  const stations = () =>
    [...feed.store.devices.values()]
      .filter(({ properties }) => properties.kind === 'sensor')
      .map((feature) => ({ id: feature.id, name: feature.properties.name, metrics: metricsOf(feature) }))
      .sort((a, b) => a.name.localeCompare(b.name))
  const change = { onChange: (): void => tabs.renderSoon(), onSettings: (): void => address.changed() }
  const propertiesOf = (id: string) => feed.store.devices.get(id)?.properties
  const panels = {
    flags: new FlagPanel({
      ...change,
      flags,
      nameOf: (id) => propertiesOf(id)?.name ?? id,
      stations,
      zone,
      now,
    }),
    exceedances: new ExceedancePanel({
      ...change,
      zone,
      now,
      village,
      isSimulated: (id) => propertiesOf(id)?.simulated === true,
    }),
  }
  const tabs: Tabs = new Tabs(
    [
      { name: 'stations', title: () => t('env.tab.stations'), panel: null },
      { name: 'flags', title: () => t('env.tab.flags'), panel: panels.flags },
      { name: 'exceedances', title: () => t('env.tab.exceedances'), panel: panels.exceedances },
    ],
    { now, onOpen: () => address.opened() },
  )
  const address = new DeskAddress([desk, tabs])
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
  address.start()
  flags.start()
}
