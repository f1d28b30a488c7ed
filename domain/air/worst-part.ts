// A station's index is that of its worst pollutant (domain A1, A3, A4); equal parts go to the first in the index's own order.

export interface IndexPart<Pollutant extends string> {
  readonly pollutant: Pollutant
  /** Null when the data do not suffice for this pollutant. */
  readonly value: number | null
}

/** The part with the highest value, ties by `order`; null when no part has a value. */
export function worstPart<Pollutant extends string>(
  parts: readonly IndexPart<Pollutant>[],
  order: readonly Pollutant[],
): { readonly pollutant: Pollutant; readonly value: number } | null {
  let worst: { readonly pollutant: Pollutant; readonly value: number } | null = null
  for (const { pollutant, value } of parts) {
    if (value === null) continue
    const isWorse =
      worst === null ||
      value > worst.value ||
      (value === worst.value && order.indexOf(pollutant) < order.indexOf(worst.pollutant))
    if (isWorse) worst = { pollutant, value }
  }
  return worst
}
