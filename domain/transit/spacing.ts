// How far apart in time the vehicles of a trip are now (domain C9): a vehicle that follows within half the headway is bunched with the
// one ahead, one that comes after more than one and a half leaves a gap.

import { SECOND } from '../../contract/time.ts'
import { type ScheduledStop, scheduledSecond } from './arrival.ts'
import type { PlaceAtTime } from './stop-passes.ts'

export interface Spaced {
  readonly vehicle: string
  readonly alongM: number
  /** Seconds behind the vehicle ahead of it on the trip; null of the foremost. */
  readonly behindS: number | null
  /** Null where there is none ahead, or no headway to measure by. */
  readonly spacing: 'bunched' | 'even' | 'gap' | null
}

/** Below this share of the headway two vehicles are bunched. */
const BUNCHED = 0.5
const GAP = 1.5

/**
 * The vehicles of one trip, the foremost first, each with the seconds it is behind the one ahead: those of the template between them at
 * the route's pace, and what lies between their fixes.
 */
export function spacing(
  stops: readonly ScheduledStop[],
  vehicles: readonly (PlaceAtTime & { readonly vehicle: string })[],
  headwayS: number | null,
  pace: number,
): readonly Spaced[] {
  const ordered = vehicles.toSorted((a, b) => b.alongM - a.alongM)
  return ordered.map(({ vehicle, alongM, time }, index) => {
    const ahead = ordered[index - 1]
    if (ahead === undefined) return { vehicle, alongM, behindS: null, spacing: null }
    const wayS = (scheduledSecond(stops, ahead.alongM) - scheduledSecond(stops, alongM)) * pace
    const behindS = Math.max(0, Math.round(wayS + (time - ahead.time) / SECOND))
    return { vehicle, alongM, behindS, spacing: headwayS === null ? null : spacingOf(behindS / headwayS) }
  })
}

function spacingOf(headways: number): 'bunched' | 'even' | 'gap' {
  if (headways < BUNCHED) return 'bunched'
  return headways > GAP ? 'gap' : 'even'
}
