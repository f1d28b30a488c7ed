// Uptime of many hotspots as one: times are added, so that availability is that of all their time and not a mean of percentages.

import type { UptimeAnswer } from '../../../../contract/api-staff.ts'

export type UptimeRow = UptimeAnswer['hotspots'][number]

export type UptimeSum = Pick<
  UptimeRow,
  | 'availability'
  | 'knownShare'
  | 'up_s'
  | 'down_s'
  | 'unknown_s'
  | 'maintenance_s'
  | 'outages'
  | 'mtbf_s'
  | 'mttr_s'
>

/** Null shares where there is no time to share; null means between where there was no outage. */
export function sumOf(rows: readonly UptimeRow[]): UptimeSum {
  const sum = (member: 'up_s' | 'down_s' | 'unknown_s' | 'maintenance_s' | 'outages'): number =>
    rows.reduce((total, row) => total + row[member], 0)
  const [up, down, unknown] = [sum('up_s'), sum('down_s'), sum('unknown_s')]
  const known = up + down
  const outages = sum('outages')
  return {
    availability: known === 0 ? null : up / known,
    knownShare: known + unknown === 0 ? null : known / (known + unknown),
    up_s: up,
    down_s: down,
    unknown_s: unknown,
    maintenance_s: sum('maintenance_s'),
    outages,
    mtbf_s: outages === 0 ? null : up / outages,
    mttr_s: outages === 0 ? null : down / outages,
  }
}
