// Between when and when a vehicle comes: a range that holds four of five arrivals (reference/product R3). It opens with the seconds
// ahead: links err each by itself, so their errors add as squares, and the whole way errs a little in common, as the traffic changes.
// Whether it does hold four of five is measured as vehicles come, and its width follows. [rule]

import { USUAL_SPREAD } from './travel-times.ts'

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
const COMMON_SHARE = 0.1

export interface RangeRule {
  /** By how much predictions err: seconds squared for each second ahead. */
  readonly spreadS2: number
  /** What the width is multiplied with, by the seconds ahead. */
  readonly scaleOf: (aheadS: number) => number
}

export const RANGE_RULE: RangeRule = { spreadS2: USUAL_SPREAD, scaleOf: () => 1 }

/** The range of an arrival predicted for `arrivalS` from a fix of `fixS`, looked at at `nowS`. */
export function arrivalRange(
  arrivalS: number,
  fixS: number,
  nowS: number,
  { spreadS2, scaleOf }: RangeRule = RANGE_RULE,
): ArrivalRange {
  const aheadS = Math.max(0, arrivalS - fixS)
  const deviationS = Math.sqrt(PLACE_SD_S ** 2 + spreadS2 * aheadS + (COMMON_SHARE * aheadS) ** 2)
  const halfS = FOUR_FIFTHS * scaleOf(aheadS) * deviationS
  const least = Math.ceil(nowS)
  return {
    lowS: Math.max(least, Math.floor(arrivalS - halfS)),
    highS: Math.max(least, Math.ceil(arrivalS + halfS)),
  }
}

/** Seconds ahead up to which a class of predictions reaches: near ones and far ones err in different ways. */
export const AHEAD_CLASSES_S = [300, 600, 1_200, 3_600] as const

/** What the width is led by: four of five, and some to spare, since the next hour is not the last one. */
const HELD_SHARE = 0.83
/** How much an arrival moves the width: one outside opens it by 4 %, one inside closes it by less than 1 %. */
const STEP = 0.05
const LEAST_SCALE = 0.5
const MOST_SCALE = 4

/** Scales of the classes, and how many arrivals each was led by. */
class ClassScales {
  readonly #scales: number[] = AHEAD_CLASSES_S.map(() => 1)
  readonly #held: number[] = AHEAD_CLASSES_S.map(() => 0)

  scale(index: number): number {
    return this.#scales[index] ?? 1
  }

  held(index: number): number {
    return this.#held[index] ?? 0
  }

  learn(index: number, isInside: boolean): void {
    this.#held[index] = this.held(index) + 1
    const step = STEP * (isInside ? HELD_SHARE - 1 : HELD_SHARE)
    this.#scales[index] = bounded(this.scale(index) * Math.exp(step))
  }
}

/**
 * Widths of ranges, led so that four arrivals of five lie within, of all routes and of each. Source: adaptive conformal inference (Gibbs and
 * Candès 2021), one step an arrival; that of all is there at once, and a route, whose stops may lie far apart, differs from it by its own.
 */
export class RangeScales {
  readonly #all = new ClassScales()
  readonly #routes = new Map<string, ClassScales>()

  scaleOf(route: string, aheadS: number): number {
    const index = aheadClass(aheadS)
    return bounded(this.#all.scale(index) * (this.#routes.get(route)?.scale(index) ?? 1))
  }

  /** How many arrivals of a class have led the width. */
  heldIn(index: number): number {
    return this.#all.held(index)
  }

  /** Takes in whether an arrival of a route lay in the range that was told for it `aheadS` seconds before. */
  learn(route: string, aheadS: number, isInside: boolean): void {
    const own = this.#routes.get(route) ?? new ClassScales()
    this.#routes.set(route, own)
    for (const scales of [this.#all, own]) scales.learn(aheadClass(aheadS), isInside)
  }
}

function bounded(scale: number): number {
  return Math.min(MOST_SCALE, Math.max(LEAST_SCALE, scale))
}

/** Successive parts of a class are spread evenly over it. */
const GOLDEN = 0.618_033_988_75
/** Below this what comes is told right by everyone. */
const LEAST_TOLD_S = 60

/** Seconds ahead within a class at which the `count`-th arrival is told to be held against what comes: all of the class in turn. */
export function toldAheadS(index: number, count: number): number {
  const from = AHEAD_CLASSES_S[index - 1] ?? LEAST_TOLD_S
  const to = AHEAD_CLASSES_S[index] ?? from
  return from + ((count * GOLDEN) % 1) * (to - from)
}

/** Index among the classes. */
export function aheadClass(aheadS: number): number {
  const index = AHEAD_CLASSES_S.findIndex((most) => aheadS <= most)
  return index === -1 ? AHEAD_CLASSES_S.length - 1 : index
}
