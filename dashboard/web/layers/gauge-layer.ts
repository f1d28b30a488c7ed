// A layer of sensors that show one number: water level, noise.

import type { DeviceFeature, LatestValue } from '../../../contract/api.ts'
import type { IconName } from '../dom/icons.ts'
import { fmt } from '../format.ts'
import type { Freshness } from '../freshness.ts'
import { type TextKey, t } from '../text/texts.ts'
import { clusterRow, type Layer } from './layer.ts'

interface GaugeOptions {
  readonly id: 'water' | 'noise'
  readonly title: TextKey
  readonly icon: IconName
  readonly shape: 'water' | 'noise'
  readonly metric: string
  readonly legend: TextKey
  readonly holds: (feature: DeviceFeature) => boolean
}

export function gaugeLayer(options: GaugeOptions): Layer {
  const { metric, shape } = options
  return {
    id: options.id,
    title: options.title,
    icon: options.icon,
    order: 4,
    isClustered: true,
    holds: options.holds,
    sprite: (feature, freshness) => {
      const value = usable(feature.properties.values[metric])
      return {
        shape,
        text: value === null ? '?' : fmt().whole(value),
        freshness: value === null ? 'unknown' : freshness,
      }
    },
    clusterKey: (feature, freshness) => keyOf(usable(feature.properties.values[metric]), freshness),
    stateText: (feature) => {
      const latest = feature.properties.values[metric]
      const value = usable(latest)
      return value === null ? t('state.unknown') : fmt().value(value, latest?.unit ?? null)
    },
    countText: (features) => t('layer.count', { n: features.length }),
    legend: () => [
      { sprite: { shape, text: '42', freshness: 'live' }, text: t(options.legend) },
      { sprite: { shape, text: '42', freshness: 'stale' }, text: t('legend.stale') },
      clusterRow(options.id, ['up', 3]),
    ],
  }
}

/** A value that may be shown as one: not out of range, and not flagged as bad by staff. */
function usable(latest: LatestValue | undefined): number | null {
  return latest?.value === undefined || latest.flag === 'range' || latest.flag === 'manual'
    ? null
    : latest.value
}

function keyOf(value: number | null, freshness: Freshness): string {
  return value === null || freshness === 'stale' || freshness === 'unknown' ? 'unknown' : 'up'
}
