// Means that are valid only when enough of their parts are (domain A8; Directive 2008/50/EC annex VII; 40 CFR 50 appendix I). An hour is
// labelled by its start, a trailing window of 8 or 24 hours by its end.

/** Share of the parts that must be there: 45 of 60 minutes, 6 of 8 hours, 18 of 24, 75 % of a year's days. */
export const NEEDED_SHARE = 0.75

const EIGHT_HOURS = 8

export interface WindowMean {
  /** In the unit of the parts; null when too few of them are there. */
  readonly value: number | null
  /** Share 0 to 1 of the parts that are there; 0 of none. */
  readonly completeness: number
  readonly reason?: 'incomplete'
}

/** Mean of the parts that are there (null = absent), divided by their number; null when less than the share `need` of all is there. */
export function windowMean(parts: readonly (number | null)[], need: number = NEEDED_SHARE): WindowMean {
  let [sum, present] = [0, 0]
  for (const part of parts) {
    if (part === null) continue
    sum += part
    present += 1
  }
  const completeness = parts.length === 0 ? 0 : present / parts.length
  if (present === 0 || !suffices(present, parts.length, need))
    return { value: null, completeness, reason: 'incomplete' }
  return { value: sum / present, completeness }
}

/** Whether `present` of `all` parts reach the share; 18 of 24 do reach 0.75, whatever binary fractions say. */
function suffices(present: number, all: number, need: number): boolean {
  return present >= need * all - 1e-9
}

/**
 * Daily maximum of the trailing 8 h means that end in the day: `hours` are the 7 hours before it and its own, 31 on a day of 24. Null
 * when fewer than 18 of the 24 means are valid.
 */
export function dailyMax8h(hours: readonly (number | null)[]): number | null {
  const ends = Math.max(0, hours.length - (EIGHT_HOURS - 1))
  const means = Array.from(
    { length: ends },
    (_, end) => windowMean(hours.slice(end, end + EIGHT_HOURS)).value,
  )
  const valid = means.filter((mean) => mean !== null)
  if (valid.length === 0 || !suffices(valid.length, ends, NEEDED_SHARE)) return null
  return Math.max(...valid)
}
