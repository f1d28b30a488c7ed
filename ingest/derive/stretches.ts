// Which stretch of a sensor's time must be judged when readings of some hours changed, and in which pieces, so that no piece is more than
// memory should hold.

import { DAY, HOUR, type TimeMs } from '../../contract/time.ts'
import type { Influence } from '../../domain/quality/judge.ts'

export interface Stretch {
  readonly from: TimeMs
  readonly to: TimeMs
}

/** Longest piece, ms: a week of seconds is 600,000 readings. */
const LONGEST_MS = 4 * DAY

/**
 * Stretches in full hours of UTC, ascending and apart, that hold all readings whose flags may change when readings in the hours that
 * begin at `hours` (by any zone's clock) do. Nothing after `newest`, since there is nothing to judge.
 */
export function stretchesOf(
  hours: readonly TimeMs[],
  { beforeMs, afterMs }: Influence,
  newest: TimeMs,
): Stretch[] {
  const stretches: { from: TimeMs; to: TimeMs }[] = []
  for (const hour of [...hours].sort((a, b) => a - b)) {
    const from = floor(hour - beforeMs)
    const to = Math.min(ceil(hour + HOUR + afterMs), ceil(newest + 1))
    const last = stretches.at(-1)
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to)
    else if (from < to) stretches.push({ from, to })
  }
  return stretches.flatMap(pieces)
}

function pieces({ from, to }: Stretch): Stretch[] {
  const found: Stretch[] = []
  for (let at = from; at < to; at += LONGEST_MS) found.push({ from: at, to: Math.min(at + LONGEST_MS, to) })
  return found
}

const floor = (time: TimeMs): TimeMs => Math.floor(time / HOUR) * HOUR
const ceil = (time: TimeMs): TimeMs => Math.ceil(time / HOUR) * HOUR
