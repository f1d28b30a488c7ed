// What the vehicles' fixes tell beyond where each is: when each began its run, when each stop was last left, how fast the routes get
// on, and from all that when a vehicle comes to the stops ahead (domain C3, C7, C9). Fed with fixes in the order in which they come;
// memory is bounded by the feed and the number of vehicles.

import { MINUTE, SECOND, type TimeMs } from '../../contract/time.ts'
import { type PredictedArrival, STOP_RULE } from './arrival.ts'
import { AHEAD_CLASSES_S, aheadClass, RangeScales, toldAheadS } from './arrival-range.ts'
import type { GtfsFeed, Trip, TripStop } from './gtfs.ts'
import { afterDwell, afterRun, NO_OWN_PACE, type OwnPace } from './own-pace.ts'
import { isStale } from './punctuality.ts'
import {
  type ArrivalAhead,
  byHeadway,
  byTimetable,
  type Learned,
  linkTo,
  type RunPrediction,
  type RunSeen,
  runnerOf,
  standAt,
} from './run-prediction.ts'
import { type RunStart, runStart } from './run-start.ts'
import { runTogether } from './run-together.ts'
import { CALL_GAP_MS, type Departure, StopCalls } from './stop-calls.ts'
import { type PlaceAtTime, type StopPass, stopPasses } from './stop-passes.ts'
import { routeKey, TravelTimes } from './travel-times.ts'

export interface VehicleFix {
  /** Null when the vehicle says none, or is not on it. */
  readonly trip: string | null
  /** Metres along the trip's line; null when it is on no place of it. */
  readonly alongM: number | null
  readonly time: TimeMs
}

interface Told {
  readonly ahead: ArrivalAhead
  /** Seconds from when it was told. */
  readonly aheadS: number
}

interface Run extends RunSeen {
  readonly start: RunStart | null
  /** Arrivals that were told, one of each class of seconds ahead, to be held against what comes. */
  readonly told: readonly Told[]
  /** Fixes in a row that were on no place of the line. */
  readonly fixesOff: number
}

/** Falling back by more than this on the same trip is another run of it. */
const NEW_RUN_M = 500
/** So many fixes off the line in a row, and the place is not known any more (domain C6). */
const FIXES_OFF_MOST = 3
/** Over a longer gap between two fixes the time at a stop is a guess: no pace is learned from it. */
const LEARNED_GAP_MS = MINUTE

/** Arrivals of the vehicles of a route and direction, by vehicle. */
interface Forecast {
  readonly now: TimeMs
  readonly arrivals: ReadonlyMap<string, readonly PredictedArrival[]>
}

export class VehicleRuns {
  readonly #feed: GtfsFeed
  readonly #runs = new Map<string, Run>()
  readonly #calls = new StopCalls()
  /** Of the route and direction, as last asked for. */
  readonly #forecasts = new Map<string, Forecast>()
  readonly #scales = new RangeScales()
  readonly travelTimes = new TravelTimes()
  #since: TimeMs | null = null

  constructor(feed: GtfsFeed) {
    this.#feed = feed
  }

  /** Takes in a fix; one that is not newer than the last of its vehicle changes nothing. */
  see(vehicle: string, { trip: tripId, alongM, time }: VehicleFix): void {
    this.#since ??= time
    const trip = tripId === null ? undefined : this.#feed.trips.get(tripId)
    const before = this.#runs.get(vehicle)
    if (trip === undefined) {
      this.#forget(vehicle)
      return
    }
    const isSameTrip = before?.trip === trip
    if (alongM === null) {
      if (before === undefined || time <= before.place.time) return
      const fixesOff = before.fixesOff + 1
      if (!isSameTrip || fixesOff >= FIXES_OFF_MOST) this.#forget(vehicle)
      else this.#set(vehicle, { ...before, fixesOff })
      return
    }
    if (before === undefined || !isSameTrip || before.place.alongM - alongM >= NEW_RUN_M) {
      this.#forget(vehicle)
      this.#set(vehicle, this.#begin(trip, { alongM, time }))
      return
    }
    if (time <= before.place.time) return
    const place = { alongM: Math.max(alongM, before.place.alongM), time }
    this.#goOn(vehicle, before, place)
  }

