// What the map, the legend and the list must know of a layer. A new layer is a file with one of these and a line in
// `index.ts`.

import type { DeviceFeature } from '../../../contract/api.ts'
import type { TimeMs } from '../../../contract/time.ts'
import type { IconName } from '../dom/icons.ts'
import type { Freshness } from '../freshness.ts'
import type { SpriteSpec } from '../map/sprite-spec.ts'
import { type TextKey, t } from '../text/texts.ts'

export type LayerId = 'wifi' | 'air' | 'bus' | 'noise' | 'water'

export interface LegendRow {
  readonly sprite: SpriteSpec
  readonly text: string
}

export interface Layer {
  readonly id: LayerId
  readonly title: TextKey
  readonly icon: IconName
  /** Points of this layer are drawn above those of layers with a lower number. */
  readonly order: number
  /** Far out, near points of this layer are drawn as one. */
  readonly isClustered: boolean
  /** What is in this layer. */
  holds(feature: DeviceFeature): boolean
  sprite(feature: DeviceFeature, freshness: Freshness): SpriteSpec
  /** What decides the colour of a cluster: a key that `clusterOrder` ranks. */
  clusterKey(feature: DeviceFeature, freshness: Freshness): string
  /** The state in words, one line, without the name. */
  stateText(feature: DeviceFeature, freshness: Freshness, now: TimeMs): string
  /** How many in which state, in words, of those that are shown. */
  countText(features: readonly (readonly [DeviceFeature, Freshness])[]): string
  legend(): readonly LegendRow[]
}

/** What a disc with a number stands for: near points as one, the worst of them first. */
export function clusterRow(layer: LayerId, ...segments: readonly (readonly [string, number])[]): LegendRow {
  const count = segments.reduce((sum, [, n]) => sum + n, 0)
  return { sprite: { shape: 'cluster', layer, count, segments }, text: t('legend.cluster') }
}
