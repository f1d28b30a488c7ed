// Observations out of DuckDB page by page, so that an export of years takes the memory of one page.

import type { TransferRow } from '../../contract/feed.ts'
import type { Occupancy } from '../../contract/observation.ts'
import { KINDS, type Kind } from '../../contract/topics.ts'
import { CONTEXT_NUMBERS, CONTEXT_TEXTS, KNOWN_METRICS } from './columns.ts'
import { type DuckDbSession, type Row, whole } from './duckdb-connection.ts'
import type { DeviceState } from './duckdb-devices.ts'
import { positionOf } from './duckdb-readings.ts'
import { quoted } from './duckdb-schema.ts'
import { groupBy } from './group.ts'
import type { Span } from './hours.ts'
import type { RowFilter } from './store.ts'

/** Stretches of time of about `EXPORT_ROWS` rows each, by kind and oldest first. */
export interface ExportPage extends Span {
  readonly kind: Kind
}

const EXPORT_ROWS = 20_000

export async function planExport(
  session: DuckDbSession,
  filter: RowFilter,
  device: DeviceState | null,
): Promise<ExportPage[]> {
  const pages: ExportPage[] = []
  for (const kind of KINDS) {
    if ((filter.kind ?? device?.kind ?? kind) !== kind || (device !== null && device.kind !== kind)) continue
    const minutes = await session.rows(
      `SELECT (time // 60000) * 60000 AS minute, count(*) FROM ${kind}
       WHERE time >= ? AND time < ? AND (? IS NULL OR device = ?) GROUP BY minute ORDER BY minute`,
      [whole(filter.from), whole(filter.to), device?.id ?? null, device?.id ?? null],
    )
    let from = filter.from
    let rows = 0
    for (const [minute, count] of minutes) {
      if (rows > 0 && rows + Number(count) > EXPORT_ROWS) {
        pages.push({ kind, from, to: Number(minute) })
        from = Number(minute)
        rows = 0
      }
      rows += Number(count)
    }
    if (rows > 0) pages.push({ kind, from, to: filter.to })
  }
  return pages
}

export async function readExportPage(
  session: DuckDbSession,
  page: ExportPage,
  device: DeviceState | null,
): Promise<TransferRow[]> {
  const metrics = KNOWN_METRICS[page.kind]
  const parameters = [whole(page.from), whole(page.to), device?.id ?? null, device?.id ?? null]
  const condition = 't.time >= ? AND t.time < ? AND (? IS NULL OR t.device = ?)'
  const names = [...metrics, ...CONTEXT_NUMBERS, ...CONTEXT_TEXTS].map((name) => `t.${quoted(name)}`)
  const rows = await session.rows(
    `SELECT t.time, device.device, ${names.join(', ')} FROM ${page.kind} t JOIN device ON device.id = t.device
     WHERE ${condition} ORDER BY t.time, device.device`,
    parameters,
  )
  const others = await session.rows(
    `SELECT t.time, device.device, t.metric, t.value FROM other t JOIN device ON device.id = t.device
     WHERE ${condition} AND device.kind = '${page.kind}' ORDER BY t.time, device.device, t.metric`,
    parameters,
  )
  const othersOf = groupBy(others, ([time, name]) => `${time} ${name}`)
  return rows.map((row) => transferRow(page.kind, metrics, row, othersOf.get(`${row[0]} ${row[1]}`) ?? []))
}

function transferRow(kind: Kind, metrics: readonly string[], row: Row, others: readonly Row[]): TransferRow {
  const [time, device, ...cells] = row
  const values: [string, number][] = []
  for (const [index, metric] of metrics.entries()) {
    const value = cells[index]
    if (typeof value === 'number') values.push([metric, value])
  }
  for (const [, , metric, value] of others) values.push([String(metric), Number(value)])
  const numbers = cells.slice(metrics.length, metrics.length + CONTEXT_NUMBERS.length)
  const [trip, route, occupancy] = cells.slice(metrics.length + CONTEXT_NUMBERS.length)
  const position = positionOf(numbers)
  const direction = numbers[CONTEXT_NUMBERS.length - 1]
  return {
    kind,
    device: String(device),
    time: Number(time),
    values: Object.fromEntries(values),
    ...(position === null ? {} : { position }),
    ...(typeof trip === 'string' ? { trip } : {}),
    ...(typeof route === 'string' ? { route } : {}),
    ...(direction === 0 || direction === 1 ? { direction } : {}),
    ...(typeof occupancy === 'string' ? { occupancy: occupancy as Occupancy } : {}),
  }
}
