// Air: stations with the index that the village shows.

import type { DeviceFeature } from '../../../contract/api.ts'
import { CATEGORIES, categoryOf, indexName, indexOf } from '../air-index.ts'
import { indexValueText, whyNoIndex } from '../air-text.ts'
import { measuresAir } from '../device-layer.ts'
import { fmt } from '../format.ts'
import { t, words } from '../text/texts.ts'
import { clusterRow, type Layer } from './layer.ts'

export { measuresAir } from '../device-layer.ts'

/** `ISPU 86, Sedang`, or why there is none. */
export function indexText(feature: DeviceFeature): string {
  const index = indexOf(feature)
  return index?.value == null ? noIndexText(index?.reason) : indexValueText(words(), index.value)
}

/** Why there is no index, in the page's words. */
export function noIndexText(reason: string | undefined): string {
  return whyNoIndex(words(), reason)
}

export const air: Layer = {
  id: 'air',
  title: 'air.title',
  icon: 'air',
  order: 5,
  isClustered: true,
  holds: measuresAir,
  sprite(feature, freshness) {
    const value = indexOf(feature)?.value ?? null
    return {
      shape: 'station',
      text: value === null ? '?' : fmt().whole(value),
      category: categoryOf(indexName(), value).key,
      freshness,
    }
  },
  clusterKey: (feature, freshness) =>
    freshness === 'stale' || freshness === 'unknown'
      ? 'none'
      : categoryOf(indexName(), indexOf(feature)?.value ?? null).key,
  stateText: (feature) => indexText(feature),
  countText(features) {
    const withIndex = features.filter(([feature]) => indexOf(feature)?.value != null).length
    const index = t(`air.${indexName()}` as const)
    return `${t('layer.count', { n: features.length })}: ${t('layer.withIndex', { n: withIndex, index })}`
  },
  legend: () => [
    ...CATEGORIES[indexName()].map((category, place) => ({
      sprite: {
        shape: 'station' as const,
        text: LEGEND_VALUES[indexName()][place] ?? '',
        category: category.key,
        freshness: 'live' as const,
      },
      text: t(category.name),
    })),
    { sprite: { shape: 'station', text: '?', category: 'none', freshness: 'unknown' }, text: t('cat.none') },
    clusterRow(
      'air',
      [CATEGORIES[indexName()][1]?.key ?? 'none', 2],
      [CATEGORIES[indexName()][0]?.key ?? 'none', 3],
    ),
  ],
}

/** The upper bound of each category, as the number in the legend's marker. */
const LEGEND_VALUES = {
  ispu: ['50', '100', '200', '300', '301'],
  'us-aqi': ['50', '100', '150', '200', '300', '301'],
  eaqi: ['1', '2', '3', '4', '5', '6'],
} as const
