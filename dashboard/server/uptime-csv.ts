// The report of uptime as CSV (RFC 4180), a row a hotspot. Never localised; shares from 0 to 1, seconds, milliseconds and percent as the names
// say, empty where nothing is known.

import type { UptimeAnswer } from '../../contract/api-staff.ts'

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

/** The period stands in each row, so that reports can be put one below another. */
export function uptimeCsv({ from, to, hotspots }: UptimeAnswer): string {
  const rows = hotspots.map((hotspot) => [from, to, ...COLUMNS.map((column) => fieldOf(hotspot[column]))])
  return [['from', 'to', ...COLUMNS], ...rows].map((row) => `${row.join(',')}\r\n`).join('')
}

/** A name that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV injection). */
function fieldOf(value: string | number | boolean | null): string {
  if (value === null) return ''
  if (typeof value !== 'string') return String(value)
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
