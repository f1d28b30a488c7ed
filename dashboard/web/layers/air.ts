// Air: stations with the index that the village shows.

import type { DeviceFeature } from '../../../contract/api.ts'
import { CATEGORIES, categoryOf, indexName, indexOf } from '../air-index.ts'
import { fmt } from '../format.ts'
import { t } from '../text/texts.ts'
import type { Layer } from './layer.ts'
import { measuresNoise } from './noise.ts'
import { measuresWater } from './water.ts'

/** A sensor that measures neither water nor noise is a station for air, with or without an index. */
export function measuresAir(feature: DeviceFeature): boolean {
  return feature.properties.kind === 'sensor' && !measuresWater(feature) && !measuresNoise(feature)
}

/** `ISPU 86, Sedang`, or why there is none. */
export function indexText(feature: DeviceFeature): string {
  const index = indexOf(feature)
  const name = t(`air.${indexName()}` as const)
  if (index?.value == null) return noIndexText(index?.reason)
  const category = t(categoryOf(indexName(), index.value).name)
  return t('air.index', { index: name, n: fmt().whole(index.value), category })
}

/** Why there is no index, in words. Reasons are `no_pollutant_measured` and `not_enough_hours:HAVE/NEED`. */
export function noIndexText(reason: string | undefined): string {
  const index = t(`air.${indexName()}` as const)
  const hours = /^not_enough_hours:(\d+)\/(\d+)$/.exec(reason ?? '')
  if (hours !== null) return t('air.nodata', { index, have: Number(hours[1]), need: Number(hours[2]) })
  return reason === 'no_pollutant_measured' ? t('air.nopollutant') : t('air.noindex', { index })
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
  ],
}

/** The upper bound of each category, as the number in the legend's marker. */
const LEGEND_VALUES = {
  ispu: ['50', '100', '200', '300', '301'],
  'us-aqi': ['50', '100', '150', '200', '300', '301'],
  eaqi: ['1', '2', '3', '4', '5', '6'],
} as const
