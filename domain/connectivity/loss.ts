// Loss, from counts or from the numbers that a device gives its messages in one boot (domain B6).

/** Percent lost; null when nothing was sent. */
export function lossPct(sent: number, received: number): number | null {
  return sent <= 0 ? null : 100 * (1 - received / sent)
}

export interface SequenceLoss {
  /** From the smallest number to the largest. */
  readonly expected: number
  /** Distinct numbers. */
  readonly received: number
  readonly lost: number
  readonly duplicates: number
  readonly loss_pct: number
}

/** Loss by the `seq` of one boot, as they came: a late one fills its gap, one that came twice is a duplicate. Null of none. */
export function lossOfSequence(seqs: readonly number[]): SequenceLoss | null {
  const distinct = new Set(seqs)
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const seq of distinct) [least, most] = [Math.min(least, seq), Math.max(most, seq)]
  if (distinct.size === 0) return null
  const expected = most - least + 1
  const lost = expected - distinct.size
  return {
    expected,
    received: distinct.size,
    lost,
    duplicates: seqs.length - distinct.size,
    loss_pct: (100 * lost) / expected,
  }
}
