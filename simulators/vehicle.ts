// A bus: it reports where its run of the day has it, with the error of a cheap GNSS receiver, gaps under viaducts, and how
// full it is.

import type { Occupancy } from '../contract/observation.ts'
import { DAY, HOUR, MINUTE, SECOND, type TimeMs } from '../contract/time.ts'
import { occupancyOf } from '../domain/transit/occupancy.ts'
import { type DeviceModel, localDay, localHour, type Sample, type Truth } from './device-model.ts'
import { randomOf, smoothNoise } from './random.ts'
import { alongAt, type Pattern, type RouteDay, type Run, runRouteDay } from './route-day.ts'

export interface PlaceOnShape {
  readonly lat: number
  readonly lon: number
  /** Degrees from true north. */
  readonly bearing: number
}

/** A route that vehicles can run on. */
export interface Fleet {
  readonly route: string
  /** Trips to run in turn: out, back. */
  readonly patterns: readonly Pattern[]
  /** Where a trip's shape is at so many metres along. */
  readonly placeAt: (trip: string, alongM: number) => PlaceOnShape
}

export interface FleetPlan extends Fleet {
  readonly vehicles: readonly { readonly id: string; readonly everyMs: number }[]
}

/**
 * The simulated fleet runs all night, so that a visitor sees buses at any hour; each morning it begins anew from its depots
 * after a quarter of an hour in which none reports.
 */
const DAY_BEGINS_HOUR = 3
const BREAK_MS = 15 * MINUTE

const SEATS = 24
const CAPACITY = 60
const METRES_A_DEGREE = 111_195.08

/** The vehicles of one route. */
export function fleetModels(seed: number, plan: FleetPlan, utcOffsetMs: number): readonly DeviceModel[] {
  const days = new Map<number, RouteDay>()
  const shiftMs = utcOffsetMs - DAY_BEGINS_HOUR * HOUR
  const dayAt = (time: TimeMs): RouteDay => {
    const day = localDay(time, shiftMs)
    const known = days.get(day)
    if (known !== undefined) return known
    const start = day * DAY - shiftMs
    const run = runRouteDay(
      {
        patterns: plan.patterns,
        vehicles: plan.vehicles.length,
        start,
        end: start + DAY - BREAK_MS,
        traffic: (at) => traffic(seed, plan.route, at, utcOffsetMs),
      },
      randomOf(seed, 'route', plan.route, day),
    )
    days.set(day, run)
    if (days.size > 3) days.delete(Math.min(...days.keys()))
    return run
  }
  return plan.vehicles.map((vehicle, index) =>
    vehicleModel(seed, vehicle, plan, (time) => dayAt(time)[index] ?? [], utcOffsetMs),
  )
}

/** Morning and evening peaks, and each route's own day. */
function traffic(seed: number, route: string, time: TimeMs, utcOffsetMs: number): number {
  const hour = localHour(time, utcOffsetMs)
  const peak = Math.exp(-(((hour - 7.5) / 1.4) ** 2)) + 1.15 * Math.exp(-(((hour - 17.8) / 1.7) ** 2))
  const night = hour < 5 || hour > 22 ? -0.2 : 0
  return 0.85 + night + 0.55 * peak + 0.15 * smoothNoise(seed, `traffic/${route}`, time, 40 * MINUTE)
}

function vehicleModel(
  seed: number,
  vehicle: { readonly id: string; readonly everyMs: number },
  plan: FleetPlan,
  runsAt: (time: TimeMs) => readonly Run[],
  utcOffsetMs: number,
): DeviceModel {
  const place = randomOf(seed, 'vehicle', vehicle.id)
  const phaseMs = Math.floor(place() * vehicle.everyMs)
  /** Under a viaduct or out of the cell for a minute or two, some times a day. */
  const isInGap = (time: TimeMs): boolean =>
    randomOf(seed, 'gap', vehicle.id, Math.floor(time / (2 * MINUTE)))() < 0.012

  return {
    id: vehicle.id,
    kind: 'vehicle',
    everyMs: vehicle.everyMs,
    phaseMs,
    isReachable: () => true,
    deviceTime: (time) => time,
    sampleAt(time) {
      if (isInGap(time)) return null
      const run = runsAt(time).find((candidate) => alongAt(candidate, time) !== null)
      if (run === undefined) return null
      return sampleOnRun(seed, vehicle.id, plan, run, time, utcOffsetMs)
    },
    truth(from, to) {
      return daysIn(from, to, utcOffsetMs).flatMap((time) => [
        ...arrivalsBetween(vehicle.id, plan.route, runsAt(time), from, to),
      ])
    },
  }
}

