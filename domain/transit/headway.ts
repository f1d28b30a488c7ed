// How evenly the vehicles of a route come (domain C9): a rider waits by the square of the headways, so two buses together are
// worse than their mean says. Grades are those of TCQSM, 2nd edition, for headways of ten minutes or less.

export interface HeadwayStatistics {
  readonly meanS: number
  /** Population standard deviation over mean. */
  readonly cv: number
  /** What a rider waits who comes at any moment. */
  readonly expectedWaitS: number
  /** The same if all came as scheduled. */
  readonly scheduledWaitS: number
  readonly excessWaitS: number
  /** Headways below half the scheduled one. */
  readonly bunched: number
  /** Headways above one and a half times the scheduled one. */
  readonly gaps: number
  readonly grade: 'A' | 'B' | 'C' | 'D' | 'E' | 'F'
}

const GRADES = [
  ['A', 0.21],
  ['B', 0.3],
  ['C', 0.39],
  ['D', 0.52],
  ['E', 0.74],
] as const

/** Fewer say nothing of how even they are. */
const LEAST_DEPARTURES = 3

/**
 * Of the departures, in seconds and in any order, of one route and direction at one stop. Null with fewer than three, or when
 * all left at once.
 */
export function headwayStatistics(
  departuresS: readonly number[],
  scheduledHeadwayS: number,
): HeadwayStatistics | null {
  if (departuresS.length < LEAST_DEPARTURES) return null
  const sorted = departuresS.toSorted((a, b) => a - b)
  const headways = sorted.slice(1).map((second, index) => second - (sorted[index] ?? second))
  const sum = headways.reduce((total, headway) => total + headway, 0)
  if (sum === 0) return null
  const meanS = sum / headways.length
  const variance = headways.reduce((total, headway) => total + (headway - meanS) ** 2, 0) / headways.length
  const cv = Math.sqrt(variance) / meanS
  const expectedWaitS = headways.reduce((total, headway) => total + headway ** 2, 0) / (2 * sum)
  const scheduledWaitS = scheduledHeadwayS / 2
  return {
    meanS,
    cv,
    expectedWaitS,
    scheduledWaitS,
    excessWaitS: expectedWaitS - scheduledWaitS,
    bunched: headways.filter((headway) => headway < 0.5 * scheduledHeadwayS).length,
    gaps: headways.filter((headway) => headway > 1.5 * scheduledHeadwayS).length,
    grade: gradeOf(cv),
  }
}

/** By the coefficient of variation to two decimals, as the table is printed. */
function gradeOf(cv: number): HeadwayStatistics['grade'] {
  const printed = Math.floor(cv * 100 + 0.5) / 100
  return GRADES.find(([, most]) => printed <= most)?.[0] ?? 'F'
}
