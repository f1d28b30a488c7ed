// The tests of one metric of one sensor on readings as they are stored. Each reading is judged by those near it alone (the interval
// between them, the next one, the time that a flat line may last), so that judging an hour again after a late reading, or all of a
// past at once, in any order, gives the same flags (domain A7).

import { HOUR, type TimeMs } from '../../contract/time.ts'
import { FAIL, GOOD, gradeBy, type QualityFlag, SUSPECT } from './flags.ts'
import type { FlatLimits } from './flat-line.ts'
import { flatRunStarts } from './flat-runs.ts'
import type { QualityTests } from './limits.ts'
import type { RangeSpan } from './range.ts'
import type { QualityRuleName } from './rules.ts'

/** What a test found. FAIL is left out of means, SUSPECT is kept in them. */
export type Doubt = typeof SUSPECT | typeof FAIL

/** Readings in a row that one test finds equally doubtful, cut at full hours of UTC; `to` is 1 ms behind the last. */
export interface Verdict {
  readonly rule: QualityRuleName
  readonly quality: Doubt
  readonly from: TimeMs
  readonly to: TimeMs
}

/** Ascending in time, without those outside their plausible range, which count as missing. */
export interface Readings {
  readonly times: ArrayLike<TimeMs>
  readonly values: ArrayLike<number>
}

/** A neighbour in time that is further away than this many intervals is missing. [rule] */
const NEAR_STEPS = 1.5
/** A flat line may begin this many intervals before its limit, where one is missing. [rule] */
const EDGE_STEPS = 2
/** Of the readings that should be in a flat line this share must be there, and three. [rule] */
const FLAT_SHARE = 0.5
const LEAST_FLAT = 3

/** How far readings act on the flags of others, ms. */
export interface Influence {
  /** A reading acts on those up to so long before it. */
  readonly beforeMs: number
  readonly afterMs: number
}

/** Intervals above an hour are not judged, which bounds what must be looked at. */
export function influenceOf({ flat }: QualityTests): Influence {
  const lastsMs = flat === undefined ? 0 : Math.max(flat.suspectS, flat.failS) * 1_000
  return { beforeMs: 2 * HOUR, afterMs: lastsMs + (EDGE_STEPS + 1) * HOUR }
}

/**
 * Verdicts on the readings in [from, to), both full hours of UTC, ordered by test and time. The readings must hold all from `from - afterMs` to `to + beforeMs` of
 * `influenceOf`; more of them changes nothing. A reading that passes, or cannot be judged, has no verdict.
 */
export function judge(
  { times, values }: Readings,
  limits: QualityTests,
  from: TimeMs,
  to: TimeMs,
): Verdict[] {
  const { spike, rate, flat } = limits
  const starts = flat === undefined ? null : flatRunStarts(values, flat.tolerance)
  const found = { spike: new Runs('spike'), rate: new Runs('rate'), stuck: new Runs('stuck') }
  const steps = new Steps(times)
  for (let i = lowerBound(times, from); i < times.length; i += 1) {
    const time = times[i] ?? 0
    if (time >= to) break
    const stepMs = steps.around(time)
    if (stepMs === null) continue
    const nearMs = Math.min(NEAR_STEPS * stepMs, HOUR)
    const value = values[i] ?? Number.NaN
    const before = nearValue(times, values, i, i - 1, nearMs)
    const after = nearValue(times, values, i, i + 1, nearMs)
    if (spike !== undefined && before !== null && after !== null)
      found.spike.add(i, time, gradeBy(Math.abs(value - (before + after) / 2), spike.suspect, spike.fail))
    if (rate !== undefined && before !== null) {
      const seconds = (time - (times[i - 1] ?? 0)) / 1_000
      found.rate.add(i, time, gradeBy(Math.abs(value - before) / seconds, rate.suspect, rate.fail))
    }
    if (flat === undefined || starts === null || stepMs > HOUR) continue
    found.stuck.add(i, time, flatFlag({ times, starts, index: i, stepMs }, flat))
  }
  return [...found.spike.verdicts, ...found.rate.verdicts, ...found.stuck.verdicts]
}

