// When buses came against when Pantau said they would, some minutes before: its own predictions beside what a rider would have without
// them, the headway, the timetable's times from the run's start, and the delay at the last stop carried on.

import type { LiveDevice } from '../../contract/feed.ts'
import { MINUTE, SECOND, type TimeMs } from '../../contract/time.ts'
import { nextByHeadway } from '../../domain/transit/arrival.ts'
import { groupBy } from '../../domain/transit/feed-tables.ts'
import type { GtfsFeed, Trip } from '../../domain/transit/gtfs.ts'
import { headwayNow } from '../../domain/transit/headway-now.ts'
import { VehicleRuns } from '../../domain/transit/vehicle-runs.ts'
import type { Truth } from '../../simulators/device-model.ts'

export const HORIZONS_MS = [5 * MINUTE, 10 * MINUTE, 15 * MINUTE] as const

export const WAYS = ['pantau', 'headway', 'timetable', 'last delay'] as const
export type Way = (typeof WAYS)[number]

/** A bus that came to a stop. */
interface Call {
  readonly vehicle: string
  readonly trip: Trip
  /** Among the trip's stops. */
  readonly index: number
  readonly arrival: TimeMs
  readonly departure: TimeMs
  /** All of the same run, in order, and which of them it is. */
  readonly run: readonly Call[]
  readonly order: number
}

interface Question {
  readonly at: TimeMs
  readonly horizonMs: number
  readonly call: Call
}

export interface HorizonScore {
  readonly horizonMs: number
  readonly asked: number
  /** Seconds, late positive: said minus true; those ways that gave no time are not in it. */
  readonly errorsS: Readonly<Record<Way, readonly number[]>>
  /** Share of the true arrivals within the range that was said with the prediction. */
  readonly coverage: number
  /** Seconds between the ends of those ranges. */
  readonly widthsS: readonly number[]
}

export interface TransitScore {
  readonly horizons: readonly HorizonScore[]
  /** Positions that were placed on their trip, of all. */
  readonly matched: number
  readonly positions: number
  /** Metres between where a bus stood at a stop and where it was placed. */
  readonly offsetsM: readonly number[]
}

interface Tally {
  readonly errorsS: Record<Way, number[]>
  readonly widthsS: number[]
  asked: number
  inside: number
}

/** Watches what live state shows of vehicles, as the dashboard does, and asks for arrivals at the moments that matter. */
export class ArrivalWatch {
  readonly #runs: VehicleRuns
  readonly #feed: GtfsFeed
  readonly #questions: readonly Question[]
  readonly #calls: ReadonlyMap<string, readonly Call[]>
  readonly #tallies = new Map<number, Tally>(
    HORIZONS_MS.map((horizonMs) => [
      horizonMs,
      {
        errorsS: { pantau: [], headway: [], timetable: [], 'last delay': [] },
        widthsS: [],
        asked: 0,
        inside: 0,
      },
    ]),
  )
  readonly #offsetsM: number[] = []
  readonly #lastTime = new Map<string, TimeMs>()
  #next = 0
  #positions = 0
  #matched = 0

  /** `truths`: what comes to pass in the whole time, in the order of its begin. */
  constructor(feed: GtfsFeed, truths: readonly Truth[]) {
    this.#feed = feed
    this.#runs = new VehicleRuns(feed)
    const calls = callsOf(feed, truths)
    this.#calls = groupBy(calls, ({ vehicle }) => vehicle)
    this.#questions = questionsOf(calls)
  }

  shown({ id, kind, transit }: LiveDevice): void {
    if (kind !== 'vehicle') return
    if (transit === undefined) {
      this.#runs.remove(id)
      return
    }
    this.#runs.see(id, transit)
    // A position that becomes stale is shown again.
    if (this.#lastTime.get(id) === transit.time) return
    this.#lastTime.set(id, transit.time)
    this.#positions += 1
    if (transit.alongM === null) return
    this.#matched += 1
    this.#notePlace(id, transit.trip, transit.alongM, transit.time)
  }

  /** All of that second was shown. */
  second(at: TimeMs): void {
    for (;;) {
      const question = this.#questions[this.#next]
      if (question === undefined || question.at > at) return
      this.#next += 1
      this.#ask(question)
    }
  }

  score(): TransitScore {
    return {
      horizons: [...this.#tallies].map(([horizonMs, { errorsS, widthsS, asked, inside }]) => ({
        horizonMs,
        asked,
        errorsS,
        widthsS,
        coverage: widthsS.length === 0 ? Number.NaN : inside / widthsS.length,
      })),
      matched: this.#matched,
      positions: this.#positions,
      offsetsM: this.#offsetsM,
    }
  }

  #ask({ at, horizonMs, call }: Question): void {
    const tally = this.#tallies.get(horizonMs)
    if (tally === undefined) return
    tally.asked += 1
    const said = this.#predicted(call, at)
    if (said !== null) {
      tally.widthsS.push((said.high - said.low) / SECOND)
      if (call.arrival >= said.low && call.arrival <= said.high) tally.inside += 1
    }
    const times: Readonly<Record<Way, TimeMs | null>> = {
      pantau: said?.time ?? null,
      headway: this.#byHeadway(call, at),
      timetable: byTimetable(call),
      'last delay': byLastDelay(call, at),
    }
    for (const way of WAYS) {
      const time = times[way]
      if (time !== null) tally.errorsS[way].push((time - call.arrival) / SECOND)
    }
  }

  #predicted({ vehicle, trip, index }: Call, at: TimeMs): { time: TimeMs; low: TimeMs; high: TimeMs } | null {
    const prediction = this.#runs.predict(vehicle, at)
    if (prediction === null || prediction.trip !== trip) return null
    return prediction.arrivals.find(({ stop }) => stop === trip.stops[index]) ?? null
  }

  #byHeadway({ trip, index }: Call, at: TimeMs): TimeMs | null {
    const headwayS = headwayNow(this.#feed, { route: trip.route, direction: trip.direction }, at)
    const stop = trip.stops[index]?.stop
    if (headwayS === null || stop === undefined) return null
    const last = this.#runs.departures(trip.route, trip.direction, stop, at).at(-1)?.time ?? null
    const { expectedS, latestS } = nextByHeadway(headwayS, last === null ? null : last / SECOND, at / SECOND)
    // Of "within a headway" the middle is the best guess.
    return (expectedS ?? (at / SECOND + latestS) / 2) * SECOND
  }

  /** A bus that stands at a stop tells how well it is placed. */
  #notePlace(vehicle: string, trip: string | null, alongM: number, time: TimeMs): void {
    const calls = this.#calls.get(vehicle) ?? []
    const call = calls[lastAtOrBefore(calls, time)]
    if (call === undefined || time > call.departure || call.trip.id !== trip) return
    this.#offsetsM.push(Math.abs(alongM - (call.trip.stops[call.index]?.alongM ?? Number.NaN)))
  }
}

