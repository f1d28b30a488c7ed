// The report of uptime as CSV (RFC 4180), a row a hotspot. Never localised; seconds, milliseconds and percent as the names say, shares from 0
// to 1, empty where nothing is known. The rules with their versions stand in the last column.

import type { UptimeAnswer } from '../../contract/api-staff.ts'
import { csvField } from './csv-field.ts'

type Row = UptimeAnswer['hotspots'][number]

const COLUMNS = [
  'id',
  'name',
  'simulated',
  'availability',
  'knownShare',
  'up_s',
  'down_s',
  'unknown_s',
  'maintenance_s',
  'outages',
  'mtbf_s',
  'mttr_s',
  'latency_p50_ms',
  'latency_p95_ms',
  'latency_error',
  'loss_pct',
] as const satisfies readonly (keyof Row)[]

/** The period and the rules stand in each row, so that reports can be put one below another. */
export function uptimeCsv({ from, to, hotspots, rules = {} }: UptimeAnswer): string {
  const by = new Set(Object.values(rules).map(({ name, version }) => `${name} ${version}`))
  const last = csvField([...by].join('; '))
  const rows = hotspots.map((hotspot) => [
    from,
    to,
    ...COLUMNS.map((column) => csvField(hotspot[column])),
    last,
  ])
  return [['from', 'to', ...COLUMNS, 'rules'], ...rows].map((row) => `${row.join(',')}\r\n`).join('')
}
