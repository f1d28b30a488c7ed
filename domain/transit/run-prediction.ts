// When the vehicle of a run comes to the stops ahead, and between when and when (domain C3, C7): by its delay where it keeps a
// timetable; else by the seconds that ways and stands take now, on its route and by itself.

import { SECOND, type TimeMs } from '../../contract/time.ts'
import { type PredictedArrival, predictArrivals, STOP_RULE } from './arrival.ts'
import { arrivalRange, type RangeRule, type RangeScales } from './arrival-range.ts'
import type { GtfsFeed, Trip, TripStop } from './gtfs.ts'
import { LONGEST_HEADWAY_S, tripHeadway } from './headway-now.ts'
import { type OwnPace, ownDwellShare, ownRunShare } from './own-pace.ts'
import type { RunStart } from './run-start.ts'
import type { LinkTimes, Runner } from './run-together.ts'
import type { PlaceAtTime, StopPass } from './stop-passes.ts'
import { type Link, routeKey, type Stand, type TravelTimes } from './travel-times.ts'

export interface ArrivalAhead {
  readonly stop: TripStop
  /** Whole seconds, as are the ends of the range, which holds four of five. */
  readonly time: TimeMs
  readonly low: TimeMs
  readonly high: TimeMs
  /** By the timetable; null of a trip that runs by headway. */
  readonly scheduled: TimeMs | null
}

export interface RunPrediction {
  readonly trip: Trip
  readonly place: PlaceAtTime
  readonly start: RunStart
  /** Seconds late; null without a timetable. */
  readonly delayS: number | null
  /** By how much predictions of this route err of late: seconds squared for each second ahead. */
  readonly spreadS2: number
  /** Seconds that ways and stands take by the vehicle's own, over what is expected on its route; null with a timetable. */
  readonly ownPace: { readonly run: number; readonly dwell: number } | null
  /** True while the vehicle has not left its first stop, of which nobody knows when it will. */
  readonly isWaiting: boolean
  /** Within the hour, in the order of the trip. */
  readonly arrivals: readonly ArrivalAhead[]
}

/** A run as far as predictions go by it. */
export interface RunSeen {
  readonly trip: Trip
  readonly place: PlaceAtTime
  /** The stop that it last came to or left. */
  readonly last: StopPass | null
  /** Seconds since the one before had left the stop that it last came to. */
  readonly headwayS: number | null
  readonly own: OwnPace
}

/** What was learned of all runs. */
export interface Learned {
  readonly feed: GtfsFeed
  readonly travelTimes: TravelTimes
  readonly scales: RangeScales
}

/** Of a run that keeps a timetable, whatever the age of its last fix. */
export function byTimetable(
  { trip, place }: RunSeen,
  start: RunStart,
  now: TimeMs,
  learned: Learned,
): RunPrediction {
  const second = (time: TimeMs): number => (time - start.time) / SECOND
  const fix = { alongM: place.alongM, timeS: second(place.time) }
  const { delayS, arrivals } = predictArrivals(trip.stops, fix, second(now))
  const rule = rangeRule(trip, now, learned)
  const at = (seconds: number): TimeMs => start.time + seconds * SECOND
  return {
    trip,
    place,
    start,
    delayS,
    spreadS2: rule.spreadS2,
    ownPace: null,
    isWaiting: false,
    arrivals: arrivals.flatMap(({ index, arrivalS }) => {
      const stop = trip.stops[index]
      if (stop === undefined) return []
      const { lowS, highS } = arrivalRange(arrivalS, fix.timeS, second(now), rule)
      return [{ stop, time: at(arrivalS), low: at(lowS), high: at(highS), scheduled: at(stop.arrivalS) }]
    }),
  }
}

/** A run by headway as it is run on with the others of its route. */
export function runnerOf(run: RunSeen, now: TimeMs, learned: Learned): Runner {
  const { trip, place, last, headwayS } = run
  return {
    stops: trip.stops,
    fix: { alongM: place.alongM, timeS: place.time / SECOND },
    times: linkTimes(run, now, learned),
    last: last === null ? null : { ...last, timeS: last.time / SECOND },
    headwayS,
    isWaiting: isWaiting(run),
  }
}

/** Of a run by headway whose last fix is at most 90 s old; `arrivals` are those of its runner. */
export function byHeadway(
  run: RunSeen,
  start: RunStart,
  arrivals: readonly PredictedArrival[],
  now: TimeMs,
  learned: Learned,
): RunPrediction {
  const { trip, place, own } = run
  const rule = rangeRule(trip, now, learned)
  // At its first stop it may stay for as long as the next one takes to come.
  const waitS = isWaiting(run) ? (tripHeadway(learned.feed, trip, now, 0) ?? LONGEST_HEADWAY_S) : 0
  return {
    trip,
    place,
    start,
    delayS: null,
    spreadS2: rule.spreadS2,
    ownPace: { run: ownRunShare(own), dwell: ownDwellShare(own) },
    isWaiting: isWaiting(run),
    arrivals: arrivals.flatMap(({ index, arrivalS }) => {
      const stop = trip.stops[index]
      if (stop === undefined) return []
      const { lowS, highS } = arrivalRange(arrivalS, place.time / SECOND, now / SECOND, rule)
      const [time, low, high] = [arrivalS * SECOND, lowS * SECOND, (highS + waitS) * SECOND]
      return [{ stop, time, low, high, scheduled: null }]
    }),
  }
}

function isWaiting({ trip, place }: RunSeen): boolean {
  return place.alongM <= (trip.stops[0]?.alongM ?? 0) + STOP_RULE.atStopM
}

function rangeRule(trip: Trip, now: TimeMs, { travelTimes, scales }: Learned): RangeRule {
  return {
    spreadS2: travelTimes.spreadS2(trip, now),
    scaleOf: (aheadS) => scales.scaleOf(routeKey(trip), aheadS),
  }
}

/** What the vehicle is expected to take, by what its route does and by what it did itself. */
function linkTimes({ trip, own }: RunSeen, now: TimeMs, { travelTimes }: Learned): LinkTimes {
  const [run, dwell] = [ownRunShare(own), ownDwellShare(own)]
  return {
    runS: (index) => {
      const link = linkTo(trip, index)
      return link === null ? 0 : run * travelTimes.runS(link, now)
    },
    dwellS: (index, headwayS) => {
      const stop = trip.stops[index]
      return stop === undefined ? 0 : dwell * travelTimes.dwellS(standAt(trip, stop, headwayS), now)
    },
  }
}

/** The link that ends at a stop of a trip; null at its first. */
export function linkTo({ route, direction, stops }: Trip, index: number): Link | null {
  const [from, to] = [stops[index - 1], stops[index]]
  if (from === undefined || to === undefined) return null
  return { route, direction, from: from.stop, to: to.stop, templateS: to.arrivalS - from.departureS }
}

export function standAt({ route, direction }: Trip, stop: TripStop, headwayS: number | null): Stand {
  const templateS = Math.max(0, stop.departureS - stop.arrivalS)
  return { route, direction, stop: stop.stop, templateS, headwayS }
}
