// How fast vehicles get on, learned from those that pass. A template of a trip that runs by headway holds one synthetic run, so its
// seconds between stops are a beginning only. Three things are learned: the pace of a route (seconds taken over seconds of the template,
// newest first, then of the last half day), which follows the traffic; a link's own share in it, which is what the template has wrong
// between two stops; and how long vehicles stand at the stops. [rule]: no source binds the weights.

import { HOUR, MINUTE, type TimeMs } from '../../contract/time.ts'

export interface RouteDirection {
  readonly route: string
  readonly direction: 0 | 1
}

/** The way from one stop to the next. */
export interface Link extends RouteDirection {
  readonly from: string
  readonly to: string
  /** Seconds of the template from leaving one to coming to the other. */
  readonly templateS: number
}

/** Sums that fade: what was learned a while ago weighs less, by 1/e after `fadeMs`. */
interface Sums {
  takenS: number
  /** What `takenS` is held against: expected seconds, or the number of vehicles. */
  weight: number
  time: TimeMs
}

/** Traffic changes within the hour. */
const PACE_FADE_MS = 20 * MINUTE
const DWELL_FADE_MS = HOUR
/** What a template has wrong between two stops, and where many get on, stays so. */
const LINK_FADE_MS = 12 * HOUR

/** What counts for the usual before anything was learned: seconds of a template, vehicles at a stop. */
const PACE_PRIOR_S = 300
const LINK_PRIOR_S = 1_200
const DWELL_PRIOR = 2
const STOP_PRIOR = 10
const SPREAD_PRIOR_S = 600

/** A vehicle that takes less or more than this of its template was lost, parked or badly matched. */
const LEAST_PACE = 0.2
const MOST_PACE = 5
/** One that stands longer has ended its run, or has a break. */
const LONGEST_DWELL_S = 300

/** Seconds squared by which the way errs, for each second of it, before anything was learned: 5 minutes err by 42 s. */
export const USUAL_SPREAD = 6

/** What was learned of all routes of a feed: some numbers a link, however long it runs. */
export class TravelTimes {
  readonly #paces = new Map<string, Sums>()
  /** The same of the last half day, which stands where little was learned of late. */
  readonly #dayPaces = new Map<string, Sums>()
  readonly #links = new Map<string, Sums>()
  readonly #dwells = new Map<string, Sums>()
  readonly #stops = new Map<string, Sums>()
  readonly #squares = new Map<string, Sums>()

  /** Takes in that a vehicle took so many seconds for a link, which it ended at `at`; false when that cannot be. */
  learnRun(link: Link, takenS: number, at: TimeMs): boolean {
    const { templateS } = link
    const ratio = takenS / templateS
    if (!(templateS > 0 && ratio >= LEAST_PACE && ratio <= MOST_PACE)) return false
    const [route, own] = [routeKey(link), linkKey(link)]
    const error = takenS - this.runS(link, at)
    add(this.#squares, route, PACE_FADE_MS, at, error ** 2, templateS)
    const pace = this.pace(link, at)
    // The route learns what the link's own share does not tell, and the other way round.
    const expectedS = templateS * this.#linkShare(link, at)
    add(this.#paces, route, PACE_FADE_MS, at, takenS, expectedS)
    add(this.#dayPaces, route, LINK_FADE_MS, at, takenS, expectedS)
    add(this.#links, own, LINK_FADE_MS, at, takenS, templateS * pace)
    return true
  }

  /** Takes in that a vehicle stood so many seconds at a stop, which it left at `at`; false when that was no stand. */
  learnDwell(route: RouteDirection, stop: string, takenS: number, templateS: number, at: TimeMs): boolean {
    if (takenS > LONGEST_DWELL_S) return false
    const error = takenS - this.dwellS(route, stop, templateS, at)
    add(this.#squares, routeKey(route), PACE_FADE_MS, at, error ** 2, 0)
    add(this.#dwells, routeKey(route), DWELL_FADE_MS, at, takenS, 1)
    add(this.#stops, `${routeKey(route)}|${stop}`, LINK_FADE_MS, at, takenS, 1)
    return true
  }

  /** Seconds that a link takes now. */
  runS(link: Link, at: TimeMs): number {
    return link.templateS * this.pace(link, at) * this.#linkShare(link, at)
  }

  /** Seconds that a route takes now over those of its templates; 1 before anything was learned. */
  pace(route: RouteDirection, at: TimeMs): number {
    const ofDay = mean(this.#dayPaces.get(routeKey(route)), LINK_FADE_MS, at, 1, PACE_PRIOR_S)
    return mean(this.#paces.get(routeKey(route)), PACE_FADE_MS, at, ofDay, PACE_PRIOR_S)
  }

  /** Seconds that a vehicle stands at a stop now, those of the template before anything was learned. */
  dwellS(route: RouteDirection, stop: string, templateS: number, at: TimeMs): number {
    const usual = mean(this.#dwells.get(routeKey(route)), DWELL_FADE_MS, at, templateS, DWELL_PRIOR)
    return mean(this.#stops.get(`${routeKey(route)}|${stop}`), LINK_FADE_MS, at, usual, STOP_PRIOR)
  }

  /** Seconds squared for each second of a template by which ways and stands have differed from what was expected. */
  spreadS2(route: RouteDirection, at: TimeMs): number {
    return mean(this.#squares.get(routeKey(route)), PACE_FADE_MS, at, USUAL_SPREAD, SPREAD_PRIOR_S)
  }

  #linkShare(link: Link, at: TimeMs): number {
    return mean(this.#links.get(linkKey(link)), LINK_FADE_MS, at, 1, LINK_PRIOR_S)
  }
}

/** Of what was learned, as if `prior` of the weight had been `usual`. */
function mean(sums: Sums | undefined, fadeMs: number, at: TimeMs, usual: number, prior: number): number {
  if (sums === undefined) return usual
  const left = faded(sums, fadeMs, at)
  return (sums.takenS * left + usual * prior) / (sums.weight * left + prior)
}

function add(
  all: Map<string, Sums>,
  key: string,
  fadeMs: number,
  at: TimeMs,
  takenS: number,
  weight: number,
): void {
  const sums = all.get(key) ?? { takenS: 0, weight: 0, time: at }
  const left = faded(sums, fadeMs, at)
  sums.takenS = sums.takenS * left + takenS
  sums.weight = sums.weight * left + weight
  sums.time = Math.max(sums.time, at)
  all.set(key, sums)
}

function faded(sums: Sums, fadeMs: number, at: TimeMs): number {
  return Math.exp(-Math.max(0, at - sums.time) / fadeMs)
}

function routeKey({ route, direction }: RouteDirection): string {
  return `${route}|${direction}`
}

function linkKey({ route, direction, from, to }: Link): string {
  return `${route}|${direction}|${from}|${to}`
}
