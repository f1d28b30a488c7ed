// When the vehicles of a route that runs by headway come to the stops ahead (domain C3): they have no schedule and so no delay, and each
// bears on the next, since how long one stands depends on when the one before left (Newell and Potts 1964). So they are run on together,
// stop by stop in the order of time, each from where it is now, by the seconds that ways and stands take.

import {
  type Fix,
  HORIZON_S,
  OLDEST_FIX_S,
  type PredictedArrival,
  type Prediction,
  type ScheduledStop,
  STOP_RULE,
  wholeSecond,
} from './arrival.ts'

/** Seconds of the ways and stands of a trip, by the index of its stops. */
export interface LinkTimes {
  /** From leaving the stop before to coming to this one. */
  readonly runS: (index: number) => number
  /** From coming to this stop to leaving it, when the one before left it so many seconds ago; null: nobody knows when. */
  readonly dwellS: (index: number, headwayS: number | null) => number
}

/** The stop that a vehicle last came to or left, and when. */
export interface LastPass {
  readonly index: number
  readonly type: 'came' | 'left'
  readonly timeS: number
}

/** A vehicle on the way; all seconds are on one clock. */
export interface Runner {
  readonly stops: readonly (ScheduledStop & { readonly stop: string })[]
  readonly fix: Fix
  readonly times: LinkTimes
  /** Tells how it got on since its last stop; null when none was seen. */
  readonly last: LastPass | null
  /** Of the stand at the stop that it came to last. */
  readonly headwayS: number | null
  /** True at its first stop: nobody knows when it leaves, so none is taken to follow it. */
  readonly isWaiting: boolean
}

/** A vehicle at a stop, or on its way to it. */
interface State {
  readonly runner: Runner
  readonly arrivals: PredictedArrival[]
  index: number
  comesS: number
  isStanding: boolean
}

/**
 * The arrivals of each vehicle at its stops ahead within the hour, in the order of the trip; `leftS` tells when one of the route last left
 * a stop.
 */
export function runTogether(
  runners: readonly Runner[],
  leftS: (stop: string) => number | null,
  nowS: number,
): readonly (readonly PredictedArrival[])[] {
  const leaves = new Map<string, number>()
  const states = runners.map(begin)
  for (let on = states.filter(isOn); on.length > 0; on = on.filter(isOn)) {
    const next = on.reduce((first, other) => (other.comesS < first.comesS ? other : first))
    callAt(next, leaves, leftS, nowS)
  }
  return states.map(({ arrivals }) => arrivals)
}

/** Those of the template itself. */
export function templateTimes(stops: readonly ScheduledStop[]): LinkTimes {
  const at = (index: number): ScheduledStop | undefined => stops[index]
  return {
    runS: (index) => Math.max(0, (at(index)?.arrivalS ?? 0) - (at(index - 1)?.departureS ?? 0)),
    dwellS: (index) => Math.max(0, (at(index)?.departureS ?? 0) - (at(index)?.arrivalS ?? 0)),
  }
}

/** Of one vehicle by its template alone. Null when the fix is older than 90 s: only the headway is left to tell. */
export function predictByTemplate(
  stops: readonly ScheduledStop[],
  fix: Fix,
  nowS: number,
): Prediction | null {
  if (nowS - fix.timeS > OLDEST_FIX_S) return null
  const named = stops.map((stop, index) => ({ ...stop, stop: String(index) }))
  const times = templateTimes(stops)
  const runner = { stops: named, fix, times, last: null, headwayS: null, isWaiting: false }
  const [arrivals = []] = runTogether([runner], () => null, nowS)
  return { basis: 'live', delayS: null, arrivals }
}

function isOn({ runner, index }: State): boolean {
  return index < runner.stops.length
}

/** A vehicle that has come to a stop and not left it stands there, though its fix may lie some metres before or behind. */
function begin(runner: Runner): State {
  const { stops, fix, last } = runner
  const ahead = stops.findIndex(({ alongM }) => alongM > fix.alongM)
  const state = { runner, arrivals: [], index: ahead === -1 ? stops.length : ahead }
  if (ahead === -1) return { ...state, comesS: 0, isStanding: false }
  if (last?.type === 'came' && (last.index === ahead || last.index === ahead - 1)) {
    return { ...state, index: last.index, comesS: last.timeS, isStanding: true }
  }
  return { ...state, comesS: fix.timeS + restOfLinkS(runner, ahead), isStanding: false }
}

/** The vehicle's call at its stop, and its way to the next. */
function callAt(
  state: State,
  leaves: Map<string, number>,
  leftS: (stop: string) => number | null,
  nowS: number,
): void {
  const { runner, index, comesS, isStanding } = state
  const { stops, fix, times, isWaiting } = runner
  const here = stops[index]
  if (here === undefined) return
  if (here.alongM > fix.alongM) {
    const arrivalS = Math.max(Math.ceil(nowS), wholeSecond(comesS))
    if (arrivalS > nowS + HORIZON_S) {
      state.index = stops.length
      return
    }
    state.arrivals.push({ index, arrivalS })
  }
  const left = leaves.get(here.stop) ?? leftS(here.stop)
  const headwayS = isStanding ? runner.headwayS : left === null ? null : Math.max(0, comesS - left)
  const leavesS = Math.max(fix.timeS, comesS + times.dwellS(index, headwayS))
  if (!isWaiting) leaves.set(here.stop, leavesS)
  state.index = index + 1
  state.comesS = leavesS + (index + 1 < stops.length ? times.runS(index + 1) : 0)
  state.isStanding = false
}

/** So many metres of a link does its expected speed count beside the vehicle's own. [rule] */
const EXPECTED_M = 100

/** Seconds until the vehicle comes to the stop ahead of it. */
function restOfLinkS({ stops, fix, times, last }: Runner, index: number): number {
  const [before, stop] = [stops[index - 1], stops[index]]
  if (before === undefined || stop === undefined) return 0
  const expectedSPerM = times.runS(index) / Math.max(1, stop.alongM - before.alongM)
  const aheadM = stop.alongM - fix.alongM
  if (last?.index !== index - 1) return aheadM * expectedSPerM
  const sinceS = Math.max(0, fix.timeS - last.timeS)
  const goneM = Math.max(0, fix.alongM - before.alongM - STOP_RULE.atStopM)
  return (aheadM * (sinceS + EXPECTED_M * expectedSPerM)) / (goneM + EXPECTED_M)
}
