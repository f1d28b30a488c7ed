// Flat line test: a sensor that says the same for too long is stuck (domain A7; QARTOD test 8, ioos_qc `flat_line_test`).

import { percentile } from '../connectivity/percentile.ts'
import { FAIL, GOOD, MISSING, type QualityFlag, SUSPECT, type Values } from './flags.ts'

/** Fewer values say nothing. */
const LEAST_VALUES = 3

export interface FlatLimits {
  readonly suspectS: number
  readonly failS: number
  /** Values within less than this of each other are the same, in their unit; above 0. */
  readonly tolerance: number
}

/**
 * A flag a value; `timesS` rising, one a value. With the median step a limit is k = floor(limit / step) steps, and a value is flat when
 * it and the k before it lie within the tolerance; missing ones among them are skipped. Before k steps there is no judgement: GOOD.
 */
export function flatLineFlags(
  values: Values,
  timesS: readonly number[],
  { suspectS, failS, tolerance }: FlatLimits,
): QualityFlag[] {
  const steps = timesS.slice(1).map((time, index) => time - (timesS[index] ?? time))
  const stepS = percentile(steps, 0.5)
  const isFlat = (end: number, limitS: number): boolean => {
    if (values.length < LEAST_VALUES || stepS === null || stepS <= 0) return false
    const count = Math.floor(limitS / stepS)
    if (count < 1 || end < count) return false
    const window = values.slice(end - count, end + 1).filter((value) => value !== null)
    // One value alone is no line.
    return window.length > 1 && Math.max(...window) - Math.min(...window) < tolerance
  }
  return values.map((value, index) => {
    if (value === null) return MISSING
    if (isFlat(index, failS)) return FAIL
    return isFlat(index, suspectS) ? SUSPECT : GOOD
  })
}
