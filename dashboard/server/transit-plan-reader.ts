// Makes the plan of the village's public transport out of the tables of its GTFS (google/transit, Schedule Reference).

import { readFileSync } from 'node:fs'
import type { RoutesAnswer, StopsAnswer } from '../../contract/api.ts'
import { placeStops, type ShapeLine, shapeLine } from '../../domain/transit/shape-line.ts'
import { columnOf, type Feed, readFeed, rowsOf } from '../../runtime/gtfs-feed.ts'
import type { LoadedVillage } from '../../runtime/village.ts'
import { callsOf, frequenciesOf, placesOf, servicesByDay, shapesOf, weekdaysOf } from './gtfs-tables.ts'
import { NO_TRANSIT, type PlannedStop, type PlannedTrip, type TransitPlan } from './transit-plan.ts'

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

function sourceOf(feed: Feed): string | null {
  const publisher = columnOf(feed, 'feed_info.txt', 'feed_publisher_name')
  const agency = columnOf(feed, 'agency.txt', 'agency_name')
  const names = [
    ...rowsOf(feed, 'agency.txt').map(agency),
    ...rowsOf(feed, 'feed_info.txt').map(publisher),
  ].filter((name) => name !== '')
  return names.length === 0 ? null : [...new Set(names)].join(', ')
}
