// How fast vehicles get on, learned from those that pass. A template of a trip that runs by headway holds one synthetic run, so its
// seconds between stops are a beginning only: the pace of a route (seconds taken over seconds of the template, newest first) follows
// the traffic, and a link's own share in it what the template has wrong between two stops. [rule]: no source binds the weights.

import { HOUR, MINUTE, type TimeMs } from '../../contract/time.ts'

/** The way from one stop to the next, of a route in one direction. */
export interface Link {
  readonly route: string
  readonly direction: 0 | 1
  readonly from: string
  readonly to: string
  /** Seconds from the arrival at one to the arrival at the other, by the template. */
  readonly templateS: number
}

/** Sums that fade: what was learned a while ago weighs less, by 1/e after `fadeMs`. */
interface Sums {
  takenS: number
  expectedS: number
  squaresS2: number
  time: TimeMs
}

/** Traffic changes within the hour. */
const ROUTE_FADE_MS = 20 * MINUTE
/** What a template has wrong between two stops stays so. */
const LINK_FADE_MS = 12 * HOUR
/** So many seconds of the template count for the usual pace, before anything was learned. */
const ROUTE_PRIOR_S = 300
const LINK_PRIOR_S = 240
/** A vehicle that takes less or more than this of its template was lost, parked or badly matched. */
const LEAST_PACE = 0.2
const MOST_PACE = 5

/** Seconds squared by which the way errs, for each second of it, before anything was learned: 5 minutes err by 42 s. */
export const USUAL_SPREAD = 6
const SPREAD_PRIOR_S = 600

/** Learned paces of all routes of a feed: some numbers a link, however long it runs. */
export class Paces {
  readonly #routes = new Map<string, Sums>()
  readonly #links = new Map<string, Sums>()

  /** Takes in that a vehicle took so many seconds for a link, which it ended at `at`. */
  learn(link: Link, takenS: number, at: TimeMs): void {
    const { templateS } = link
    const ratio = takenS / templateS
    if (!(templateS > 0) || !(ratio >= LEAST_PACE && ratio <= MOST_PACE)) return
    const routePace = this.routePace(link, at)
    const error = takenS - templateS * this.paceOf(link, at)
    add(this.#links, linkKey(link), LINK_FADE_MS, at, takenS, templateS * routePace, 0)
    // The route learns what the link's own share does not tell.
    const expectedS = templateS * this.#linkShare(link, at)
    add(this.#routes, routeKey(link), ROUTE_FADE_MS, at, takenS, expectedS, error * error)
  }

  /** Seconds that a link takes now over those of its template; 1 before anything was learned. */
  paceOf(link: Link, at: TimeMs): number {
    return this.routePace(link, at) * this.#linkShare(link, at)
  }

  /** The same of a route and direction as a whole. */
  routePace(route: Pick<Link, 'route' | 'direction'>, at: TimeMs): number {
    return share(this.#routes.get(routeKey(route)), ROUTE_FADE_MS, at, ROUTE_PRIOR_S)
  }

  /** Seconds squared for each second ahead by which predictions on this route have erred of late. */
  spreadOf(route: Pick<Link, 'route' | 'direction'>, at: TimeMs): number {
    const sums = this.#routes.get(routeKey(route))
    if (sums === undefined) return USUAL_SPREAD
    const weight = faded(sums, ROUTE_FADE_MS, at)
    return (
      (sums.squaresS2 * weight + USUAL_SPREAD * SPREAD_PRIOR_S) / (sums.expectedS * weight + SPREAD_PRIOR_S)
    )
  }

  #linkShare(link: Link, at: TimeMs): number {
    return share(this.#links.get(linkKey(link)), LINK_FADE_MS, at, LINK_PRIOR_S)
  }
}

function share(sums: Sums | undefined, fadeMs: number, at: TimeMs, priorS: number): number {
  if (sums === undefined) return 1
  const weight = faded(sums, fadeMs, at)
  return (sums.takenS * weight + priorS) / (sums.expectedS * weight + priorS)
}

function add(
  all: Map<string, Sums>,
  key: string,
  fadeMs: number,
  at: TimeMs,
  takenS: number,
  expectedS: number,
  squareS2: number,
): void {
  const sums = all.get(key) ?? { takenS: 0, expectedS: 0, squaresS2: 0, time: at }
  const weight = faded(sums, fadeMs, at)
  sums.takenS = sums.takenS * weight + takenS
  sums.expectedS = sums.expectedS * weight + expectedS
  sums.squaresS2 = sums.squaresS2 * weight + squareS2
  sums.time = Math.max(sums.time, at)
  all.set(key, sums)
}

function faded(sums: Sums, fadeMs: number, at: TimeMs): number {
  return Math.exp(-Math.max(0, at - sums.time) / fadeMs)
}

function routeKey({ route, direction }: Pick<Link, 'route' | 'direction'>): string {
  return `${route}|${direction}`
}

function linkKey({ route, direction, from, to }: Link): string {
  return `${route}|${direction}|${from}|${to}`
}
