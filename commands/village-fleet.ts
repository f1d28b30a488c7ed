// Vehicles for a simulated village, made from its feed: spread over the routes that keep nearest to the village, so that the
// map shows most of them, each beginning at the first stop of a trip.

import type { VillageDevice } from '../contract/village.ts'
import { columnOf, type Feed, rowsOf } from '../runtime/gtfs-feed.ts'
import type { CutArea } from './village-cut.ts'
import { distanceM, planeAt } from './village-geometry.ts'
import { shapesOf } from './village-shapes.ts'

/** Routes to spread over; beyond, a vehicle each would seldom be seen. */
const ROUTES = 10
/** A route that runs less often than once an hour seldom has a vehicle out. */
const MAX_HEADWAY_S = 3_600
const EVERY_S = 10

interface Line {
  readonly route: string
  /** Share 0 to 1 of its way within the area. */
  readonly share: number
  /** First stop of each direction or pattern. */
  readonly starts: readonly string[]
}

/** `count` vehicles over the routes with the greatest share of their way within `area`, the first routes one more. */
export function fleetOf(feed: Feed, area: CutArea, count: number): VillageDevice[] {
  const lines = nearestLines(feed, area)
  const fleet: VillageDevice[] = []
  for (const [index, line] of lines.entries()) {
    const size = Math.floor(count / lines.length) + (index < count % lines.length ? 1 : 0)
    for (let number = 1; number <= size; number += 1) fleet.push(vehicleOf(feed, line, number))
  }
  return fleet
}

function vehicleOf(feed: Feed, line: Line, number: number): VillageDevice {
  const start = line.starts[(number - 1) % line.starts.length] ?? ''
  const stop = rowWith(feed, 'stops.txt', 'stop_id', start)
  const route = rowWith(feed, 'routes.txt', 'route_id', line.route)
  const isMinibus = columnOf(feed, 'routes.txt', 'route_desc')(route) === 'Mikrotrans'
  const agency = columnOf(feed, 'agency.txt', 'agency_name')(rowsOf(feed, 'agency.txt')[0] ?? [])
  const short = columnOf(feed, 'routes.txt', 'route_short_name')(route) || line.route
  return {
    id: `bus-${slugOf(line.route)}-${String(number).padStart(2, '0')}`,
    kind: 'vehicle',
    name: `${isMinibus ? 'Mikrotrans' : agency} ${short} nomor ${number}`,
    lat: Number(columnOf(feed, 'stops.txt', 'stop_lat')(stop)),
    lon: Number(columnOf(feed, 'stops.txt', 'stop_lon')(stop)),
    expect: { every_s: EVERY_S },
    route: line.route,
  }
}

/** The part of a device id that a route id gives: `JAK.07` is `jak07`. */
function slugOf(route: string): string {
  return (
    route
      .toLowerCase()
      .replaceAll(/[^a-z0-9]/g, '')
      .slice(0, 40) || 'x'
  )
}

function nearestLines(feed: Feed, area: CutArea): Line[] {
  const wayOf = waysByShape(feed, area)
  const services = weekdayServices(feed)
  const often = frequentTrips(feed)
  const stopsOf = stopsByTrip(feed)
  const tripOf = columnOf(feed, 'trips.txt', 'trip_id')
  const routeOf = columnOf(feed, 'trips.txt', 'route_id')
  const serviceOf = columnOf(feed, 'trips.txt', 'service_id')
  const shapeOf = columnOf(feed, 'trips.txt', 'shape_id')
  const byRoute = new Map<string, { insideM: number; allM: number; starts: string[] }>()
  for (const row of rowsOf(feed, 'trips.txt')) {
    if (!services.has(serviceOf(row)) || !often(tripOf(row))) continue
    const line = byRoute.get(routeOf(row)) ?? { insideM: 0, allM: 0, starts: [] }
    const way = wayOf.get(shapeOf(row)) ?? { insideM: 0, allM: 0 }
    line.insideM += way.insideM
    line.allM += way.allM
    line.starts.push(...(stopsOf.get(tripOf(row))?.slice(0, 1) ?? []))
    byRoute.set(routeOf(row), line)
  }
  const lines = [...byRoute].map(
    ([route, { insideM, allM, starts }]): Line => ({ route, share: insideM / Math.max(1, allM), starts }),
  )
  return lines.sort((a, b) => b.share - a.share || (a.route < b.route ? -1 : 1)).slice(0, ROUTES)
}

/** Length of each shape and of what lies within the area; a feed without shapes has none, and its routes rank by id. */
function waysByShape(feed: Feed, area: CutArea): Map<string, { insideM: number; allM: number }> {
  const plane = planeAt(area.lat, area.lon)
  return new Map(
    [...shapesOf(feed)].map(([shape, places]) => {
      const line = places.map((place) => plane.toXy(place))
      const way = { insideM: 0, allM: 0 }
      for (const [index, point] of line.slice(1).entries()) {
        const stepM = distanceM(line[index] ?? point, point)
        way.allM += stepM
        if (distanceM(point, [0, 0]) <= area.radiusM) way.insideM += stepM
      }
      return [shape, way]
    }),
  )
}

/** Services that run on each of Monday to Friday, or only by dates. */
function weekdayServices(feed: Feed): Set<string> {
  const id = columnOf(feed, 'calendar.txt', 'service_id')
  const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'].map((day) =>
    columnOf(feed, 'calendar.txt', day),
  )
  const rows = rowsOf(feed, 'calendar.txt')
  const byDates = rowsOf(feed, 'calendar_dates.txt').map(columnOf(feed, 'calendar_dates.txt', 'service_id'))
  const regular = new Set(rows.map(id))
  return new Set([
    ...rows.filter((row) => days.every((day) => day(row) === '1')).map(id),
    ...byDates.filter((service) => !regular.has(service)),
  ])
}

/** Trips without a headway run at their own times; of the others, those at least hourly. */
function frequentTrips(feed: Feed): (trip: string) => boolean {
  const trip = columnOf(feed, 'frequencies.txt', 'trip_id')
  const headway = columnOf(feed, 'frequencies.txt', 'headway_secs')
  const least = new Map<string, number>()
  for (const row of rowsOf(feed, 'frequencies.txt')) {
    least.set(trip(row), Math.min(least.get(trip(row)) ?? Number.POSITIVE_INFINITY, Number(headway(row))))
  }
  return (id) => (least.get(id) ?? 0) <= MAX_HEADWAY_S
}

/** Stop ids of each trip in the order of stop_sequence. */
function stopsByTrip(feed: Feed): Map<string, string[]> {
  const trip = columnOf(feed, 'stop_times.txt', 'trip_id')
  const stop = columnOf(feed, 'stop_times.txt', 'stop_id')
  const sequence = columnOf(feed, 'stop_times.txt', 'stop_sequence')
  const rows = [...rowsOf(feed, 'stop_times.txt')].sort((a, b) => Number(sequence(a)) - Number(sequence(b)))
  const stops = new Map<string, string[]>()
  for (const row of rows) {
    const known = stops.get(trip(row)) ?? []
    if (known.length === 0) stops.set(trip(row), known)
    known.push(stop(row))
  }
  return stops
}

function rowWith(feed: Feed, file: string, column: string, value: string): readonly string[] {
  const read = columnOf(feed, file, column)
  return rowsOf(feed, file).find((row) => read(row) === value) ?? []
}
