// The rules that set quality flags, each with the version that stands beside every flag that it set: a row says by which rule it came
// to be, and a new version derives anew beside the old rows (domain A7).

import type { Flag } from '../../contract/observation.ts'

export interface QualityRule {
  readonly flag: Flag
  /** Raised with every change that may set another flag on the same readings. */
  readonly version: string
  readonly source: string
}

const QARTOD = 'QARTOD manuals as in ioos_qc qartod.py'

/**
 * What version 2 changed: `spike` and `stuck` judge humidity, noise, water, gases, wind and pressure too; `neighbour` allows PM10 the
 * spread of coarse dust.
 */
export const QUALITY_RULES = {
  range: {
    flag: 'range',
    version: '1',
    source: `${QARTOD}, gross range test; plausible ranges of the metric`,
  },
  spike: { flag: 'spike', version: '2', source: `${QARTOD}, spike test` },
  rate: { flag: 'rate', version: '1', source: `${QARTOD}, rate of change test` },
  stuck: { flag: 'stuck', version: '2', source: `${QARTOD}, flat line test` },
  neighbour: { flag: 'neighbour', version: '2', source: 'metno/titanlib, buddy check' },
} as const satisfies Record<string, QualityRule>

export type QualityRuleName = keyof typeof QUALITY_RULES
export const QUALITY_RULE_NAMES = Object.keys(QUALITY_RULES) as readonly QualityRuleName[]

/** The rule that a person is. */
export const BY_HAND = 'hand'
