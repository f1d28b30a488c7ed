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

/** Optical counts of particles of every size behave alike. */
const PARTICLES = {
  spike: { suspect: 50, fail: 150 },
  rate: { suspect: 1, fail: 3 },
  flat: { suspectS: 3 * HOUR_S, failS: 12 * HOUR_S, tolerance: 0.1 },
  neighbour: { threshold: 3, minStd: 5, minNeighbours: 3 },
} as const satisfies QualityLimits

export const QUALITY_LIMITS = {
  pm1: PARTICLES,
  pm2_5: PARTICLES,
  pm10: PARTICLES,
  temperature: {
    rate: { suspect: 0.05, fail: 0.2 },
    flat: { suspectS: 6 * HOUR_S, failS: 24 * HOUR_S, tolerance: 0.01 },
  },
} as const satisfies Record<string, QualityLimits>

/** Metrics that are tested. */
export const TESTED_METRICS = Object.keys(QUALITY_LIMITS) as readonly (keyof typeof QUALITY_LIMITS)[]

/** Null for a metric that only its plausible range is known of. */
export function qualityLimitsOf(metric: string): QualityLimits | null {
  const limits: Readonly<Record<string, QualityLimits>> = QUALITY_LIMITS
  return Object.hasOwn(limits, metric) ? (limits[metric] ?? null) : null
}