/** Verdicts on the readings in [from, to) that lie outside `[least, most]`, bounds inside: the sensor cannot have measured that. */
export function judgeRange(
  { times, values }: Readings,
  [least, most]: RangeSpan,
  from: TimeMs,
  to: TimeMs,
): Verdict[] {
  const found = new Runs('range')
  for (let i = lowerBound(times, from); i < times.length; i += 1) {
    const time = times[i] ?? 0
    if (time >= to) break
    const value = values[i] ?? 0
    found.add(i, time, value < least || value > most ? FAIL : GOOD)
  }
  return [...found.verdicts]
}

interface FlatPlace {
  readonly times: ArrayLike<TimeMs>
  readonly starts: Int32Array
  readonly index: number
  readonly stepMs: number
}

function flatFlag(place: FlatPlace, { suspectS, failS }: FlatLimits): QualityFlag {
  if (isFlat(place, failS)) return FAIL
  return isFlat(place, suspectS) ? SUSPECT : GOOD
}

/** Whether the reading and those of the k intervals before it, k = floor(limit / interval), are one flat run. */
function isFlat({ times, starts, index, stepMs }: FlatPlace, limitS: number): boolean {
  const steps = Math.floor((limitS * 1_000) / stepMs)
  const time = times[index] ?? 0
  const latest = time - (steps - 0.5) * stepMs
  const start = starts[index] ?? index
  // Nearly every reading ends here.
  if (steps < 1 || (times[start] ?? time) > latest) return false
  const first = lowerBound(times, latest + 1) - 1
  if (first < start || (times[first] ?? 0) < time - (steps + EDGE_STEPS) * stepMs) return false
  return index - first + 1 >= Math.max(LEAST_FLAT, FLAT_SHARE * (steps + 1))
}

function nearValue(
  times: ArrayLike<TimeMs>,
  values: ArrayLike<number>,
  index: number,
  other: number,
  nearMs: number,
): number | null {
  const time = times[other]
  if (time === undefined || Math.abs((times[index] ?? 0) - time) > nearMs) return null
  return values[other] ?? null
}

/** The interval of the readings about a time: the median of those within the hour of UTC and the one before. */
class Steps {
  readonly #times: ArrayLike<TimeMs>
  #hour = Number.NaN
  #stepMs: number | null = null

  constructor(times: ArrayLike<TimeMs>) {
    this.#times = times
  }

  /** ms; null when there are not two readings. */
  around(time: TimeMs): number | null {
    const hour = hourOf(time)
    if (hour === this.#hour) return this.#stepMs
    const steps: number[] = []
    for (let i = lowerBound(this.#times, hour - HOUR) + 1; ; i += 1) {
      const here = this.#times[i]
      if (here === undefined || here >= hour + HOUR) break
      steps.push(here - (this.#times[i - 1] ?? here))
    }
    this.#hour = hour
    this.#stepMs = medianOf(steps)
    return this.#stepMs
  }
}

/** As `percentile(values, 0.5)`, faster: this is asked for every hour of every sensor. */
function medianOf(values: readonly number[]): number | null {
  const sorted = Float64Array.from(values).sort()
  const middle = sorted.length / 2
  const above = sorted[Math.floor(middle)]
  if (above === undefined) return null
  return sorted.length % 2 === 1 ? above : (above + (sorted[middle - 1] ?? above)) / 2
}

/** Joins readings in a row that have the same flag. */
class Runs {
  readonly verdicts: Verdict[] = []
  readonly #rule: QualityRuleName
  #last = -2

  constructor(rule: QualityRuleName) {
    this.#rule = rule
  }

  add(index: number, time: TimeMs, flag: QualityFlag): void {
    if (flag !== SUSPECT && flag !== FAIL) return
    const open = this.verdicts.at(-1)
    const goesOn = this.#last === index - 1 && open?.quality === flag && hourOf(open.from) === hourOf(time)
    this.#last = index
    if (goesOn && open !== undefined) this.verdicts[this.verdicts.length - 1] = { ...open, to: time + 1 }
    else this.verdicts.push({ rule: this.#rule, quality: flag, from: time, to: time + 1 })
  }
}

const hourOf = (time: TimeMs): TimeMs => Math.floor(time / HOUR) * HOUR

/** Index of the first time that is not before `time`. */
function lowerBound(times: ArrayLike<TimeMs>, time: TimeMs): number {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((times[middle] ?? 0) < time) low = middle + 1
    else high = middle
  }
  return low
}
