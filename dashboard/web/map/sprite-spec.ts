// What a marker looks like, as data: kinds differ by outline, states by shape and glyph, categories by letter and pattern,
// freshness by fill (reference/ui 2.6, 2.7).

import type { DeviceState } from '../../../contract/device-state.ts'
import type { Freshness } from '../freshness.ts'

export type SpriteSpec =
  | { readonly shape: 'hotspot'; readonly state: DeviceState; readonly freshness: Freshness }
  | {
      readonly shape: 'station'
      readonly text: string
      readonly category: string
      readonly freshness: Freshness
    }
  | { readonly shape: 'water' | 'noise'; readonly text: string; readonly freshness: Freshness }
  | {
      readonly shape: 'vehicle'
      readonly text: string
      readonly fill: string
      /** One of 24 directions, 0 is north; null without. */
      readonly heading: number | null
      readonly freshness: Freshness
    }
  | { readonly shape: 'stop' }
  /** The place that the answers are for. */
  | { readonly shape: 'place' }
  | {
      readonly shape: 'cluster'
      readonly layer: string
      readonly count: number
      /** Key and number, worst first. */
      readonly segments: readonly (readonly [string, number])[]
    }

/** Two specs of the same key look the same. */
export function spriteKey(spec: SpriteSpec): string {
  switch (spec.shape) {
    case 'hotspot':
      return `h|${spec.state}|${spec.freshness}`
    case 'station':
      return `s|${spec.text}|${spec.category}|${spec.freshness}`
    case 'water':
    case 'noise':
      return `${spec.shape}|${spec.text}|${spec.freshness}`
    case 'vehicle':
      return `v|${spec.text}|${spec.fill}|${spec.heading ?? '-'}|${spec.freshness}`
    case 'stop':
    case 'place':
      return spec.shape
    case 'cluster':
      return `c|${spec.layer}|${spec.count}|${spec.segments.map(([key, count]) => `${key}:${count}`).join(',')}`
  }
}