/** A moment of each of the fleet's days that [from, to) touches. */
function daysIn(from: TimeMs, to: TimeMs, utcOffsetMs: number): readonly TimeMs[] {
  const shiftMs = utcOffsetMs - DAY_BEGINS_HOUR * HOUR
  const first = localDay(from, shiftMs)
  const count = Math.max(0, localDay(to - 1, shiftMs) - first + 1)
  return Array.from({ length: count }, (_, index) => (first + index) * DAY - shiftMs)
}

function sampleOnRun(
  seed: number,
  id: string,
  plan: FleetPlan,
  run: Run,
  time: TimeMs,
  utcOffsetMs: number,
): Sample {
  const alongM = alongAt(run, time) ?? 0
  const beforeM = alongAt(run, time - 4 * SECOND) ?? alongM
  const speed = Math.max(0, (alongM - beforeM) / 4)
  const { lat, lon, bearing } = plan.placeAt(run.pattern.trip, alongM)
  // The error of a fix wanders slowly; houses reflect the satellites' signals.
  const northM = 6 * smoothNoise(seed, `${id}/north`, time, 45 * SECOND)
  const eastM = 6 * smoothNoise(seed, `${id}/east`, time, 45 * SECOND)
  const passengers = passengersAt(seed, id, run, time, utcOffsetMs)
  return {
    values: { speed: round(speed, 1), passengers, door: speed === 0 ? 1 : 0 },
    position: {
      lat: round(lat + northM / METRES_A_DEGREE, 6),
      lon: round(lon + eastM / (METRES_A_DEGREE * Math.cos((lat * Math.PI) / 180)), 6),
      speed: round(speed, 1),
      bearing: round(bearing, 0) % 360,
      accuracy: round(4 + 3 * Math.abs(smoothNoise(seed, `${id}/accuracy`, time, MINUTE)), 1),
    },
    trip: run.pattern.trip,
    route: run.pattern.route,
    direction: run.pattern.direction,
    occupancy: occupancyOf({ passengers, seats: SEATS, capacity: CAPACITY }).status satisfies Occupancy,
  }
}

/** Fills towards the middle of a trip, more so in the peaks; changes at stops only. */
function passengersAt(seed: number, id: string, run: Run, time: TimeMs, utcOffsetMs: number): number {
  const passed = run.arrivals.filter((arrival) => arrival.from <= time).length
  const share = run.arrivals.length === 0 ? 0 : passed / run.arrivals.length
  const hour = localHour(time, utcOffsetMs)
  const demand =
    0.25 + 0.6 * Math.exp(-(((hour - 7.5) / 2) ** 2)) + 0.65 * Math.exp(-(((hour - 17.5) / 2.5) ** 2))
  const random = randomOf(seed, 'passengers', id, run.pattern.trip, passed, run.times[0] ?? 0)
  return Math.round(CAPACITY * demand * Math.sin(Math.PI * share) * (0.7 + 0.5 * random()))
}

function* arrivalsBetween(
  vehicle: string,
  route: string,
  runs: readonly Run[],
  from: TimeMs,
  to: TimeMs,
): Generator<Truth> {
  for (const run of runs) {
    for (const arrival of run.arrivals) {
      if (arrival.from < from || arrival.from >= to) continue
      yield {
        type: 'arrival',
        vehicle,
        route,
        trip: run.pattern.trip,
        stop: arrival.stop,
        from: arrival.from,
        to: arrival.to,
      }
    }
  }
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits
}
