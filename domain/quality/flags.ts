// Quality flags of the QARTOD manuals, and how those of several tests become one (domain A7; ioos/ioos_qc `ioos_qc/qartod.py`).

export const GOOD = 1
/** Not evaluated. */
export const UNKNOWN = 2
/** Kept in means and counted. */
export const SUSPECT = 3
/** Left out of every mean, index and colour, as MISSING is. */
export const FAIL = 4
export const MISSING = 9

export const QUALITY_FLAGS = [GOOD, UNKNOWN, SUSPECT, FAIL, MISSING] as const
export type QualityFlag = (typeof QUALITY_FLAGS)[number]

/** A missing value stands as null. */
export type Values = readonly (number | null)[]

/** What counts first when tests disagree. */
const PRECEDENCE = [FAIL, SUSPECT, GOOD, UNKNOWN, MISSING] as const

/** One flag of several tests on one value: the first present of 4, 3, 1, 2, 9. Null of none. */
export function combineFlags(flags: readonly QualityFlag[]): QualityFlag | null {
  return PRECEDENCE.find((flag) => flags.includes(flag)) ?? null
}

/** A greater share of suspect samples makes the hour suspect. [rule] */
const SUSPECT_SHARE = 0.25

/** The flag of an hour from those of its samples: FAIL and MISSING are not in it. [rule] */
export function hourFlag(samples: readonly QualityFlag[]): QualityFlag {
  const used = samples.filter((flag) => flag !== FAIL && flag !== MISSING)
  if (used.length === 0) return MISSING
  const suspect = used.filter((flag) => flag === SUSPECT).length
  return suspect > SUSPECT_SHARE * used.length ? SUSPECT : GOOD
}

/** SUSPECT or FAIL by how far a measure goes; a limit that is null is not looked at. At a limit the value still passes. */
export function gradeBy(measure: number, suspect: number | null, fail: number | null): QualityFlag {
  if (fail !== null && measure > fail) return FAIL
  return suspect !== null && measure > suspect ? SUSPECT : GOOD
}
