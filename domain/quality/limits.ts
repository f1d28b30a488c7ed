// Defaults of the quality tests by metric [rule] (domain A7). Fail spans of the range test are the metrics' plausible ranges,
// `contract/metrics.ts`.

import type { FlatLimits } from './flat-line.ts'
import type { NeighbourRule } from './neighbour.ts'

const HOUR_S = 3_600

export interface QualityLimits {
  /** In the metric's unit. */
  readonly spike?: { readonly suspect: number; readonly fail: number }
  /** In the metric's unit a second. */
  readonly rate?: { readonly suspect: number; readonly fail: number }
  readonly flat?: FlatLimits
  readonly neighbour?: NeighbourRule
}

export const QUALITY_LIMITS = {
  pm2_5: {
    spike: { suspect: 50, fail: 150 },
    rate: { suspect: 1, fail: 3 },
    flat: { suspectS: 3 * HOUR_S, failS: 12 * HOUR_S, tolerance: 0.1 },
    neighbour: { threshold: 3, minStd: 5, minNeighbours: 3 },
  },
  temperature: {
    rate: { suspect: 0.05, fail: 0.2 },
    flat: { suspectS: 6 * HOUR_S, failS: 24 * HOUR_S, tolerance: 0.01 },
  },
} as const satisfies Record<string, QualityLimits>
