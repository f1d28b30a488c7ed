// Neighbour test: a station that stands far from what those around it measure in the same hour (domain A7; metno/titanlib, buddy
// check). The station itself is none of its neighbours.

import { GOOD, MISSING, type QualityFlag, SUSPECT, UNKNOWN, type Values } from './flags.ts'

export interface NeighbourRule {
  /** In standard deviations. */
  readonly threshold: number
  /** The deviation is taken as at least this, in the values' unit: neighbours that agree are no reason to be strict. */
  readonly minStd: number
  readonly minNeighbours: number
}

/** Neighbours stand within this. [rule] */
export const NEIGHBOUR_RADIUS_M = 1_500

/** SUSPECT at more than `threshold` deviations (of the population) from the neighbours' mean; UNKNOWN with too few neighbours. */
export function neighbourFlag(value: number | null, neighbours: Values, rule: NeighbourRule): QualityFlag {
  if (value === null) return MISSING
  const present = neighbours.filter((neighbour) => neighbour !== null)
  if (present.length === 0 || present.length < rule.minNeighbours) return UNKNOWN
  const mean = present.reduce((sum, one) => sum + one, 0) / present.length
  const variance = present.reduce((sum, one) => sum + (one - mean) ** 2, 0) / present.length
  const deviation = Math.max(Math.sqrt(variance), rule.minStd)
  return Math.abs(value - mean) / deviation > rule.threshold ? SUSPECT : GOOD
}
