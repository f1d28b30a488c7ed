// What the vehicles' fixes tell beyond where each is: when each began its run, when each stop was last left, how fast the routes get
// on, and from all that when a vehicle comes to the stops ahead (domain C3, C7, C9). Fed with fixes in the order in which they come;
// memory is bounded by the feed and the number of vehicles.

import { HOUR, MINUTE, SECOND, type TimeMs } from '../../contract/time.ts'
import { STOP_RULE } from './arrival.ts'
import { aheadClass, RangeScales } from './arrival-range.ts'
import type { GtfsFeed, Trip, TripStop } from './gtfs.ts'
import { afterDwell, afterRun, NO_OWN_PACE, type OwnPace } from './own-pace.ts'
import { isStale } from './punctuality.ts'
import {
  type ArrivalAhead,
  linkTo,
  predictRun,
  type RunPrediction,
  type RunSeen,
  templateDwellS,
} from './run-prediction.ts'
import { type RunStart, runStart } from './run-start.ts'
import { type PlaceAtTime, type StopPass, stopPasses } from './stop-passes.ts'
import { TravelTimes } from './travel-times.ts'

export interface VehicleFix {
  /** Null when the vehicle says none, or is not on it. */
  readonly trip: string | null
  /** Metres along the trip's line; null when it is on no place of it. */
  readonly alongM: number | null
  readonly time: TimeMs
}

export interface Departure {
  readonly vehicle: string
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
/** A departure that is older says nothing of the next. */
export const DEPARTURES_KEPT_MS = 3 * HOUR
const DEPARTURES_MOST = 64
/** Over a longer gap between two fixes the time at a stop is a guess: no pace is learned from it, no headway either. */
const LEARNED_GAP_MS = MINUTE
const DEPARTURE_GAP_MS = 3 * MINUTE
/** What comes at once is told right by everyone. */
const LEAST_TOLD_S = 60

export class VehicleRuns {
  readonly #feed: GtfsFeed
  readonly #runs = new Map<string, Run>()
  readonly #departures = new Map<string, Departure[]>()
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
      this.#runs.delete(vehicle)
      return
    }
    const isSameTrip = before?.trip === trip
    if (alongM === null) {
      if (before === undefined || time <= before.place.time) return
      const fixesOff = before.fixesOff + 1
      if (!isSameTrip || fixesOff >= FIXES_OFF_MOST) this.#runs.delete(vehicle)
      else this.#runs.set(vehicle, { ...before, fixesOff })
      return
    }
    if (before === undefined || !isSameTrip || before.place.alongM - alongM >= NEW_RUN_M) {
      this.#runs.set(vehicle, this.#begin(trip, { alongM, time }))
      return
    }
    if (time <= before.place.time) return
    const place = { alongM: Math.max(alongM, before.place.alongM), time }
    this.#runs.set(vehicle, this.#goOn(vehicle, before, place))
  }

  remove(vehicle: string): void {
    this.#runs.delete(vehicle)
  }

  /** Time of the first fix: nothing is known of what was before; null without any. */
  get since(): TimeMs | null {
    return this.#since
  }

  /** Departures from a stop by the vehicles of a route and direction in the last three hours, in order of time. */
  departures(route: string, direction: 0 | 1, stop: string, now: TimeMs): readonly Departure[] {
    const all = this.#departures.get(`${route}|${direction}|${stop}`) ?? []
    return all.filter(({ time }) => now - time <= DEPARTURES_KEPT_MS && time <= now)
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
    return run === undefined ? null : this.#predict(run, now)
  }

  #predict(run: Run, now: TimeMs): RunPrediction | null {
    if (run.start === null || isStale(run.place.time, now)) return null
    const learned = { feed: this.#feed, travelTimes: this.travelTimes, scales: this.#scales }
    return predictRun(run, run.start, now, learned)
  }

  #begin(trip: Trip, place: PlaceAtTime): Run {
    const start = runStart(this.#feed, trip, place)
    return { trip, start, place, last: null, own: NO_OWN_PACE, told: [], fixesOff: 0 }
  }

  /** The run after a fix further on: departures are kept, and what was passed teaches. */
  #goOn(vehicle: string, before: Run, place: PlaceAtTime): Run {
    const { trip } = before
    const gapMs = place.time - before.place.time
    const isLearned = gapMs <= LEARNED_GAP_MS
    let { told, own } = before
    let last = isLearned ? before.last : null
    for (const pass of stopPasses(trip.stops, before.place, place)) {
      const stop = trip.stops[pass.index]
      if (stop === undefined) continue
      if (pass.type === 'left' && gapMs <= DEPARTURE_GAP_MS)
        this.#keepDeparture(trip, stop, vehicle, pass.time)
      if (pass.type === 'came') told = this.#holdTold(told, stop, pass.time)
      if (last !== null && isLearned) own = this.#learn(trip, own, last, pass)
      last = pass
    }
    const run = { ...before, place, last, own, told, fixesOff: 0 }
    return last === before.last ? run : { ...run, told: this.#tell(run) }
  }

  #keepDeparture(trip: Trip, stop: TripStop, vehicle: string, time: TimeMs): void {
    const key = `${trip.route}|${trip.direction}|${stop.stop}`
    const kept = this.#departures.get(key) ?? []
    const fresh = kept.filter((departure) => time - departure.time <= DEPARTURES_KEPT_MS)
    fresh.push({ vehicle, time })
    fresh.sort((a, b) => a.time - b.time)
    this.#departures.set(key, fresh.slice(-DEPARTURES_MOST))
  }

  /** Of the way between two stops, or of the stand at one; the metres around a stop in which it counts as there are part of the way. */
  #learn(trip: Trip, own: OwnPace, last: StopPass, pass: StopPass): OwnPace {
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
      const usualS = this.travelTimes.dwellS(trip, stop.stop, templateDwellS(stop), pass.time)
      const isTaken = this.travelTimes.learnDwell(trip, stop.stop, stoodS, templateDwellS(stop), pass.time)
      return isTaken ? afterDwell(own, stoodS, usualS) : own
    }
    return own
  }

  /** Holds what was told of a stop against its arrival; returns what is told of the stops behind it. */
  #holdTold(told: readonly Told[], stop: TripStop, came: TimeMs): readonly Told[] {
    for (const { ahead, aheadS } of told) {
      if (ahead.stop === stop) this.#scales.learn(aheadS, came >= ahead.low && came <= ahead.high)
    }
    return told.filter(({ ahead }) => ahead.stop.alongM > stop.alongM)
  }

  /** What is told and has not come yet: of each class of seconds ahead one arrival, the furthest, since those err most. */
  #tell(run: Run): readonly Told[] {
    const now = run.place.time
    const prediction = this.#predict(run, now)
    if (prediction === null || prediction.isWaiting) return run.told
    const open = new Set(run.told.map(({ aheadS }) => aheadClass(aheadS)))
    const added = new Map<number, Told>()
    for (const ahead of prediction.arrivals) {
      const aheadS = (ahead.time - now) / SECOND
      const own = aheadClass(aheadS)
      if (aheadS >= LEAST_TOLD_S && !open.has(own)) added.set(own, { ahead, aheadS })
    }
    return [...run.told, ...added.values()]
  }
}
