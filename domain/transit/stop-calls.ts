// Which vehicles of a route came to each stop and left it, as far back as a departure says something of the next (domain C9). Memory is
// bounded by the stops of the feed.

import { HOUR, MINUTE, SECOND, type TimeMs } from '../../contract/time.ts'
import { LONGEST_DWELL_S, type RouteDirection, routeKey } from './travel-times.ts'

export interface Departure {
  readonly vehicle: string
  readonly time: TimeMs
}

interface Call extends Departure {
  readonly type: 'came' | 'left'
}

/** A departure that is older says nothing of the next. */
export const DEPARTURES_KEPT_MS = 3 * HOUR
const DEPARTURES_MOST = 64
/** Over a longer gap between two fixes the time at a stop is a guess. */
export const CALL_GAP_MS = 3 * MINUTE

export class StopCalls {
  readonly #departures = new Map<string, Departure[]>()
  readonly #last = new Map<string, Call>()

  /** Takes in that a vehicle came; returns seconds since the one before left, 0 while that stands there, null when none was seen. */
  came(route: RouteDirection, stop: string, { vehicle, time }: Departure): number | null {
    const key = keyOf(route, stop)
    const before = this.#last.get(key)
    this.#last.set(key, { vehicle, time, type: 'came' })
    if (before === undefined || time - before.time > DEPARTURES_KEPT_MS) return null
    const sinceS = Math.max(0, (time - before.time) / SECOND)
    const isThere = before.type === 'came' && before.vehicle !== vehicle && sinceS <= LONGEST_DWELL_S
    return isThere ? 0 : sinceS
  }

  left(route: RouteDirection, stop: string, { vehicle, time }: Departure): void {
    const key = keyOf(route, stop)
    this.#last.set(key, { vehicle, time, type: 'left' })
    const kept = this.#departures.get(key) ?? []
    const fresh = kept.filter((departure) => time - departure.time <= DEPARTURES_KEPT_MS)
    fresh.push({ vehicle, time })
    fresh.sort((a, b) => a.time - b.time)
    this.#departures.set(key, fresh.slice(-DEPARTURES_MOST))
  }

  /** When one was last at a stop; null when none was in the last three hours. */
  lastAt(route: RouteDirection, stop: string, now: TimeMs): TimeMs | null {
    const time = this.#last.get(keyOf(route, stop))?.time
    return time === undefined || now - time > DEPARTURES_KEPT_MS ? null : time
  }

  /** Of the last three hours, in order of time. */
  departures(route: RouteDirection, stop: string, now: TimeMs): readonly Departure[] {
    const all = this.#departures.get(keyOf(route, stop)) ?? []
    return all.filter(({ time }) => now - time <= DEPARTURES_KEPT_MS && time <= now)
  }
}

function keyOf(route: RouteDirection, stop: string): string {
  return `${routeKey(route)}|${stop}`
}
