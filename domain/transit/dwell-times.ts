// How long vehicles stand at stops: longer the longer ago the one before left, since more people wait, and the one behind finds few (Newell
// and Potts 1964, Maintaining a bus schedule; Daganzo 2009, A headway-based approach to eliminate bus bunching). The relation is learned
// for each route by classes of headway, and each stop's share in it, by exponential smoothing. [rule]: no source binds the weights.

import { HOUR, type TimeMs } from '../../contract/time.ts'
import { FadingRatios } from './fading-ratios.ts'
import type { Stand } from './travel-times.ts'

const ROUTE_FADE_MS = HOUR
const HEADWAY_FADE_MS = 3 * HOUR
/** Where many get on stays so. */
const STOP_FADE_MS = 12 * HOUR

/** Stands, and for a stop's share seconds of them, that count as usual before anything was learned. */
const ROUTE_PRIOR = 2
const HEADWAY_PRIOR = 2
const STOP_PRIOR_S = 200

/** Up to which headway each class reaches; the last one is open. */
const HEADWAY_CLASSES_S = [30, 120, 300, 600, 900, 1_500] as const

export class DwellTimes {
  readonly #routes = new FadingRatios(ROUTE_FADE_MS, ROUTE_PRIOR)
  readonly #headways = new FadingRatios(HEADWAY_FADE_MS, HEADWAY_PRIOR)
  readonly #stops = new FadingRatios(STOP_FADE_MS, STOP_PRIOR_S)

  /** Takes in that a vehicle stood for so many seconds. */
  learn(stand: Stand, takenS: number, at: TimeMs): void {
    const [usualS, share] = [this.#usualS(stand, at), this.#stopShare(stand, at)]
    const route = `${stand.route}|${stand.direction}`
    this.#stops.add(`${route}|${stand.stop}`, at, takenS, usualS)
    this.#routes.add(route, at, takenS, share)
    if (stand.headwayS !== null) this.#headways.add(`${route}|${classOf(stand.headwayS)}`, at, takenS, share)
  }

  /** Seconds of a stand now. */
  expectedS(stand: Stand, at: TimeMs): number {
    return this.#usualS(stand, at) * this.#stopShare(stand, at)
  }

  /** At any stop of the route after such a headway. */
  #usualS({ route, direction, headwayS, templateS }: Stand, at: TimeMs): number {
    const key = `${route}|${direction}`
    const ofRouteS = this.#routes.ratio(key, at, templateS)
    return headwayS === null ? ofRouteS : this.#headways.ratio(`${key}|${classOf(headwayS)}`, at, ofRouteS)
  }

  #stopShare({ route, direction, stop }: Stand, at: TimeMs): number {
    return this.#stops.ratio(`${route}|${direction}|${stop}`, at, 1)
  }
}

function classOf(headwayS: number): number {
  const index = HEADWAY_CLASSES_S.findIndex((most) => headwayS <= most)
  return index === -1 ? HEADWAY_CLASSES_S.length : index
}
