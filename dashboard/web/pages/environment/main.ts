// The environment desk (reference/ui 5): stations by their index, with what it rests on, and one of them in detail.

import '../../style/desk-page.css'
import { Desk } from '../../shell/desk.ts'
import { followDevices } from '../../shell/desk-feed.ts'
import { admit } from '../../shell/gate.ts'
import { type Shell, startShell } from '../../shell/shell.ts'
import { FILTERS, type Filter, isFiltered, type StationRow, stationRows } from './station-rows.ts'
import { detailView, figuresView, tableView } from './views.ts'

const shell = await startShell('environment')
if (admit(shell, ['environment']) !== null) startDesk(shell)

function startDesk(shell: Shell): void {
  const desk: Desk<StationRow, Filter> = new Desk(shell, {
    filters: FILTERS,
    rows: (now) => stationRows(feed.store, now),
    isFiltered,
    figures: figuresView,
    table: tableView,
    detail: detailView,
    texts: { count: 'env.stations', empty: 'desk.noStations', none: 'env.none' },
  })
  const feed = followDevices(shell, 'sensor', desk.renderSoon)
  desk.start(feed)
}
