// What counts as on time, and how old a position may be (domain C10, D-9). Delays exist only for trips with a timetable, and
// count at timepoints alone. Source: GTFS-realtime best practices (90 s); gtfs-realtime-validator W008, E050.

import { MINUTE, SECOND, type TimeMs } from '../../contract/time.ts'

export interface OnTimeWindow {
  /** Most seconds early that are on time. */
  readonly earlyS: number
  /** Most seconds late that are on time. */
  readonly lateS: number
}

/** Operators differ between 3 and 5 minutes late, and some allow no early bus (domain D-9). */
export const ON_TIME: OnTimeWindow = { earlyS: 60, lateS: 300 }

export interface Punctuality {
  readonly early: number
  readonly onTime: number
  readonly late: number
  /** On time of all, 0 to 1; null without any. */
  readonly share: number | null
}

/** Counts of delays in seconds, late positive; both ends of the window are on time. */
export function punctuality(
  delaysS: readonly number[],
  { earlyS, lateS }: OnTimeWindow = ON_TIME,
): Punctuality {
  const early = delaysS.filter((delay) => delay < -earlyS).length
  const late = delaysS.filter((delay) => delay > lateS).length
  const onTime = delaysS.length - early - late
  return { early, onTime, late, share: delaysS.length === 0 ? null : onTime / delaysS.length }
}

/** A position of this age is the oldest that still says where a vehicle is. */
export const STALE_MS = 90 * SECOND
/** Further ahead of the clock a time is wrong (E050). */
export const FUTURE_MS = MINUTE
/** After this long without a position a vehicle is taken off the map. [rule] */
export const GONE_MS = 10 * MINUTE
/** A realtime feed whose header is older is late (W008). */
export const FEED_STALE_MS = 65 * SECOND

/** Whether a position is older than 90 s by its own time; exactly 90 s is not. */
export function isStale(positionTime: TimeMs, now: TimeMs): boolean {
  return now - positionTime > STALE_MS
}

/** Whether a time lies more than 60 s ahead, which is a wrong clock. */
export function isFuture(positionTime: TimeMs, now: TimeMs): boolean {
  return positionTime - now > FUTURE_MS
}

/** Whether a vehicle was heard last so long ago that it is not shown any more. */
export function isGone(positionTime: TimeMs, now: TimeMs): boolean {
  return now - positionTime > GONE_MS
}

/** Whether a realtime feed's header is older than 65 s. */
export function isFeedStale(headerTime: TimeMs, now: TimeMs): boolean {
  return now - headerTime > FEED_STALE_MS
}
