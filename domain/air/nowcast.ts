// NowCast: hourly values weighed by how much they change (EPA fact sheet P100X0J6; domain A2).

import { truncate } from '../rounding.ts'

const HOURS = 12
const LEAST_WEIGHT = 0.5

/** Decimals that the result is cut to. */
const DIGITS = { pm2_5: 1, pm10: 0 } as const

/**
 * NowCast of PM in ug/m3. `hours`: hourly means, the latest full hour first, null where absent; at most 12 are used. Null unless at
 * least two of the latest three are there.
 */
export function nowcastPm(pollutant: keyof typeof DIGITS, hours: readonly (number | null)[]): number | null {
  const used = hours.slice(0, HOURS)
  if (used.slice(0, 3).filter((hour) => hour !== null).length < 2) return null
  const present = used.filter((hour) => hour !== null)
  const most = Math.max(...present)
  const least = Math.min(...present)
  const weight = most === 0 ? 1 : Math.max(LEAST_WEIGHT, least / most)
  let sum = 0
  let weights = 0
  used.forEach((hour, index) => {
    if (hour === null) return
    sum += weight ** index * hour
    weights += weight ** index
  })
  return truncate(sum / weights, DIGITS[pollutant])
}

/**
 * NowCast of O3 in ppb by EPA's surrogate, 0.85 x + 4.5 of the latest of three hours, since the regression it falls back from needs two
 * weeks of hours (USEPA/O3-Nowcast). Null when the latest three hours are absent. Cut to 1 ppb [rule].
 */
export function nowcastO3Surrogate(hoursPpb: readonly (number | null)[]): number | null {
  const latest = hoursPpb.slice(0, 3).find((hour) => hour !== null)
  return latest === undefined || latest === null ? null : truncate(0.85 * latest + 4.5, 0)
}
