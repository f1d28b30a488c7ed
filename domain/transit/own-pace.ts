// How one vehicle gets on beside the others of its route: its last ways and stands over what was expected of them. The first of two
// buses that follow each other finds more people at every stop than the second (Newell and Potts 1964), and stays behind for as long.
// [rule]: no source binds the weights.

export interface OwnPace {
  /** Seconds taken for ways, and expected, of the last stops. */
  readonly runS: number
  readonly runExpectedS: number
  readonly dwellS: number
  readonly dwellExpectedS: number
}

export const NO_OWN_PACE: OwnPace = { runS: 0, runExpectedS: 0, dwellS: 0, dwellExpectedS: 0 }

/** What was at the stop before weighs so much of what is at this one. */
const KEPT = 0.8
/** Seconds that count as expected, before the vehicle has shown anything. */
const RUN_PRIOR_S = 600
const DWELL_PRIOR_S = 60

export function afterRun(own: OwnPace, takenS: number, expectedS: number): OwnPace {
  return { ...own, runS: own.runS * KEPT + takenS, runExpectedS: own.runExpectedS * KEPT + expectedS }
}

export function afterDwell(own: OwnPace, takenS: number, expectedS: number): OwnPace {
  return { ...own, dwellS: own.dwellS * KEPT + takenS, dwellExpectedS: own.dwellExpectedS * KEPT + expectedS }
}

/** What the vehicle takes for a way over what is expected of any; 1 before it was seen to take one. */
export function ownRunShare({ runS, runExpectedS }: OwnPace): number {
  return (runS + RUN_PRIOR_S) / (runExpectedS + RUN_PRIOR_S)
}

/** The same of a stand at a stop. */
export function ownDwellShare({ dwellS, dwellExpectedS }: OwnPace): number {
  return (dwellS + DWELL_PRIOR_S) / (dwellExpectedS + DWELL_PRIOR_S)
}
