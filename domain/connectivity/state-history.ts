// What a device was in through time, as spans, and what follows from them: maintenance laid over (domain B1, it wins over all), changes of
// state, outages as those on duty see them (B4). Maintenance is laid over when it is looked at and never stored as a state: a window may be
// announced after the fact and taken back, and what the device was in meanwhile stays on record below it.

import type { StateSpan } from '../../contract/feed.ts'
import type { TimeMs } from '../../contract/time.ts'
import type { Span, StateChange } from './availability.ts'
import { MERGE_GAP_MS, mergeOutages } from './outage.ts'

/** Overlapping and touching windows as one, oldest first; those without length, and those that begin at `until` or later, left out. */
export function joinWindows(windows: readonly Span[], until: TimeMs): readonly Span[] {
  const joined: Span[] = []
  const begun = windows.filter(([from, to]) => from < to && from < until)
  for (const [from, to] of begun.toSorted((a, b) => a[0] - b[0])) {
    const last = joined.at(-1)
    if (last !== undefined && from <= last[1]) joined[joined.length - 1] = [last[0], Math.max(last[1], to)]
    else joined.push([from, to])
  }
  return joined
}

/**
 * Spans of one device with maintenance in place of what it was in during `windows`, oldest first. `spans` oldest first and without
 * overlaps. A window that is on at `until` (now) has no end yet, and none that is still to come counts.
 */
export function layMaintenance(
  device: string,
  spans: readonly StateSpan[],
  windows: readonly Span[],
  until: TimeMs,
): readonly StateSpan[] {
  const joined = joinWindows(windows, until)
  if (joined.length === 0) return spans
  const worked = joined.map(([from, to]): StateSpan => {
    const end = to > until ? {} : { to }
    return { device, from, ...end, state: 'maintenance', cause: null }
  })
  const rest = spans.flatMap((span) => outside(span, joined, until))
  return [...rest, ...worked].sort((a, b) => a.from - b.from)
}

/** What of the span lies in no window. */
function outside(span: StateSpan, windows: readonly Span[], until: TimeMs): readonly StateSpan[] {
  const pieces: StateSpan[] = []
  const end = span.to ?? Number.POSITIVE_INFINITY
  let from = span.from
  for (const [begin, windowEnd] of windows) {
    if (windowEnd <= from || begin >= end) continue
    if (begin > from) pieces.push({ ...span, from, to: begin })
    from = Math.max(from, windowEnd > until ? Number.POSITIVE_INFINITY : windowEnd)
  }
  if (from < end) pieces.push({ ...span, from })
  return pieces
}

/** The changes that spans of one device make: where no span is, nothing is known. `now` ends the one that lasts: what comes is unknown. */
export function changesOf(spans: readonly StateSpan[], now: TimeMs): readonly StateChange[] {
  return spans.flatMap(({ from, to = now, state }, index): StateChange[] => {
    const isFollowed = spans[index + 1]?.from === to
    return from >= to || isFollowed
      ? [{ time: from, state }]
      : [
          { time: from, state },
          { time: to, state: 'unknown' },
        ]
  })
}

export interface Outage {
  readonly from: TimeMs
  /** Absent while it lasts. */
  readonly to?: TimeMs
  readonly cause: StateSpan['cause']
}

/**
 * Outages of one device, oldest first: begun by down and ended by up or degraded alone, and those joined whose time between is shorter
 * than a minute. The cause is that of the first. `spans` oldest first, with maintenance laid over.
 */
export function outagesOf(spans: readonly StateSpan[]): readonly Outage[] {
  const causes = new Map<TimeMs, StateSpan['cause']>()
  const single: Span[] = []
  let begun: TimeMs | null = null
  for (const { from, state, cause } of spans) {
    if (state === 'down' && begun === null) {
      begun = from
      causes.set(from, cause)
    }
    if ((state === 'up' || state === 'degraded') && begun !== null) {
      single.push([begun, from])
      begun = null
    }
  }
  if (begun !== null) single.push([begun, Number.POSITIVE_INFINITY])
  return mergeOutages(single, MERGE_GAP_MS).map(([from, to]) => ({
    from,
    ...(to === Number.POSITIVE_INFINITY ? {} : { to }),
    cause: causes.get(from) ?? null,
  }))
}
