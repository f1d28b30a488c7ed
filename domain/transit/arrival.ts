// When a vehicle that keeps a timetable comes to the stops ahead (domain C7): its delay goes on with it; a late bus wins back what it need
// not dwell, an early one waits at a timepoint. One that runs by headway has no delay (C3): see `run-together.ts`.

import { STALE_MS } from './punctuality.ts'

/** A stop of a trip; all seconds count from one begin, the service day's or the run's first departure. */
export interface ScheduledStop {
  /** Metres along the trip's line, never falling from stop to stop. */
  readonly alongM: number
  readonly arrivalS: number
  readonly departureS: number
  /** A bus that is early waits here. */
  readonly timepoint: boolean
}

/** Where a vehicle was, and when, in the seconds of its stops. */
export interface Fix {
  readonly alongM: number
  readonly timeS: number
}

export interface PredictedArrival {
  /** Index among the trip's stops: one place may be a stop of the trip twice. */
  readonly index: number
  /** Whole seconds, half up, in the seconds of the stops. */
  readonly arrivalS: number
}

export interface Prediction {
  /** `live` from a position; `schedule` where it is too old and the timetable stands alone. */
  readonly basis: 'live' | 'schedule'
  /** Whole seconds, late positive; null where there is no timetable or no position. */
  readonly delayS: number | null
  /** At the stops ahead within the hour, in the order of the trip. */
  readonly arrivals: readonly PredictedArrival[]
}

export interface StopRule {
  /** So near to a stop a vehicle stands at it, m. */
  readonly atStopM: number
  /** What a late bus still dwells, s. */
  readonly leastDwellS: number
}

export const STOP_RULE: StopRule = { atStopM: 15, leastDwellS: 10 }

/** No prediction reaches further. */
export const HORIZON_S = 3_600
/** An older position says nothing of arrivals. */
export const OLDEST_FIX_S = STALE_MS / 1_000

/**
 * Arrivals of a trip that keeps a timetable, by where its vehicle was at `fix` (null: none is known). A fix older than 90 s gives
 * the timetable itself, with no delay.
 */
export function predictArrivals(
  stops: readonly ScheduledStop[],
  fix: Fix | null,
  nowS: number,
  rule: StopRule = STOP_RULE,
): Prediction {
  if (fix === null || nowS - fix.timeS > OLDEST_FIX_S) {
    const ahead = stops.map(({ arrivalS }, index) => ({ index, arrivalS: wholeSecond(arrivalS) }))
    const arrivals = ahead.filter(({ arrivalS }) => arrivalS >= nowS && arrivalS <= nowS + HORIZON_S)
    return { basis: 'schedule', delayS: null, arrivals }
  }
  const delayS = delayAt(stops, fix, rule)
  return {
    basis: 'live',
    delayS: wholeSecond(delayS),
    arrivals: arrivalsAhead(stops, fix.alongM, delayS, nowS, rule),
  }
}

export interface HeadwayArrival {
  readonly basis: 'headway'
  /** Last departure seen plus headway; null when none was seen, or that moment has passed. */
  readonly expectedS: number | null
  /** One comes by then, if the headway holds. */
  readonly latestS: number
}

/** The next vehicle at a stop of which nothing but the headway is known: after the last one seen to leave, or within a headway. */
export function nextByHeadway(headwayS: number, lastDepartureS: number | null, nowS: number): HeadwayArrival {
  const next = lastDepartureS === null ? null : lastDepartureS + headwayS
  const expectedS = next !== null && next >= nowS ? wholeSecond(next) : null
  return { basis: 'headway', expectedS, latestS: expectedS ?? wholeSecond(nowS + headwayS) }
}

/**
 * Seconds late, early negative, unrounded. Within 15 m of a stop by that stop's times: before its arrival, after its departure, or
 * 0 in its dwell. Elsewhere against the second at which the trip should be there.
 */
export function delayAt(
  stops: readonly ScheduledStop[],
  { alongM, timeS }: Fix,
  { atStopM }: StopRule = STOP_RULE,
): number {
  const here = stops
    .filter((stop) => Math.abs(stop.alongM - alongM) <= atStopM)
    .reduce<ScheduledStop | null>(
      (nearest, stop) =>
        nearest === null || Math.abs(stop.alongM - alongM) < Math.abs(nearest.alongM - alongM)
          ? stop
          : nearest,
      null,
    )
  if (here === null) return timeS - scheduledSecond(stops, alongM)
  if (timeS < here.arrivalS) return timeS - here.arrivalS
  return Math.max(0, timeS - here.departureS)
}

/**
 * The second at which the trip should be so far along: linear between the departure of the stop behind and the arrival of the one
 * ahead; before the first stop its departure, after the last its arrival.
 */
export function scheduledSecond(stops: readonly ScheduledStop[], alongM: number): number {
  const aheadIndex = stops.findIndex((stop) => stop.alongM > alongM)
  const ahead = stops[aheadIndex]
  const behind = stops.at(aheadIndex === -1 ? -1 : aheadIndex - 1)
  if (behind === undefined) return Number.NaN
  if (ahead === undefined) return behind.arrivalS
  if (aheadIndex === 0) return ahead.departureS
  const share = (alongM - behind.alongM) / (ahead.alongM - behind.alongM)
  return behind.departureS + share * (ahead.arrivalS - behind.departureS)
}

function arrivalsAhead(
  stops: readonly ScheduledStop[],
  alongM: number,
  delayNowS: number,
  nowS: number,
  rule: StopRule,
): readonly PredictedArrival[] {
  const arrivals: PredictedArrival[] = []
  let delayS = delayNowS
  for (const [index, stop] of stops.entries()) {
    if (stop.alongM <= alongM) continue
    const arrivalS = Math.max(Math.ceil(nowS), wholeSecond(stop.arrivalS + delayS))
    if (arrivalS > nowS + HORIZON_S) break
    arrivals.push({ index, arrivalS })
    delayS = delayAfter(stop, delayS, rule)
  }
  return arrivals
}

function delayAfter(
  { arrivalS, departureS, timepoint }: ScheduledStop,
  delayS: number,
  { leastDwellS }: StopRule,
): number {
  if (delayS > 0) return Math.max(0, delayS - Math.max(0, departureS - arrivalS - leastDwellS))
  return timepoint ? 0 : delayS
}

/** Half up: a half goes away from zero. */
export function wholeSecond(seconds: number): number {
  // The sum makes 0 of -0.
  return Math.sign(seconds) * Math.floor(Math.abs(seconds) + 0.5) + 0
}
