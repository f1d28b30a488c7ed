// The village's public transport as the API needs it, built once at the start from its GTFS: routes, stops, and for each
// trip where along its shape each stop lies and how long after the start it is reached.

import type { RoutesAnswer, StopsAnswer } from '../../contract/api.ts'

export interface PlannedStop {
  readonly id: string
  /** `stop_sequence`. */
  readonly sequence: number
  /** Metres along the trip's shape. */
  readonly alongM: number
  /** Seconds after the trip's first departure (domain C3). */
  readonly arrivalS: number
  readonly departureS: number
}

export interface PlannedTrip {
  readonly id: string
  readonly route: string
  readonly direction: 0 | 1
  readonly headsign: string
  readonly service: string
  readonly stops: readonly PlannedStop[]
  /** Seconds of the service day; of no meaning where there are frequencies. */
  readonly firstDepartureS: number
  readonly frequencies: readonly Frequency[]
}

/** Seconds of the service day, `endS` not included. */
export interface Frequency {
  readonly startS: number
  readonly endS: number
  readonly headwayS: number
  readonly exact: boolean
}

export interface TransitPlan {
  readonly routes: RoutesAnswer['routes']
  /** In order of id. */
  readonly stops: StopsAnswer['stops']
  readonly source: string | null
  readonly trips: ReadonlyMap<string, PlannedTrip>
  /** Trips that call at a stop. */
  readonly tripsAt: ReadonlyMap<string, readonly PlannedTrip[]>
  /** Services that run on a day, `YYYYMMDD` (domain C1). */
  readonly servicesOn: (date: string) => ReadonlySet<string>
}

/** Of a village without public transport. */
export const NO_TRANSIT: TransitPlan = {
  routes: [],
  stops: [],
  source: null,
  trips: new Map(),
  tripsAt: new Map(),
  servicesOn: () => new Set(),
}

/** Seconds after the trip's start at which it is so far along by its template: linear between the stops (domain C7). */
export function offsetAt(trip: PlannedTrip, alongM: number): number {
  const ahead = trip.stops.findIndex((stop) => stop.alongM > alongM)
  const next = trip.stops[ahead]
  const last = trip.stops.at(ahead === -1 ? -1 : ahead - 1)
  if (ahead === 0 || last === undefined) return next?.arrivalS ?? 0
  if (next === undefined) return last.departureS
  const share = (alongM - last.alongM) / (next.alongM - last.alongM)
  return last.departureS + share * (next.arrivalS - last.departureS)
}
