// Between when and when a vehicle comes: a range that holds four of five arrivals (reference/product R3). It opens with the seconds
// ahead: links err each by itself, so their errors add as squares, and the whole way errs a little in common. [rule]

import { USUAL_SPREAD } from './pace.ts'

export interface ArrivalRange {
  /** Whole seconds on the clock of the arrival, never before now. */
  readonly lowS: number
  readonly highS: number
}

/** Of a normal distribution four fifths lie within so many standard deviations. */
const FOUR_FIFTHS = 1.2816
/** A fix is some metres and seconds off, and a stop is as long as a bus. */
const PLACE_SD_S = 8
/** Of the whole way, for what all vehicles of an hour have in common. */
const COMMON_SHARE = 0.05

/**
 * The range of an arrival predicted for `arrivalS` from a fix of `fixS`, looked at at `nowS`. `spreadS2` is by how much predictions
 * err: seconds squared for each second ahead.
 */
export function arrivalRange(
  arrivalS: number,
  fixS: number,
  nowS: number,
  spreadS2: number = USUAL_SPREAD,
): ArrivalRange {
  const aheadS = Math.max(0, arrivalS - fixS)
  const deviationS = Math.sqrt(PLACE_SD_S ** 2 + spreadS2 * aheadS + (COMMON_SHARE * aheadS) ** 2)
  const halfS = FOUR_FIFTHS * deviationS
  const least = Math.ceil(nowS)
  return {
    lowS: Math.max(least, Math.floor(arrivalS - halfS)),
    highS: Math.max(least, Math.ceil(arrivalS + halfS)),
  }
}