  remove(vehicle: string): void {
    this.#forget(vehicle)
  }

  /** Time of the first fix: nothing is known of what was before; null without any. */
  get since(): TimeMs | null {
    return this.#since
  }

  /** Departures from a stop by the vehicles of a route and direction in the last three hours, in order of time. */
  departures(route: string, direction: 0 | 1, stop: string, now: TimeMs): readonly Departure[] {
    return this.#calls.departures({ route, direction }, stop, now)
  }

  /** Vehicles on a trip with a fix of the last 90 s, the foremost first. */
  vehiclesOn(trip: Trip, now: TimeMs): readonly (PlaceAtTime & { readonly vehicle: string })[] {
    return [...this.#runs]
      .filter(([, run]) => run.trip === trip && !isStale(run.place.time, now))
      .map(([vehicle, { place }]) => ({ vehicle, ...place }))
      .sort((a, b) => b.alongM - a.alongM)
  }

  /** When the vehicle comes to the stops ahead; null when it is on no trip, or was not seen on it for 90 s. */
  predict(vehicle: string, now: TimeMs): RunPrediction | null {
    const run = this.#runs.get(vehicle)
    if (run === undefined || run.start === null || isStale(run.place.time, now)) return null
    if (run.start.isScheduled) return byTimetable(run, run.start, now, this.#learned)
    return byHeadway(run, run.start, this.#ahead(vehicle, run.trip, now), now, this.#learned)
  }

  /** Seconds late by the timetable, early negative; null without one, or when the vehicle was not seen for 90 s. */
  delayS(vehicle: string, now: TimeMs): number | null {
    return this.#runs.get(vehicle)?.start?.isScheduled === true
      ? (this.predict(vehicle, now)?.delayS ?? null)
      : null
  }

  get #learned(): Learned {
    return { feed: this.#feed, travelTimes: this.travelTimes, scales: this.#scales }
  }

  /** Each vehicle of the route bears on the next, so they are run on together, once a moment. */
  #ahead(vehicle: string, trip: Trip, now: TimeMs): readonly PredictedArrival[] {
    const known = this.#forecasts.get(routeKey(trip))
    const forecast = known?.now === now ? known : this.#forecast(trip, now)
    this.#forecasts.set(routeKey(trip), forecast)
    return forecast.arrivals.get(vehicle) ?? []
  }

  #forecast(route: Trip, now: TimeMs): Forecast {
    const own = [...this.#runs].filter(
      ([, { trip, start, place }]) =>
        trip.route === route.route &&
        trip.direction === route.direction &&
        start?.isScheduled === false &&
        !isStale(place.time, now),
    )
    const runners = own.map(([, run]) => runnerOf(run, now, this.#learned))
    const leftS = (stop: string): number | null => {
      const time = this.#calls.lastAt(route, stop, now)
      return time === null ? null : time / SECOND
    }
    const arrivals = runTogether(runners, leftS, now / SECOND)
    return { now, arrivals: new Map(own.map(([vehicle], index) => [vehicle, arrivals[index] ?? []])) }
  }

  #set(vehicle: string, run: Run): void {
    this.#runs.set(vehicle, run)
    this.#forecasts.delete(routeKey(run.trip))
  }

  #forget(vehicle: string): void {
    const run = this.#runs.get(vehicle)
    if (run === undefined) return
    this.#runs.delete(vehicle)
    this.#forecasts.delete(routeKey(run.trip))
  }

  #begin(trip: Trip, place: PlaceAtTime): Run {
    const start = runStart(this.#feed, trip, place)
    return { trip, start, place, last: null, headwayS: null, own: NO_OWN_PACE, told: [], fixesOff: 0 }
  }

  /** The run goes on to a fix further on: calls are kept, and what was passed teaches. */
  #goOn(vehicle: string, before: Run, place: PlaceAtTime): void {
    const { trip } = before
    const gapMs = place.time - before.place.time
    const isLearned = gapMs <= LEARNED_GAP_MS
    let { told, own, headwayS } = before
    let last = isLearned ? before.last : null
    for (const pass of this.#passes(trip, before.place, place)) {
      const stop = trip.stops[pass.index]
      if (stop === undefined) continue
      const call = { vehicle, time: pass.time }
      if (pass.type === 'came') {
        headwayS = gapMs <= CALL_GAP_MS ? this.#calls.came(trip, stop.stop, call) : null
        told = this.#holdTold(trip, told, stop, pass.time)
      } else if (gapMs <= CALL_GAP_MS) this.#calls.left(trip, stop.stop, call)
      if (last !== null && isLearned) own = this.#learn(trip, own, headwayS, last, pass)
      last = pass
    }
    const run = { ...before, place, last, headwayS, own, told, fixesOff: 0 }
    this.#set(vehicle, run)
    if (last !== before.last) this.#set(vehicle, { ...run, told: this.#tell(vehicle, run) })
  }

