// Makes the plan of the village's public transport out of the tables of its GTFS (google/transit, Schedule Reference).

import { readFileSync } from 'node:fs'
import type { RoutesAnswer, StopsAnswer } from '../../contract/api.ts'
import { columnOf, type Feed, readFeed, rowsOf } from '../../runtime/gtfs-feed.ts'
import type { LoadedVillage } from '../../runtime/village.ts'
import { type LatLonPoint, placeStops, type ShapeLine, shapeLine } from './shape-line.ts'
import {
  type Frequency,
  NO_TRANSIT,
  type PlannedStop,
  type PlannedTrip,
  type TransitPlan,
} from './transit-plan.ts'

/** The plan of a village; an empty one where it has no public transport. */
export function readTransitPlan({ gtfsPath }: Pick<LoadedVillage, 'gtfsPath'>): TransitPlan {
  if (gtfsPath === null) return NO_TRANSIT
  const read = readFeed(readFileSync(gtfsPath))
  // It was whole when the village was loaded, a moment ago.
  if (!read.ok) throw new Error(`${gtfsPath}: ${read.faults.join('; ')}`)
  return transitPlan(read.feed)
}

export function transitPlan(feed: Feed): TransitPlan {
  const lines = shapesOf(feed)
  const trips = new Map(tripsOf(feed, lines).map((trip) => [trip.trip.id, trip]))
  const planned = [...trips.values()].map(({ trip }) => trip)
  return {
    routes: routesOf(feed, [...trips.values()]),
    stops: stopsOf(feed, planned),
    source: sourceOf(feed),
    trips: new Map(planned.map((trip) => [trip.id, trip])),
    tripsAt: groupByStop(planned),
    servicesOn: servicesByDay(feed),
  }
}

interface TripOnLine {
  readonly trip: PlannedTrip
  readonly line: ShapeLine
}

function tripsOf(feed: Feed, lines: ReadonlyMap<string, ShapeLine>): readonly TripOnLine[] {
  const id = columnOf(feed, 'trips.txt', 'trip_id')
  const route = columnOf(feed, 'trips.txt', 'route_id')
  const service = columnOf(feed, 'trips.txt', 'service_id')
  const headsign = columnOf(feed, 'trips.txt', 'trip_headsign')
  const direction = columnOf(feed, 'trips.txt', 'direction_id')
  const shape = columnOf(feed, 'trips.txt', 'shape_id')
  const places = placesOf(feed)
  const calls = callsOf(feed)
  const frequencies = frequenciesOf(feed)
  return rowsOf(feed, 'trips.txt').flatMap((row) => {
    const called = (calls.get(id(row)) ?? []).filter((call) => places.has(call.stop))
    const first = called[0]
    if (first === undefined) return []
    const points = called.map((call) => places.get(call.stop) ?? { lat: 0, lon: 0 })
    const line = lines.get(shape(row)) ?? shapeLine(points)
    const alongM = placeStops(line, points)
    const stops = called.map(
      (call, index): PlannedStop => ({
        id: call.stop,
        sequence: call.sequence,
        alongM: alongM[index] ?? 0,
        arrivalS: call.arrivalS - first.departureS,
        departureS: call.departureS - first.departureS,
      }),
    )
    const trip: PlannedTrip = {
      id: id(row),
      route: route(row),
      direction: direction(row) === '1' ? 1 : 0,
      headsign: headsign(row),
      service: service(row),
      stops,
      firstDepartureS: first.departureS,
      frequencies: frequencies.get(id(row)) ?? [],
    }
    return [{ trip, line }]
  })
}

interface Call {
  readonly stop: string
  readonly sequence: number
  readonly arrivalS: number
  readonly departureS: number
}

/** Calls of each trip in order; those without a time lie evenly between the timed ones around them (domain C4). */
function callsOf(feed: Feed): ReadonlyMap<string, readonly Call[]> {
  const trip = columnOf(feed, 'stop_times.txt', 'trip_id')
  const stop = columnOf(feed, 'stop_times.txt', 'stop_id')
  const sequence = columnOf(feed, 'stop_times.txt', 'stop_sequence')
  const arrival = columnOf(feed, 'stop_times.txt', 'arrival_time')
  const departure = columnOf(feed, 'stop_times.txt', 'departure_time')
  const byTrip = new Map<string, Call[]>()
  for (const row of rowsOf(feed, 'stop_times.txt')) {
    const calls = byTrip.get(trip(row)) ?? []
    calls.push({
      stop: stop(row),
      sequence: Number(sequence(row)),
      arrivalS: secondsOf(arrival(row) || departure(row)),
      departureS: secondsOf(departure(row) || arrival(row)),
    })
    byTrip.set(trip(row), calls)
  }
  return new Map([...byTrip].map(([id, calls]) => [id, timed(calls.sort((a, b) => a.sequence - b.sequence))]))
}

