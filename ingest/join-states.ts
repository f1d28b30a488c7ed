// Fits the states of an imported past to those that the store has: what was seen live stands, and the past fills what lies between.

import type { StateSpan } from '../contract/feed.ts'
import type { TimeMs } from '../contract/time.ts'
import type { StoredSpan } from './store/store.ts'

/** Up to when a past says anything of its device: after its last sign of life, and how long silence may still be patience. */
export interface Tail {
  readonly known: TimeMs
  readonly patient: TimeMs
}

/**
 * Spans of one device to be written beside `existing` ones, neither overlapping. Both rise in time; an open one lasts for ever. An open
 * end that meets nothing stays open; one that meets a later span reaches it only when no silence lies between.
 */
export function joinStates(
  past: readonly StoredSpan[],
  existing: readonly StateSpan[],
  tail: Tail,
): StoredSpan[] {
  return past.flatMap((span) => {
    const pieces: StoredSpan[] = []
    let from = span.from
    for (const taken of existing) {
      if (taken.from > from) pieces.push(cut(span, from, taken.from, tail))
      from = Math.max(from, taken.to ?? Number.POSITIVE_INFINITY)
      if (isOver(span, from)) return pieces
    }
    return [...pieces, { ...span, from }]
  })
}

function isOver({ to }: StoredSpan, from: TimeMs): boolean {
  return from >= (to ?? Number.POSITIVE_INFINITY)
}

function cut(span: StoredSpan, from: TimeMs, before: TimeMs, { known, patient }: Tail): StoredSpan {
  if (span.to !== undefined) return { ...span, from, to: Math.min(span.to, before) }
  return { ...span, from, to: before <= patient ? before : Math.max(from, Math.min(known, before)) }
}
