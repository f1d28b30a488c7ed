// Defaults of the quality tests by metric: dust and temperature as in domain A7 [rule]; the others are ours, set against the simulators'
// truth (`npm run bench -- truth`), and wide enough that weather and traffic pass. Fail spans of the range test are the metrics' plausible ranges,
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
  humidity: {
    spike: { suspect: 15, fail: 30 },
    // A wet night saturates a sensor for hours.
    flat: { suspectS: 4 * HOUR_S, failS: 24 * HOUR_S, tolerance: 0.05 },
  },
  pressure: { flat: { suspectS: 6 * HOUR_S, failS: 24 * HOUR_S, tolerance: 0.05 } },
  wind_ms: { spike: { suspect: 10, fail: 20 } },
  noise_dba: {
    spike: { suspect: 20, fail: 40 },
    flat: { suspectS: HOUR_S, failS: 4 * HOUR_S, tolerance: 0.05 },
  },
  water_level_cm: {
    spike: { suspect: 50, fail: 150 },
    // A canal may stand still in dry weather, and its level must not vanish for that.
    flat: { suspectS: 4 * HOUR_S, failS: 72 * HOUR_S, tolerance: 0.05 },
  },
  o3: { spike: { suspect: 100, fail: 300 } },
  no2: { spike: { suspect: 100, fail: 300 } },
  so2: { spike: { suspect: 50, fail: 150 } },
  co: { spike: { suspect: 3_000, fail: 10_000 } },
} as const satisfies Record<string, QualityLimits>

/** Metrics that are tested. */
export const TESTED_METRICS = Object.keys(QUALITY_LIMITS) as readonly (keyof typeof QUALITY_LIMITS)[]

/** Null for a metric that only its plausible range is known of. */
export function qualityLimitsOf(metric: string): QualityLimits | null {
  const limits: Readonly<Record<string, QualityLimits>> = QUALITY_LIMITS
  return Object.hasOwn(limits, metric) ? (limits[metric] ?? null) : null
}