function lastAtOrBefore(calls: readonly Call[], time: TimeMs): number {
  let low = 0
  let high = calls.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((calls[middle]?.arrival ?? 0) <= time) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** The calls of each vehicle in order; a stop that is no further along begins another run. */
function callsOf(feed: GtfsFeed, truths: readonly Truth[]): readonly Call[] {
  const runs = new Map<string, Call[]>()
  return truths.flatMap((truth) => {
    const trip = truth.type === 'arrival' ? feed.trips.get(truth.trip) : undefined
    if (truth.type !== 'arrival' || trip === undefined) return []
    const { vehicle, stop, from: arrival, to: departure } = truth
    const last = runs.get(vehicle)?.at(-1)
    const ahead = last?.trip === trip ? stopIndex(trip, stop, last.index + 1) : -1
    const run = ahead < 0 ? [] : (runs.get(vehicle) ?? [])
    const index = ahead < 0 ? stopIndex(trip, stop, 0) : ahead
    const call = { vehicle, trip, index, arrival, departure, run, order: run.length }
    run.push(call)
    runs.set(vehicle, run)
    return [call]
  })
}

function stopIndex(trip: Trip, stop: string, from: number): number {
  return trip.stops.findIndex((called, index) => index >= from && called.stop === stop)
}

/** Asked when the bus had left the first stop of its run: before that nobody knows when it will. */
function questionsOf(calls: readonly Call[]): readonly Question[] {
  return calls
    .flatMap((call) => {
      const begun = call.order === 0 ? Number.POSITIVE_INFINITY : (call.run[0]?.departure ?? 0)
      return HORIZONS_MS.map((horizonMs) => ({ at: call.arrival - horizonMs, horizonMs, call })).filter(
        ({ at }) => at > begun,
      )
    })
    .sort((a, b) => a.at - b.at)
}

function byTimetable(call: Call): TimeMs | null {
  return carriedOn(call.run[0], call)
}

/** The bus's delay when it left the last stop before `at` goes on. */
function byLastDelay(call: Call, at: TimeMs): TimeMs | null {
  return carriedOn(
    call.run.slice(0, call.order).findLast(({ departure }) => departure <= at),
    call,
  )
}

function carriedOn(from: Call | undefined, to: Call): TimeMs | null {
  if (from === undefined) return null
  const [left, comes] = [from.trip.stops[from.index]?.departureS, to.trip.stops[to.index]?.arrivalS]
  return left === undefined || comes === undefined ? null : from.departure + (comes - left) * SECOND
}
