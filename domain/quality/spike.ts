// Spike test: a value far from the middle of its neighbours in time (domain A7; QARTOD test 6). A big spike makes its neighbours
// suspect too.

import { gradeBy, MISSING, type QualityFlag, UNKNOWN, type Values } from './flags.ts'

/** A flag a value; `suspect` and `fail` in the values' unit. The first, the last and those with a missing neighbour are UNKNOWN. */
export function spikeFlags(values: Values, suspect: number, fail: number): QualityFlag[] {
  return values.map((value, index) => {
    if (value === null) return MISSING
    const before = values[index - 1] ?? null
    const after = values[index + 1] ?? null
    if (before === null || after === null) return UNKNOWN
    return gradeBy(Math.abs(value - (before + after) / 2), suspect, fail)
  })
}
