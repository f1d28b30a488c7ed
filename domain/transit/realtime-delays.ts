// What the stop time updates of a GTFS-realtime trip say of each stop of the trip (domain C8; google/transit
// `gtfs-realtime/spec/en/trip-updates.md`). A stop of which nothing is said is unknown, never on time.

export interface StopTimeUpdate {
  readonly stopSequence: number
  /** Seconds, late positive; null when the update has none. */
  readonly delayS: number | null
  readonly relationship: 'SCHEDULED' | 'SKIPPED' | 'NO_DATA'
}

/**
 * Delay of each stop of the trip, in the order of `stopSequences`, which rise: seconds, null where it is unknown, `SKIPPED`. A delay goes
 * on to later stops until the next update; one without a delay, or with NO_DATA, ends it, a skipped stop does not.
 */
export function delaysOfStops(
  stopSequences: readonly number[],
  updates: readonly StopTimeUpdate[],
): readonly (number | 'SKIPPED' | null)[] {
  const bySequence = new Map(updates.map((update) => [update.stopSequence, update]))
  let delayS: number | null = null
  return stopSequences.map((sequence) => {
    const update = bySequence.get(sequence)
    if (update?.relationship === 'SKIPPED') return 'SKIPPED'
    if (update !== undefined) delayS = update.relationship === 'NO_DATA' ? null : update.delayS
    return delayS
  })
}
