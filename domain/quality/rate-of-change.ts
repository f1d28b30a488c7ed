// Rate of change test: faster than air, water or the sensor can change (domain A7; QARTOD test 7).

import { GOOD, gradeBy, MISSING, type QualityFlag, UNKNOWN, type Values } from './flags.ts'

/**
 * A flag a value; `timesS` rising, one a value; `suspect` and `fail` in units a second, null when there is none. The first value passes;
 * after a missing one, or without time between, the rate is not known. [rule]
 */
export function rateFlags(
  values: Values,
  timesS: readonly number[],
  suspect: number | null,
  fail: number | null,
): QualityFlag[] {
  return values.map((value, index) => {
    if (value === null) return MISSING
    if (index === 0) return GOOD
    const before = values[index - 1] ?? null
    const seconds = (timesS[index] ?? Number.NaN) - (timesS[index - 1] ?? Number.NaN)
    if (before === null || !(seconds > 0)) return UNKNOWN
    return gradeBy(Math.abs(value - before) / seconds, suspect, fail)
  })
}
