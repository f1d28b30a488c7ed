// Which segment loses every second reading when the queue is full, so that an outage stays covered from its beginning, coarser
// the longer ago, and the newest stay whole.

interface Thinnable {
  readonly bytes: number
  /** How often it was thinned. */
  readonly level: number
}

/**
 * The segments beyond the newest that fill half of the bound, at least one, in the order to thin them: the least thinned first,
 * and of those the oldest. `segments` are from the oldest to the newest.
 */
export function thinningOrder<T extends Thinnable>(segments: readonly T[], maxBytes: number): T[] {
  return olderThanHalf(segments, maxBytes).toSorted((one, other) => one.level - other.level)
}

function olderThanHalf<T extends Thinnable>(segments: readonly T[], maxBytes: number): readonly T[] {
  let newest = 0
  for (let index = segments.length - 1; index > 0; index -= 1) {
    newest += segments[index]?.bytes ?? 0
    if (newest > maxBytes / 2) return segments.slice(0, index)
  }
  return segments.slice(0, 1)
}
