// What the vehicles' fixes tell beyond where each is: when each began its run, when each stop was last left, how fast the routes get
// on, and from all that when a vehicle comes to the stops ahead (domain C3, C7, C9). Fed with fixes in the order in which they come;
// memory is bounded by the feed and the number of vehicles.

import { HOUR, MINUTE, SECOND, type TimeMs } from '../../contract/time.ts'
import { predictArrivals, predictByTemplate, STOP_RULE } from './arrival.ts'
import { arrivalRange } from './arrival-range.ts'
import type { GtfsFeed, Trip, TripStop } from './gtfs.ts'
import { LONGEST_HEADWAY_S, tripHeadway } from './headway-now.ts'
import { type Link, Paces } from './pace.ts'
import { isStale } from './punctuality.ts'
import { type RunStart, runStart } from './run-start.ts'
import { type PlaceAtTime, type StopPass, stopPasses } from './stop-passes.ts'

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

export interface ArrivalAhead {
  readonly stop: TripStop
  /** Whole seconds, as are the ends of the range, which holds four of five. */
  readonly time: TimeMs
  readonly low: TimeMs
  readonly high: TimeMs
  /** By the timetable; null of a trip that runs by headway. */
  readonly scheduled: TimeMs | null
  /** Seconds of the link that ends here over those of its template; null of a trip with a timetable. */
  readonly pace: number | null
}

export interface RunPrediction {
  readonly trip: Trip
  readonly place: PlaceAtTime
  readonly start: RunStart
  /** Seconds late; null without a timetable. */
  readonly delayS: number | null
  /** Seconds squared for each second ahead that the ranges were made with. */
  readonly spreadS2: number
  /** True while the vehicle has not left its first stop, of which nobody knows when it will. */
  readonly isWaiting: boolean
  /** Within the hour, in the order of the trip. */
  readonly arrivals: readonly ArrivalAhead[]
}

interface Run {
  readonly trip: Trip
  readonly start: RunStart | null
  /** Of the last fix on the line. */
  readonly place: PlaceAtTime
  /** The last stop that it came to. */
  readonly came: { readonly index: number; readonly time: TimeMs } | null
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

export class VehicleRuns {
  readonly #feed: GtfsFeed
  readonly #runs = new Map<string, Run>()
  readonly #departures = new Map<string, Departure[]>()
  #since: TimeMs | null = null
  readonly paces = new Paces()

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
      if (before === undefined) return
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
    const came = this.#pass(vehicle, before, place)
    this.#runs.set(vehicle, { ...before, place, came, fixesOff: 0 })
  }

  remove(vehicle: string): void {
    this.#runs.delete(vehicle)
  }

  /** Where the vehicle was last seen on its trip; null while it is on none. */
  placeOf(vehicle: string): (PlaceAtTime & { readonly trip: Trip }) | null {
    const run = this.#runs.get(vehicle)
    return run === undefined ? null : { trip: run.trip, ...run.place }
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
    if (run === undefined || run.start === null || isStale(run.place.time, now)) return null
    return run.start.isScheduled
      ? this.#byTimetable(run, run.start, now)
      : this.#byTemplate(run, run.start, now)
  }

  #begin(trip: Trip, place: PlaceAtTime): Run {
    return { trip, start: runStart(this.#feed, trip, place), place, came: null, fixesOff: 0 }
  }

  /** Keeps departures and learns paces of what was passed; returns the last stop come to. */
  #pass(vehicle: string, run: Run, place: PlaceAtTime): Run['came'] {
    const { trip } = run
    const gapMs = place.time - run.place.time
    let came = gapMs > LEARNED_GAP_MS ? null : run.came
    for (const pass of stopPasses(trip.stops, run.place, place)) {
      const stop = trip.stops[pass.index]
      if (stop === undefined) continue
      if (pass.type === 'left' && gapMs <= DEPARTURE_GAP_MS)
        this.#keepDeparture(trip, stop, vehicle, pass.time)
      // A vehicle does not come to its first stop, it begins there: its way starts when it leaves.
      if (pass.type === (pass.index === 0 ? 'left' : 'came')) {
        if (came?.index === pass.index - 1 && gapMs <= LEARNED_GAP_MS) this.#learn(trip, came, pass)
        came = { index: pass.index, time: pass.time }
      }
    }
    return came
  }

