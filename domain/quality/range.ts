// Gross range test: what a sensor cannot measure, and what the place does not have (domain A7; QARTOD test 4).

import { FAIL, GOOD, MISSING, type QualityFlag, SUSPECT, type Values } from './flags.ts'

/** Bounds are inside. */
export type RangeSpan = readonly [least: number, most: number]

/** A flag a value. `fail`: the metric's plausible range (contract, section 3); `suspect`: null when there is none. */
export function rangeFlags(values: Values, fail: RangeSpan, suspect: RangeSpan | null): QualityFlag[] {
  return values.map((value) => {
    if (value === null) return MISSING
    if (isOutside(value, fail)) return FAIL
    return suspect !== null && isOutside(value, suspect) ? SUSPECT : GOOD
  })
}

function isOutside(value: number, [least, most]: RangeSpan): boolean {
  return value < least || value > most
}
