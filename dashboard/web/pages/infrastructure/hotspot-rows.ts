// A row a hotspot: what the live feed says now beside the report of the last 24 hours.

import type { DeviceFeature } from '../../../../contract/api.ts'
import type { OutageAnswer } from '../../../../contract/api-staff.ts'
import type { TimeMs } from '../../../../contract/time.ts'
import { groupBy } from '../../../../domain/transit/feed-tables.ts'
import { type Freshness, freshnessOf } from '../../freshness.ts'
import { shownState } from '../../layers/wifi.ts'
import type { DeviceStore } from '../../live/device-store.ts'
import { parentOf } from './outage-groups.ts'
import type { Reports, Uptime } from './reports.ts'
import { type Ranked, worstFirst } from './worst-first.ts'

export interface HotspotRow extends Ranked {
  readonly feature: DeviceFeature
  readonly freshness: Freshness
  readonly uptime: Uptime | null
  /** What the uptime is of. */
  readonly period: Reports['period']
  readonly outage: OutageAnswer | null
  /** The hotspot that it hangs below and that is the cause of its state (domain B7). */
  readonly parent: string | null
}

export const FILTERS = ['down', 'degraded', 'unknown', 'maintenance', 'unack', 'cloned'] as const
export type Filter = (typeof FILTERS)[number]

/** All hotspots, worst first. */
export function hotspotRows(store: DeviceStore, reports: Reports, now: TimeMs): readonly HotspotRow[] {
  const feedTime = store.feedTime ?? now
  const rows = [...store.devices.values()]
    .filter(({ properties }) => properties.kind === 'hotspot')
    .map((feature): HotspotRow => {
      const freshness = freshnessOf(feature, now, feedTime)
      const uptime = reports.uptimes.get(feature.id) ?? null
      const outage = reports.outages.get(feature.id) ?? null
      const { since } = feature.properties
      return {
        id: feature.id,
        name: feature.properties.name,
        state: shownState(feature, freshness),
        since: since === null ? null : Date.parse(since),
        isAcknowledged: outage?.acknowledgedBy !== undefined,
        lossPct: uptime?.loss_pct ?? feature.properties.values['loss_pct']?.value ?? null,
        latencyP95Ms: uptime?.latency_p95_ms ?? null,
        availability: uptime?.availability ?? null,
        feature,
        freshness,
        uptime,
        period: reports.period,
        outage,
        parent: parentOf(feature.properties.cause),
      }
    })
  return besideParents(worstFirst(rows))
}

/** What hangs below a hotspot that is down follows it, in its order. */
export function besideParents<T extends Pick<HotspotRow, 'id' | 'parent'>>(rows: readonly T[]): readonly T[] {
  const ids = new Set(rows.map(({ id }) => id))
  const isBelow = ({ parent }: T): boolean => parent !== null && ids.has(parent)
  const below = groupBy(rows.filter(isBelow), ({ parent }) => parent ?? '')
  return rows.filter((row) => !isBelow(row)).flatMap((row) => [row, ...(below.get(row.id) ?? [])])
}

/** Of the rows those whose parent is not among them, or is unfolded. */
export function withoutFolded<T extends Pick<HotspotRow, 'id' | 'parent'>>(
  rows: readonly T[],
  unfolded: ReadonlySet<string>,
): readonly T[] {
  const ids = new Set(rows.map(({ id }) => id))
  return rows.filter(({ parent }) => parent === null || !ids.has(parent) || unfolded.has(parent))
}

export function isFiltered(row: HotspotRow, filter: Filter | null): boolean {
  if (filter === null) return true
  if (filter === 'cloned') return row.feature.properties.cloneSuspected !== undefined
  return filter === 'unack' ? row.state === 'down' && !row.isAcknowledged : row.state === filter
}