  #keepDeparture(trip: Trip, stop: TripStop, vehicle: string, time: TimeMs): void {
    const key = `${trip.route}|${trip.direction}|${stop.stop}`
    const kept = this.#departures.get(key) ?? []
    const fresh = kept.filter((departure) => time - departure.time <= DEPARTURES_KEPT_MS)
    fresh.push({ vehicle, time })
    fresh.sort((a, b) => a.time - b.time)
    this.#departures.set(key, fresh.slice(-DEPARTURES_MOST))
  }

  #learn(trip: Trip, came: { readonly time: TimeMs }, pass: StopPass): void {
    const link = linkTo(trip, pass.index)
    if (link !== null) this.paces.learn(link, (pass.time - came.time) / SECOND, pass.time)
  }

  #byTimetable(run: Run, start: RunStart, now: TimeMs): RunPrediction {
    const { trip, place } = run
    const second = (time: TimeMs): number => (time - start.time) / SECOND
    const fix = { alongM: place.alongM, timeS: second(place.time) }
    const { delayS, arrivals } = predictArrivals(trip.stops, fix, second(now))
    const spreadS2 = this.paces.spreadOf(trip, now)
    return {
      trip,
      place,
      start,
      delayS,
      spreadS2,
      isWaiting: false,
      arrivals: arrivals.flatMap(({ index, arrivalS }) => {
        const stop = trip.stops[index]
        if (stop === undefined) return []
        const { lowS, highS } = arrivalRange(arrivalS, fix.timeS, second(now), spreadS2)
        const at = (seconds: number): TimeMs => start.time + seconds * SECOND
        return [
          {
            stop,
            time: at(arrivalS),
            low: at(lowS),
            high: at(highS),
            scheduled: at(stop.arrivalS),
            pace: null,
          },
        ]
      }),
    }
  }

  #byTemplate(run: Run, start: RunStart, now: TimeMs): RunPrediction | null {
    const { trip, place } = run
    const fix = { alongM: place.alongM, timeS: place.time / SECOND }
    const paces = trip.stops.map((_, index) => this.#paceTo(trip, index, now))
    const prediction = predictByTemplate(trip.stops, fix, now / SECOND, (index) => paces[index] ?? 1)
    if (prediction === null) return null
    const spreadS2 = this.paces.spreadOf(trip, now)
    const isWaiting = place.alongM <= (trip.stops[0]?.alongM ?? 0) + STOP_RULE.atStopM
    // At its first stop it may stay for as long as the next one takes to come.
    const waitS = isWaiting ? (tripHeadway(this.#feed, trip, now, 0) ?? LONGEST_HEADWAY_S) : 0
    return {
      trip,
      place,
      start,
      delayS: null,
      spreadS2,
      isWaiting,
      arrivals: prediction.arrivals.flatMap(({ index, arrivalS }) => {
        const stop = trip.stops[index]
        if (stop === undefined) return []
        const { lowS, highS } = arrivalRange(arrivalS, fix.timeS, now / SECOND, spreadS2)
        return [
          {
            stop,
            time: arrivalS * SECOND,
            low: lowS * SECOND,
            high: (highS + waitS) * SECOND,
            scheduled: null,
            pace: paces[index] ?? null,
          },
        ]
      }),
    }
  }

  #paceTo(trip: Trip, index: number, now: TimeMs): number {
    const link = linkTo(trip, index)
    return link === null ? 1 : this.paces.paceOf(link, now)
  }
}

/** The link that ends at a stop of a trip; null at its first. */
function linkTo({ route, direction, stops }: Trip, index: number): Link | null {
  const [from, to] = [stops[index - 1], stops[index]]
  if (from === undefined || to === undefined) return null
  const fromS = index === 1 ? from.departureS : from.arrivalS
  return { route, direction, from: from.stop, to: to.stop, templateS: to.arrivalS - fromS }
}
