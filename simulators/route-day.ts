// One day of a route: its vehicles go out spaced by a headway and run the trips of both directions in turn. Who follows
// too closely finds fewer people at the stops, dwells shorter and catches up: buses bunch by themselves (Newell and Potts
// 1964). The whole day of a route is run at once, since vehicles depend on each other.

import { HOUR, MINUTE, SECOND, type TimeMs } from '../contract/time.ts'
import { logNormal, type Random } from './random.ts'

/** A trip as the simulator needs it: where its stops lie along its shape, and the seconds between them by the feed. */
export interface Pattern {
  readonly trip: string
  readonly route: string
  readonly direction: 0 | 1
  /** Metres along the shape, rising. */
  readonly stops: readonly { readonly id: string; readonly alongM: number; readonly offsetS: number }[]
}

/** Where a vehicle is at a time: breakpoints, linear between them. */
export interface Run {
  readonly pattern: Pattern
  readonly times: readonly TimeMs[]
  readonly alongM: readonly number[]
  readonly arrivals: readonly { readonly stop: string; readonly from: TimeMs; readonly to: TimeMs }[]
}

/** Each vehicle's runs of the day, in order. */
export type RouteDay = readonly (readonly Run[])[]

const DWELL_LEAST_MS = 8 * SECOND
const DWELL_MOST_MS = 75 * SECOND
/** People who come to a stop while no bus does, times the seconds each takes to board. */
const DWELL_SHARE_OF_GAP = 0.03
const USUAL_GAP_MS = 12 * MINUTE
const LAYOVER_MS = 4 * MINUTE
/** The feed's template runs at walking-the-bus speed everywhere; links differ from it by this much. */
const LINK_SPREAD = 0.18
/** 80 km/h: the feed gives some links less time than any bus or train takes. */
const FASTEST_M_S = 22

export interface RouteDayPlan {
  /** Patterns to run in turn: out, back. */
  readonly patterns: readonly Pattern[]
  readonly vehicles: number
  readonly start: TimeMs
  readonly end: TimeMs
  /** How much slower than usual the traffic is at a time; 1 is usual. */
  readonly traffic: (time: TimeMs) => number
}

interface VehicleState {
  readonly runs: Run[]
  pattern: number
  stop: number
  time: TimeMs
  times: TimeMs[]
  alongM: number[]
  arrivals: { stop: string; from: TimeMs; to: TimeMs }[]
}

export function runRouteDay(plan: RouteDayPlan, random: Random): RouteDay {
  const cycleMs = plan.patterns.reduce((sum, pattern) => sum + durationMs(pattern) + LAYOVER_MS, 0)
  const vehicles = Array.from({ length: plan.vehicles }, (_, index) =>
    placeOnCycle(plan, (index / plan.vehicles) * cycleMs),
  )
  const lastDeparture = new Map<string, TimeMs>()
  for (;;) {
    const next = vehicles.reduce((first, other) => (other.time < first.time ? other : first))
    if (next.time >= plan.end) break
    advance(next, plan, lastDeparture, random)
  }
  return vehicles.map((vehicle) => {
    if (vehicle.times.length > 1) closeRun(vehicle, plan)
    return vehicle.runs
  })
}

function durationMs(pattern: Pattern): number {
  return (pattern.stops.at(-1)?.offsetS ?? 0) * SECOND
}

/** A vehicle that begins the day in the middle of the cycle, at the next stop of the trip that it would be on. */
function placeOnCycle(plan: RouteDayPlan, intoCycleMs: number): VehicleState {
  let left = intoCycleMs
  let index = 0
  for (; index < plan.patterns.length - 1; index += 1) {
    const pattern = plan.patterns[index]
    const length = pattern === undefined ? 0 : durationMs(pattern) + LAYOVER_MS
    if (left < length) break
    left -= length
  }
  const stops = plan.patterns[index]?.stops ?? []
  const found = stops.findIndex((stop) => stop.offsetS * SECOND >= left)
  const stop = Math.min(Math.max(0, found), Math.max(0, stops.length - 2))
  return { runs: [], pattern: index, stop, time: plan.start, times: [], alongM: [], arrivals: [] }
}

/** Arrives at the vehicle's stop, dwells, and goes on to the next; or turns round at the end. */
function advance(
  vehicle: VehicleState,
  plan: RouteDayPlan,
  lastDeparture: Map<string, TimeMs>,
  random: Random,
): void {
  const pattern = plan.patterns[vehicle.pattern]
  const stop = pattern?.stops[vehicle.stop]
  const next = pattern?.stops[vehicle.stop + 1]
  if (pattern === undefined || stop === undefined) return
  const place = `${pattern.trip}/${vehicle.stop}`
  const gapMs = Math.min(HOUR, vehicle.time - (lastDeparture.get(place) ?? vehicle.time - USUAL_GAP_MS))
  const dwellMs = Math.min(
    DWELL_MOST_MS,
    DWELL_LEAST_MS + DWELL_SHARE_OF_GAP * gapMs * (0.7 + 0.6 * random()),
  )
  const departure = Math.round(vehicle.time + dwellMs)
  mark(vehicle, vehicle.time, stop.alongM)
  mark(vehicle, departure, stop.alongM)
  vehicle.arrivals.push({ stop: stop.id, from: vehicle.time, to: departure })
  lastDeparture.set(place, departure)
  if (next === undefined) {
    closeRun(vehicle, plan)
    return
  }
  const linkMs = (next.offsetS - stop.offsetS) * SECOND - DWELL_LEAST_MS
  const speed = logNormal(random, 1, LINK_SPREAD)
  const leastMs = Math.max(5 * SECOND, ((next.alongM - stop.alongM) / FASTEST_M_S) * SECOND)
  vehicle.time = Math.round(departure + Math.max(leastMs, linkMs * plan.traffic(departure) * speed))
  vehicle.stop += 1
}

function mark(vehicle: VehicleState, time: TimeMs, alongM: number): void {
  vehicle.times.push(time)
  vehicle.alongM.push(alongM)
}

function closeRun(vehicle: VehicleState, plan: RouteDayPlan): void {
  const pattern = plan.patterns[vehicle.pattern]
  if (pattern !== undefined) {
    vehicle.runs.push({ pattern, times: vehicle.times, alongM: vehicle.alongM, arrivals: vehicle.arrivals })
  }
  vehicle.time = (vehicle.times.at(-1) ?? vehicle.time) + LAYOVER_MS
  vehicle.pattern = (vehicle.pattern + 1) % plan.patterns.length
  vehicle.stop = 0
  vehicle.times = []
  vehicle.alongM = []
  vehicle.arrivals = []
}

/** Metres along the run's shape at a time; null before its begin and behind its end. */
export function alongAt(run: Run, time: TimeMs): number | null {
  const { times, alongM } = run
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((times[middle] ?? 0) <= time) low = middle + 1
    else high = middle
  }
  const before = low - 1
  const from = times[before]
  const to = times[before + 1]
  const start = alongM[before]
  const end = alongM[before + 1]
  if (from === undefined || start === undefined) return null
  if (to === undefined || end === undefined) return time === from ? start : null
  return start + ((end - start) * (time - from)) / (to - from)
}