  #passes(trip: Trip, from: PlaceAtTime, to: PlaceAtTime): readonly StopPass[] {
    return stopPasses(trip.stops, from, to, STOP_RULE.atStopM, (index) => {
      const link = linkTo(trip, index)
      const linkM = (trip.stops[index]?.alongM ?? 0) - (trip.stops[index - 1]?.alongM ?? 0)
      return link === null ? 0 : linkM / Math.max(1, this.travelTimes.runS(link, to.time))
    })
  }

  /** Of the way between two stops, or of the stand at one; the metres around a stop in which it counts as there are part of the way. */
  #learn(trip: Trip, own: OwnPace, headwayS: number | null, last: StopPass, pass: StopPass): OwnPace {
    const stop = trip.stops[pass.index]
    const link = linkTo(trip, pass.index)
    if (stop === undefined || link === null) return own
    const takenS = (pass.time - last.time) / SECOND
    const linkM = Math.max(1, stop.alongM - (trip.stops[pass.index - 1]?.alongM ?? stop.alongM))
    const aroundM = Math.min(2 * STOP_RULE.atStopM, linkM / 2)
    const expectedS = this.travelTimes.runS(link, pass.time)
    if (pass.type === 'came' && last.type === 'left' && last.index === pass.index - 1) {
      const ranS = (takenS * linkM) / (linkM - aroundM)
      return this.travelTimes.learnRun(link, ranS, pass.time) ? afterRun(own, ranS, expectedS) : own
    }
    if (pass.type === 'left' && last.type === 'came' && last.index === pass.index) {
      const stoodS = Math.max(0, takenS - (aroundM * expectedS) / linkM)
      const stand = standAt(trip, stop, headwayS)
      const usualS = this.travelTimes.dwellS(stand, pass.time)
      return this.travelTimes.learnDwell(stand, stoodS, pass.time) ? afterDwell(own, stoodS, usualS) : own
    }
    return own
  }

  /** Holds what was told of a stop against its arrival; returns what is told of the stops behind it. */
  #holdTold(trip: Trip, told: readonly Told[], stop: TripStop, came: TimeMs): readonly Told[] {
    for (const { ahead, aheadS } of told) {
      const isInside = came >= ahead.low && came <= ahead.high
      if (ahead.stop === stop) this.#scales.learn(routeKey(trip), aheadS, isInside)
    }
    return told.filter(({ ahead }) => ahead.stop.alongM > stop.alongM)
  }

  /** What is told and has not come yet: of each class of seconds ahead one arrival, each time of another part of it. */
  #tell(vehicle: string, run: Run): readonly Told[] {
    const open = new Set(run.told.map(({ aheadS }) => aheadClass(aheadS)))
    if (open.size === AHEAD_CLASSES_S.length) return run.told
    const now = run.place.time
    const prediction = this.predict(vehicle, now)
    if (prediction === null || prediction.isWaiting) return run.told
    const ahead = prediction.arrivals.map((one): Told => ({ ahead: one, aheadS: (one.time - now) / SECOND }))
    const added = AHEAD_CLASSES_S.flatMap((most, index) => {
      if (open.has(index)) return []
      const wantedS = toldAheadS(index, this.#scales.heldIn(index))
      const own = ahead.filter(({ aheadS }) => aheadS >= wantedS && aheadS <= most)
      return own.slice(0, 1)
    })
    return [...run.told, ...added]
  }
}