function timed(calls: readonly Call[]): readonly Call[] {
  return calls.map((call, index) => {
    if (!Number.isNaN(call.arrivalS)) return call
    const before = calls.findLastIndex((other, at) => at < index && !Number.isNaN(other.departureS))
    const after = calls.findIndex((other, at) => at > index && !Number.isNaN(other.arrivalS))
    const [from, to] = [calls[before]?.departureS ?? 0, calls[after]?.arrivalS ?? 0]
    const time = Math.floor(from + ((to - from) * (index - before)) / (after - before) + 0.5)
    return { ...call, arrivalS: time, departureS: time }
  })
}

/** Seconds after the service day's begin of `H:MM:SS`; NaN of an empty text. */
export function secondsOf(text: string): number {
  const [hours, minutes, seconds] = text.split(':').map(Number)
  return text === '' ? Number.NaN : (hours ?? 0) * 3_600 + (minutes ?? 0) * 60 + (seconds ?? 0)
}

function frequenciesOf(feed: Feed): ReadonlyMap<string, readonly Frequency[]> {
  const trip = columnOf(feed, 'frequencies.txt', 'trip_id')
  const start = columnOf(feed, 'frequencies.txt', 'start_time')
  const end = columnOf(feed, 'frequencies.txt', 'end_time')
  const headway = columnOf(feed, 'frequencies.txt', 'headway_secs')
  const exact = columnOf(feed, 'frequencies.txt', 'exact_times')
  const byTrip = new Map<string, Frequency[]>()
  for (const row of rowsOf(feed, 'frequencies.txt')) {
    const frequency = {
      startS: secondsOf(start(row)),
      endS: secondsOf(end(row)),
      headwayS: Number(headway(row)),
      exact: exact(row) === '1',
    }
    byTrip.set(trip(row), [...(byTrip.get(trip(row)) ?? []), frequency])
  }
  return byTrip
}

function shapesOf(feed: Feed): ReadonlyMap<string, ShapeLine> {
  const id = columnOf(feed, 'shapes.txt', 'shape_id')
  const lat = columnOf(feed, 'shapes.txt', 'shape_pt_lat')
  const lon = columnOf(feed, 'shapes.txt', 'shape_pt_lon')
  const sequence = columnOf(feed, 'shapes.txt', 'shape_pt_sequence')
  const byShape = new Map<string, (LatLonPoint & { sequence: number })[]>()
  for (const row of rowsOf(feed, 'shapes.txt')) {
    const points = byShape.get(id(row)) ?? []
    points.push({ lat: Number(lat(row)), lon: Number(lon(row)), sequence: Number(sequence(row)) })
    byShape.set(id(row), points)
  }
  return new Map(
    [...byShape].map(([shape, points]) => [shape, shapeLine(points.sort((a, b) => a.sequence - b.sequence))]),
  )
}

function placesOf(feed: Feed): ReadonlyMap<string, LatLonPoint> {
  const id = columnOf(feed, 'stops.txt', 'stop_id')
  const lat = columnOf(feed, 'stops.txt', 'stop_lat')
  const lon = columnOf(feed, 'stops.txt', 'stop_lon')
  return new Map(
    rowsOf(feed, 'stops.txt').map((row) => [id(row), { lat: Number(lat(row)), lon: Number(lon(row)) }]),
  )
}

