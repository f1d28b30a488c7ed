// A row a station: its index, how whole its data are, which values are flagged, and how it is sorted and filtered.

import type { DeviceFeature, IndexAnswer, LatestValue } from '../../../../contract/api.ts'
import type { TimeMs } from '../../../../contract/time.ts'
import { indexOf } from '../../air-index.ts'
import { type Freshness, freshnessOf } from '../../freshness.ts'
import { measuresAir } from '../../layers/air.ts'
import type { DeviceStore } from '../../live/device-store.ts'

/** Kept: `localeCompare` makes one anew for each pair. */
const { compare: byName } = new Intl.Collator()

export interface StationRow {
  readonly id: string
  readonly name: string
  readonly feature: DeviceFeature
  readonly freshness: Freshness
  /** Null for a station that measures no air. */
  readonly index: IndexAnswer | null
  readonly flagged: readonly (readonly [string, NonNullable<LatestValue['flag']>])[]
}

export const FILTERS = ['index', 'incomplete', 'flagged', 'silent'] as const
export type Filter = (typeof FILTERS)[number]

/** All stations, the highest index first, then those that measure air without one, then the rest; ties by name. */
export function stationRows(store: DeviceStore, now: TimeMs): readonly StationRow[] {
  const feedTime = store.feedTime ?? now
  return [...store.devices.values()]
    .filter(({ properties }) => properties.kind === 'sensor')
    .map((feature): StationRow => {
      const { name, values } = feature.properties
      const flagged = Object.entries(values).flatMap(([metric, { flag }]) =>
        flag === undefined ? [] : [[metric, flag] as const],
      )
      const index = measuresAir(feature) ? indexOf(feature) : null
      return { id: feature.id, name, feature, freshness: freshnessOf(feature, now, feedTime), index, flagged }
    })
    .toSorted((a, b) => rankOf(b) - rankOf(a) || byName(a.name, b.name))
}

function rankOf({ index }: StationRow): number {
  return index === null ? -2 : (index.value ?? -1)
}

export function isFiltered(row: StationRow, filter: Filter | null): boolean {
  switch (filter) {
    case null:
      return true
    case 'index':
      return row.index?.value != null
    case 'incomplete':
      return row.index !== null && (row.index.value === null || row.index.completeness < 1)
    case 'flagged':
      return row.flagged.length > 0
    case 'silent':
      return row.freshness === 'stale' || row.freshness === 'unknown'
  }
}
