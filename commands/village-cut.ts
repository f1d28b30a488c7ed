// Cuts a city's GTFS feed to what concerns a village: every trip that stops within a radius, whole. Trips are not clipped at
// the edge: their offsets, shapes and headways stay those of the publisher, so that the result is a valid feed and a
// vehicle far away on its route is still found on it.

import type { CsvTable } from '../runtime/csv.ts'
import { columnOf, type Feed, GTFS_FILES, rowsOf } from '../runtime/gtfs-feed.ts'
import { distanceM, planeAt } from './village-geometry.ts'

export interface CutArea {
  readonly lat: number
  readonly lon: number
  readonly radiusM: number
}

/**
 * The feed of the trips that have a stop within the area, with their routes, stops (stations and entrances of the same
 * station included), shapes, headways, calendars and fares. Rows keep their order and columns; files that are left
 * without a row are left out, calendar_dates.txt excepted.
 */
export function cutFeed(feed: Feed, area: CutArea): Feed {
  const trips = tripsWithin(feed, stopsWithin(feed, area))
  const ofTrip = (file: string, column: string): Set<string> => {
    const [trip, value] = [columnOf(feed, file, 'trip_id'), columnOf(feed, file, column)]
    return new Set(
      rowsOf(feed, file)
        .filter((row) => trips.has(trip(row)))
        .map(value),
    )
  }
  const routes = ofTrip('trips.txt', 'route_id')
  const services = ofTrip('trips.txt', 'service_id')
  const stops = withStations(feed, ofTrip('stop_times.txt', 'stop_id'))
  const agencies = agenciesOf(feed, routes)
  const fares = faresOf(feed, routes)
  const kept: Record<string, (file: string) => (row: readonly string[]) => boolean> = {
    'agency.txt': isIn(feed, 'agency_id', agencies, true),
    'stops.txt': isIn(feed, 'stop_id', stops),
    'routes.txt': isIn(feed, 'route_id', routes),
    'trips.txt': isIn(feed, 'trip_id', trips),
    'stop_times.txt': isIn(feed, 'trip_id', trips),
    'frequencies.txt': isIn(feed, 'trip_id', trips),
    'calendar.txt': isIn(feed, 'service_id', services),
    'calendar_dates.txt': isIn(feed, 'service_id', services),
    'shapes.txt': isIn(feed, 'shape_id', ofTrip('trips.txt', 'shape_id')),
    'transfers.txt': (file) => {
      const [from, to] = [columnOf(feed, file, 'from_stop_id'), columnOf(feed, file, 'to_stop_id')]
      return (row) => stops.has(from(row)) && stops.has(to(row))
    },
    'fare_attributes.txt': isIn(feed, 'fare_id', fares),
    'fare_rules.txt': isIn(feed, 'route_id', routes, true),
  }
  const cut = new Map<string, CsvTable>()
  for (const file of Object.keys(GTFS_FILES)) {
    const table = feed.get(file)
    if (table === undefined) continue
    const rows = table.rows.filter(kept[file]?.(file) ?? (() => true))
    if (rows.length > 0 || file === 'calendar_dates.txt') cut.set(file, { header: table.header, rows })
  }
  return cut
}

function isIn(feed: Feed, column: string, ids: ReadonlySet<string>, mayBeEmpty = false) {
  return (file: string): ((row: readonly string[]) => boolean) => {
    const value = columnOf(feed, file, column)
    return (row) => ids.has(value(row)) || (mayBeEmpty && value(row) === '')
  }
}

function stopsWithin(feed: Feed, area: CutArea): Set<string> {
  const plane = planeAt(area.lat, area.lon)
  const [id, lat, lon] = ['stop_id', 'stop_lat', 'stop_lon'].map((column) =>
    columnOf(feed, 'stops.txt', column),
  ) as [
    (row: readonly string[]) => string,
    (row: readonly string[]) => string,
    (row: readonly string[]) => string,
  ]
  return new Set(
    rowsOf(feed, 'stops.txt')
      .filter((row) => lat(row) !== '' && lon(row) !== '')
      .filter((row) => distanceM(plane.toXy([Number(lon(row)), Number(lat(row))]), [0, 0]) <= area.radiusM)
      .map(id),
  )
}

function tripsWithin(feed: Feed, stops: ReadonlySet<string>): Set<string> {
  const [trip, stop] = [
    columnOf(feed, 'stop_times.txt', 'trip_id'),
    columnOf(feed, 'stop_times.txt', 'stop_id'),
  ]
  return new Set(
    rowsOf(feed, 'stop_times.txt')
      .filter((row) => stops.has(stop(row)))
      .map(trip),
  )
}

/** The stops, their stations, and whatever else belongs to these stations: entrances, other platforms. */
function withStations(feed: Feed, stops: ReadonlySet<string>): Set<string> {
  const [id, parent] = [columnOf(feed, 'stops.txt', 'stop_id'), columnOf(feed, 'stops.txt', 'parent_station')]
  const rows = rowsOf(feed, 'stops.txt')
  const stations = new Set(
    rows
      .filter((row) => stops.has(id(row)))
      .map(parent)
      .filter((station) => station !== ''),
  )
  const members = rows.filter((row) => stations.has(parent(row))).map(id)
  return new Set([...stops, ...stations, ...members])
}

function agenciesOf(feed: Feed, routes: ReadonlySet<string>): Set<string> {
  const [id, agency] = [columnOf(feed, 'routes.txt', 'route_id'), columnOf(feed, 'routes.txt', 'agency_id')]
  const named = rowsOf(feed, 'routes.txt')
    .filter((row) => routes.has(id(row)))
    .map(agency)
  // A feed of one agency need not name it.
  const all = rowsOf(feed, 'agency.txt').map(columnOf(feed, 'agency.txt', 'agency_id'))
  return new Set(named.includes('') ? all : named)
}

function faresOf(feed: Feed, routes: ReadonlySet<string>): Set<string> {
  const [fare, route] = [
    columnOf(feed, 'fare_rules.txt', 'fare_id'),
    columnOf(feed, 'fare_rules.txt', 'route_id'),
  ]
  const rows = rowsOf(feed, 'fare_rules.txt')
  return new Set(rows.filter((row) => route(row) === '' || routes.has(route(row))).map(fare))
}
