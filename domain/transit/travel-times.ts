// How fast vehicles get on, learned from those that pass. A template of a trip that runs by headway holds one synthetic run, so its
// seconds between stops are a beginning only. Learned are the pace of a route (seconds taken over seconds of the template), which follows
// the traffic; the pace of all routes together, which tells of the traffic where no vehicle of the route has passed of late; and a link's
// own share in it, which is what the template has wrong between two stops. How long vehicles stand is `dwell-times.ts`. [rule]: no source
// binds the weights.

import { HOUR, MINUTE, type TimeMs } from '../../contract/time.ts'
import { DwellTimes } from './dwell-times.ts'
import { FadingRatios } from './fading-ratios.ts'

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

/** A stand at a stop. */
export interface Stand extends RouteDirection {
  readonly stop: string
  /** Seconds of the template. */
  readonly templateS: number
  /** Seconds since the one before left the stop; null where none was seen to. */
  readonly headwayS: number | null
}

/** Traffic changes within the hour. */
const PACE_FADE_MS = 20 * MINUTE
const NETWORK_FADE_MS = 15 * MINUTE
/** What a template has wrong between two stops stays so. */
const DAY_FADE_MS = 12 * HOUR

/** Seconds of a template that count as usual before anything was learned. */
const PACE_PRIOR_S = 900
const NETWORK_PRIOR_S = 2_000
const DAY_PRIOR_S = 300
const LINK_PRIOR_S = 1_200
const SPREAD_PRIOR_S = 600

/** A vehicle that takes less or more than this of its template was lost, parked or badly matched. */
const LEAST_PACE = 0.2
const MOST_PACE = 5
/** One that stands longer has ended its run, or has a break. */
export const LONGEST_DWELL_S = 300

const NETWORK = 'all'

/** Seconds squared by which the way errs, for each second of it, before anything was learned: 5 minutes err by 42 s. */
export const USUAL_SPREAD = 6

/** What was learned of all routes of a feed: some numbers a link, however long it runs. */
export class TravelTimes {
  readonly #paces = new FadingRatios(PACE_FADE_MS, PACE_PRIOR_S)
  /** All routes of late, over what their days so far let expect. */
  readonly #network = new FadingRatios(NETWORK_FADE_MS, NETWORK_PRIOR_S)
  readonly #dayPaces = new FadingRatios(DAY_FADE_MS, DAY_PRIOR_S)
  readonly #links = new FadingRatios(DAY_FADE_MS, LINK_PRIOR_S)
  readonly #squares = new FadingRatios(PACE_FADE_MS, SPREAD_PRIOR_S)
  readonly #dwells = new DwellTimes()

  /** Takes in that a vehicle took so many seconds for a link, which it ended at `at`; false when that cannot be. */
  learnRun(link: Link, takenS: number, at: TimeMs): boolean {
    const { templateS } = link
    const share = takenS / templateS
    if (!(templateS > 0 && share >= LEAST_PACE && share <= MOST_PACE)) return false
    const [route, own] = [routeKey(link), linkKey(link)]
    const error = takenS - this.runS(link, at)
    this.#squares.add(route, at, error ** 2, templateS)
    const pace = this.pace(link, at)
    // The route learns what the link's own share does not tell, and the other way round.
    const expectedS = templateS * this.#linkShare(link, at)
    this.#network.add(NETWORK, at, takenS, expectedS * this.#dayPaces.ratio(route, at, 1))
    this.#paces.add(route, at, takenS, expectedS)
    this.#dayPaces.add(route, at, takenS, expectedS)
    this.#links.add(own, at, takenS, templateS * pace)
    return true
  }

  /** Takes in that a vehicle stood so many seconds at a stop, which it left at `at`; false when that was no stand. */
  learnDwell(stand: Stand, takenS: number, at: TimeMs): boolean {
    if (takenS > LONGEST_DWELL_S) return false
    const error = takenS - this.dwellS(stand, at)
    this.#squares.add(routeKey(stand), at, error ** 2, 0)
    this.#dwells.learn(stand, takenS, at)
    return true
  }

  /** Seconds that a link takes now. */
  runS(link: Link, at: TimeMs): number {
    return link.templateS * this.pace(link, at) * this.#linkShare(link, at)
  }

  /** Seconds that a route takes now over those of its templates; 1 before anything was learned. */
  pace(route: RouteDirection, at: TimeMs): number {
    const key = routeKey(route)
    const usual = this.#dayPaces.ratio(key, at, 1) * this.#network.ratio(NETWORK, at, 1)
    return this.#paces.ratio(key, at, usual)
  }

  /** Seconds of a stand now, those of the template before anything was learned. */
  dwellS(stand: Stand, at: TimeMs): number {
    return this.#dwells.expectedS(stand, at)
  }

  /** Seconds squared for each second of a template by which ways and stands have differed from what was expected. */
  spreadS2(route: RouteDirection, at: TimeMs): number {
    return this.#squares.ratio(routeKey(route), at, USUAL_SPREAD)
  }

  #linkShare(link: Link, at: TimeMs): number {
    return this.#links.ratio(linkKey(link), at, 1)
  }
}

export function routeKey({ route, direction }: RouteDirection): string {
  return `${route}|${direction}`
}

function linkKey({ route, direction, from, to }: Link): string {
  return `${route}|${direction}|${from}|${to}`
}
