// Defaults of the quality tests by metric, each with where it comes from: dust and temperature as in domain A7 [rule], weather after WMO's
// guideline for automatic stations, the rest ours, bounded by what real series do. None is set by what the simulators do. Fail spans of the
// range test are the metrics' plausible ranges, `contract/metrics.ts`.

import type { FlatLimits } from './flat-line.ts'
import type { NeighbourRule } from './neighbour.ts'

const HOUR_S = 3_600

/** Those that there are for a metric. */
export interface QualityTests {
  /** In the metric's unit. */
  readonly spike?: { readonly suspect: number; readonly fail: number }
  /** In the metric's unit a second. */
  readonly rate?: { readonly suspect: number; readonly fail: number }
  readonly flat?: FlatLimits
  readonly neighbour?: NeighbourRule
}

export interface QualityLimits extends QualityTests {
  /** Of all of them. */
  readonly source: string
}

const WMO =
  'WMO CBS/OPAG-IOS, I. Zahumenský, Guidelines on Quality Control Procedures for Data from Automatic Weather Stations (2004), 2.2'
const BEIJING =
  'at most one hour in a thousand of four years of reference hours in Beijing (Zhang et al. 2017) is suspect by it'

/** Optical counts of particles of every size behave alike. */
const PARTICLES = {
  spike: { suspect: 50, fail: 150 },
  rate: { suspect: 1, fail: 3 },
  flat: { suspectS: 3 * HOUR_S, failS: 12 * HOUR_S, tolerance: 0.1 },
  neighbour: { threshold: 3, minStd: 5, minNeighbours: 3 },
  source: 'domain A7 [rule]',
} as const satisfies QualityLimits

export const QUALITY_LIMITS = {
  pm1: PARTICLES,
  pm2_5: PARTICLES,
  pm10: {
    ...PARTICLES,
    // Coarse dust differs more from street to street than the fine dust that A7 gives 5 for.
    neighbour: { ...PARTICLES.neighbour, minStd: 15 },
    source:
      'domain A7 [rule]; the least spread of neighbours in the ratio of the WHO 2021 guidelines of 24 h, 45 to 15 µg/m³',
  },
  temperature: {
    rate: { suspect: 0.05, fail: 0.2 },
    flat: { suspectS: 6 * HOUR_S, failS: 24 * HOUR_S, tolerance: 0.01 },
    source: 'domain A7 [rule]',
  },
  humidity: {
    // 15 % is an error a minute apart; readings may be an hour apart here, so it is suspect, and twice that an error.
    spike: { suspect: 15, fail: 30 },
    // WMO asks for 1 % in an hour; a wet night saturates a sensor for hours, as in the month of the airRohr of Ho Chi Minh City.
    flat: { suspectS: 4 * HOUR_S, failS: 24 * HOUR_S, tolerance: 0.05 },
    source: `${WMO}, widened [rule]`,
  },
  pressure: {
    // WMO asks for 0.1 hPa in an hour. Its limit of change, 2 hPa a minute, is met by the weather of an hour: no spike test.
    flat: { suspectS: 6 * HOUR_S, failS: 24 * HOUR_S, tolerance: 0.05 },
    source: `${WMO}, widened [rule]`,
  },
  wind_ms: { spike: { suspect: 10, fail: 20 }, source: WMO },
  noise_dba: {
    // Street noise by the minute: a horn beside the microphone adds 20 dB, and no street is the same to 0.05 dB for an hour.
    spike: { suspect: 20, fail: 40 },
    flat: { suspectS: HOUR_S, failS: 4 * HOUR_S, tolerance: 0.05 },
    source: 'ours [rule]',
  },
  water_level_cm: {
    // Gates of Jakarta's rivers move 40 to 100 cm in an hour. A canal may stand still in dry weather, at Manggarai for 19 days, and its
    // level must not vanish for that before it is of no use.
    spike: { suspect: 50, fail: 150 },
    flat: { suspectS: 4 * HOUR_S, failS: 72 * HOUR_S, tolerance: 0.05 },
    source: 'ours [rule], by the hourly levels of Manggarai and Istiqlal in 2024',
  },
  o3: { spike: { suspect: 100, fail: 300 }, source: `ours [rule]: ${BEIJING}` },
  no2: { spike: { suspect: 100, fail: 300 }, source: `ours [rule]: ${BEIJING}` },
  so2: { spike: { suspect: 50, fail: 150 }, source: `ours [rule]: ${BEIJING}` },
  co: { spike: { suspect: 3_000, fail: 10_000 }, source: `ours [rule]: ${BEIJING}` },
} as const satisfies Record<string, QualityLimits>

/** Metrics that are tested. */
export const TESTED_METRICS = Object.keys(QUALITY_LIMITS) as readonly (keyof typeof QUALITY_LIMITS)[]

/** Null for a metric that only its plausible range is known of. */
export function qualityLimitsOf(metric: string): QualityLimits | null {
  const limits: Readonly<Record<string, QualityLimits>> = QUALITY_LIMITS
  return Object.hasOwn(limits, metric) ? (limits[metric] ?? null) : null
}