function stopsOf(feed: Feed, trips: readonly PlannedTrip[]): StopsAnswer['stops'] {
  const id = columnOf(feed, 'stops.txt', 'stop_id')
  const name = columnOf(feed, 'stops.txt', 'stop_name')
  const places = placesOf(feed)
  const tripsAt = groupByStop(trips)
  return rowsOf(feed, 'stops.txt')
    .flatMap((row) => {
      const position = places.get(id(row))
      const calling = tripsAt.get(id(row))
      if (position === undefined || calling === undefined) return []
      const routes = [...new Set(calling.map((trip) => trip.route))].sort()
      return [{ id: id(row), name: name(row), position, routes }]
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

function groupByStop(trips: readonly PlannedTrip[]): ReadonlyMap<string, readonly PlannedTrip[]> {
  const byStop = new Map<string, PlannedTrip[]>()
  for (const trip of trips) {
    for (const stop of new Set(trip.stops.map(({ id }) => id))) {
      byStop.set(stop, [...(byStop.get(stop) ?? []), trip])
    }
  }
  return byStop
}

function routesOf(feed: Feed, trips: readonly TripOnLine[]): RoutesAnswer['routes'] {
  const id = columnOf(feed, 'routes.txt', 'route_id')
  const short = columnOf(feed, 'routes.txt', 'route_short_name')
  const long = columnOf(feed, 'routes.txt', 'route_long_name')
  const color = columnOf(feed, 'routes.txt', 'route_color')
  const text = columnOf(feed, 'routes.txt', 'route_text_color')
  const type = columnOf(feed, 'routes.txt', 'route_type')
  const weekdays = weekdaysOf(feed)
  return rowsOf(feed, 'routes.txt').flatMap((row) => {
    const own = trips.filter(({ trip }) => trip.route === id(row))
    if (own.length === 0) return []
    return [
      {
        id: id(row),
        shortName: short(row) || id(row),
        longName: long(row),
        color: color(row) === '' ? null : `#${color(row).toLowerCase()}`,
        textColor: text(row) === '' ? null : `#${text(row).toLowerCase()}`,
        type: Number(type(row)),
        directions: ([0, 1] as const).flatMap((direction) => directionOf(own, direction, weekdays)),
      },
    ]
  })
}

type Direction = RoutesAnswer['routes'][number]['directions'][number]

/** A direction is told by its trip with the most stops; its headways are those of all its trips. */
function directionOf(
  trips: readonly TripOnLine[],
  direction: 0 | 1,
  weekdays: ReadonlyMap<string, readonly number[]>,
): readonly Direction[] {
  const own = trips.filter(({ trip }) => trip.direction === direction)
  const longest = own.toSorted((a, b) => b.trip.stops.length - a.trip.stops.length)[0]
  if (longest === undefined) return []
  return [
    {
      direction,
      headsign: longest.trip.headsign,
      stops: longest.trip.stops.map(({ id }) => id),
      shape: longest.line.points.map(({ lat, lon }) => [lon, lat]),
      headways: own.flatMap(({ trip }) =>
        trip.frequencies.map(({ startS, endS, headwayS, exact }) => ({
          days: [...(weekdays.get(trip.service) ?? [])],
          start_s: startS,
          end_s: endS,
          headway_s: headwayS,
          exact,
        })),
      ),
    },
  ]
}

const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const

/** Weekdays of each service, 1 is Monday. */
function weekdaysOf(feed: Feed): ReadonlyMap<string, readonly number[]> {
  const service = columnOf(feed, 'calendar.txt', 'service_id')
  const columns = WEEKDAYS.map((day) => columnOf(feed, 'calendar.txt', day))
  return new Map(
    rowsOf(feed, 'calendar.txt').map((row) => [
      service(row),
      columns.flatMap((runs, index) => (runs(row) === '1' ? [index + 1] : [])),
    ]),
  )
}

/** Asked for today and yesterday again and again: the answers are kept. */
function servicesByDay(feed: Feed): TransitPlan['servicesOn'] {
  const kept = new Map<string, ReadonlySet<string>>()
  return (date) => {
    const services = kept.get(date) ?? servicesOn(feed, date)
    if (kept.size > 8) kept.clear()
    kept.set(date, services)
    return services
  }
}

/** Domain C1: the calendar's weekday within its dates, then the day's own additions and removals. */
function servicesOn(feed: Feed, date: string): ReadonlySet<string> {
  const day = new Date(`${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6, 8)}T00:00:00Z`).getUTCDay()
  const weekdays = weekdaysOf(feed)
  const service = columnOf(feed, 'calendar.txt', 'service_id')
  const start = columnOf(feed, 'calendar.txt', 'start_date')
  const end = columnOf(feed, 'calendar.txt', 'end_date')
  const services = new Set(
    rowsOf(feed, 'calendar.txt')
      .filter((row) => start(row) <= date && date <= end(row))
      .map(service)
      .filter((id) => weekdays.get(id)?.includes(day === 0 ? 7 : day) === true),
  )
  const exceptionService = columnOf(feed, 'calendar_dates.txt', 'service_id')
  const exceptionDate = columnOf(feed, 'calendar_dates.txt', 'date')
  const exceptionType = columnOf(feed, 'calendar_dates.txt', 'exception_type')
  for (const row of rowsOf(feed, 'calendar_dates.txt')) {
    if (exceptionDate(row) !== date) continue
    if (exceptionType(row) === '1') services.add(exceptionService(row))
    else services.delete(exceptionService(row))
  }
  return services
}

function sourceOf(feed: Feed): string | null {
  const publisher = columnOf(feed, 'feed_info.txt', 'feed_publisher_name')
  const agency = columnOf(feed, 'agency.txt', 'agency_name')
  const names = [
    ...rowsOf(feed, 'agency.txt').map(agency),
    ...rowsOf(feed, 'feed_info.txt').map(publisher),
  ].filter((name) => name !== '')
  return names.length === 0 ? null : [...new Set(names)].join(', ')
}
