// Which flag is shown of a reading: one rule for the store's answers and for live state.

import type { QualityFlag } from '../contract/feed.ts'
import { isOutOfRange } from '../contract/metrics.ts'
import type { Flag } from '../contract/observation.ts'
import type { TimeMs } from '../contract/time.ts'
import type { Kind } from '../contract/topics.ts'

/** The rule of flags on arrivals by a clock that was set (`clock-doubts.ts`). They are of readings whose time is their arrival, no others. */
export const CLOCK_STEP = 'clock_step'

export interface ShownReading {
  readonly time: TimeMs
  readonly value: number
  readonly timeIsArrival: boolean
}

type FlagsOfMetric = readonly Pick<QualityFlag, 'from' | 'to' | 'flag' | 'quality' | 'rule'>[]

/**
 * `range`, a bad one, `clock_step` or `arrival_time` where the reading has no time of its own, a suspect one; null when none stands.
 * `flags`: of its metric, the worst first.
 */
export function flagShown(
  kind: Kind,
  metric: string,
  { time, value, timeIsArrival }: ShownReading,
  flags: FlagsOfMetric,
): Flag | null {
  if (isOutOfRange(kind, metric, value)) return 'range'
  const here = flags.length === 0 ? flags : flags.filter(({ from, to }) => from <= time && time < to)
  const worst = here.find(({ rule }) => rule !== CLOCK_STEP)
  if (worst?.quality === 4) return worst.flag
  if (!timeIsArrival) return worst?.flag ?? null
  return here.some(({ rule }) => rule === CLOCK_STEP) ? 'clock_step' : 'arrival_time'
}
