// A village's public transport out of the tables of its GTFS feed: routes, stops, and each trip with the line it runs on, where
// along it each stop lies and how long after the start it is reached. Source: google/transit, Schedule Reference.

import type { LatLon } from '../geo/geodesy.ts'
import { type FeedTables, groupBy, readRows } from './feed-tables.ts'
import { type Frequency, readFrequencies } from './frequencies.ts'
import type { ServiceDate } from './gtfs-time.ts'
import { readCalendar, type ServiceCalendar, servicesOn } from './service-days.ts'
import { placeStops, type ShapeLine, shapeLine } from './shape-line.ts'
import { readStopTimes, type StopTime } from './stop-times.ts'

export interface Route {
  readonly id: string
  readonly shortName: string
  readonly longName: string
  /** Such as `BRT` or `Mikrotrans`; empty where the feed says none. */
  readonly description: string
  /** route_type: 3 is a bus. */
  readonly type: number
  /** `#d62126`; null where the feed says none. */
  readonly color: string | null
  readonly textColor: string | null
}

export interface Stop extends LatLon {
  readonly id: string
  readonly name: string
  /** The station it belongs to. */
  readonly parent: string | null
  /** location_type: 0 stop or platform, 1 station, 2 entrance, 3 node, 4 boarding area. */
  readonly locationType: number
}

/** A stop as a trip calls at it. */
export interface TripStop {
  readonly stop: string
  /** stop_sequence. */
  readonly sequence: number
  /** Metres along the trip's line, never falling from stop to stop. */
  readonly alongM: number
  /** Seconds after the trip's first departure. */
  readonly arrivalS: number
  readonly departureS: number
  /** The vehicle does not leave earlier than the time says. */
  readonly timepoint: boolean
}

export interface Trip {
  readonly id: string
  readonly route: string
  readonly service: string
  readonly direction: 0 | 1
  readonly headsign: string
  /** Its shape; the stops joined where the feed has no shape for it. Trips of one shape share it. */
  readonly line: ShapeLine
  readonly stops: readonly TripStop[]
  /** Second of the service day; of no meaning where there are frequencies. */
  readonly firstDepartureS: number
  readonly frequencies: readonly Frequency[]
}

export interface GtfsFeed {
  /** Names of the agencies and of the feed's publisher. */
  readonly agencies: readonly string[]
  /** agency_timezone: the zone of all times (domain C2). */
  readonly timezone: string
  readonly routes: ReadonlyMap<string, Route>
  /** Those that have a place. */
  readonly stops: ReadonlyMap<string, Stop>
  /** Those that call at a stop. */
  readonly trips: ReadonlyMap<string, Trip>
  readonly tripsOfRoute: ReadonlyMap<string, readonly Trip[]>
  readonly tripsAtStop: ReadonlyMap<string, readonly Trip[]>
  readonly calendar: ServiceCalendar
  /** Services that run on a day (domain C1). */
  servicesOn(date: ServiceDate): ReadonlySet<string>
}

/**
 * The feed in `tables`, which are those of a checked archive: a row that refers to nothing, a stop without a place and a trip
 * without stops are left out. The costly part is placing the stops, some milliseconds a trip.
 */
export function buildFeed(tables: FeedTables): GtfsFeed {
  const stops = new Map(readStops(tables).map((stop) => [stop.id, stop]))
  const trips = readTrips(tables, stops)
  const calendar = readCalendar(tables)
  return {
    agencies: readAgencies(tables),
    timezone: readRows(tables, 'agency.txt', ['agency_timezone'])[0]?.agency_timezone || 'UTC',
    routes: new Map(readRoutes(tables).map((route) => [route.id, route])),
    stops,
    trips: new Map(trips.map((trip) => [trip.id, trip])),
    tripsOfRoute: groupBy(trips, ({ route }) => route),
    tripsAtStop: tripsByStop(trips),
    calendar,
    servicesOn: servicesByDay(calendar),
  }
}

/** The line of each trip that has a shape, without the cost of placing its stops. */
export function tripLines(tables: FeedTables): ReadonlyMap<string, ShapeLine> {
  const lines = readLines(tables)
  const trips = readRows(tables, 'trips.txt', ['trip_id', 'shape_id'])
  return new Map(
    trips.flatMap(({ trip_id, shape_id }) => {
      const line = lines.get(shape_id)
      return line === undefined ? [] : [[trip_id, line] as const]
    }),
  )
}

function readAgencies(tables: FeedTables): readonly string[] {
  const agencies = readRows(tables, 'agency.txt', ['agency_name']).map(({ agency_name }) => agency_name)
  const publishers = readRows(tables, 'feed_info.txt', ['feed_publisher_name'])
  const names = [...agencies, ...publishers.map(({ feed_publisher_name }) => feed_publisher_name)]
  return [...new Set(names.filter((name) => name !== ''))]
}

function readRoutes(tables: FeedTables): readonly Route[] {
  return readRows(tables, 'routes.txt', [
    'route_id',
    'route_short_name',
    'route_long_name',
    'route_desc',
    'route_type',
    'route_color',
    'route_text_color',
  ]).map((row) => ({
    id: row.route_id,
    shortName: row.route_short_name || row.route_id,
    longName: row.route_long_name,
    description: row.route_desc,
    type: Number(row.route_type),
    color: colorOf(row.route_color),
    textColor: colorOf(row.route_text_color),
  }))
}

function colorOf(text: string): string | null {
  return /^[0-9a-f]{6}$/i.test(text) ? `#${text.toLowerCase()}` : null
}

function readStops(tables: FeedTables): readonly Stop[] {
  return readRows(tables, 'stops.txt', [
    'stop_id',
    'stop_name',
    'stop_lat',
    'stop_lon',
    'location_type',
    'parent_station',
  ])
    .filter(({ stop_lat, stop_lon }) => stop_lat !== '' && stop_lon !== '')
    .map((row) => ({
      id: row.stop_id,
      name: row.stop_name,
      lat: Number(row.stop_lat),
      lon: Number(row.stop_lon),
      parent: row.parent_station === '' ? null : row.parent_station,
      // Empty is 0.
      locationType: Number(row.location_type),
    }))
}

function readTrips(tables: FeedTables, stops: ReadonlyMap<string, Stop>): readonly Trip[] {
  const lines = readLines(tables)
  const stopTimes = readStopTimes(tables)
  const frequencies = readFrequencies(tables)
  const columns = ['trip_id', 'route_id', 'service_id', 'trip_headsign', 'direction_id', 'shape_id'] as const
  return readRows(tables, 'trips.txt', columns).flatMap((row) => {
    const calls = (stopTimes.get(row.trip_id) ?? []).flatMap((call) => {
      const place = stops.get(call.stop)
      return place === undefined ? [] : [{ call, place }]
    })
    const first = calls[0]?.call
    if (first === undefined) return []
    const places = calls.map(({ place }) => place)
    const line = lines.get(row.shape_id) ?? shapeLine(places)
    const trip: Trip = {
      id: row.trip_id,
      route: row.route_id,
      service: row.service_id,
      direction: row.direction_id === '1' ? 1 : 0,
      headsign: row.trip_headsign,
      line,
      stops: stopsAlong(
        line,
        places,
        calls.map(({ call }) => call),
        first.departureS,
      ),
      firstDepartureS: first.departureS,
      frequencies: frequencies.get(row.trip_id) ?? [],
    }
    return [trip]
  })
}

function stopsAlong(
  line: ShapeLine,
  places: readonly LatLon[],
  calls: readonly StopTime[],
  startS: number,
): readonly TripStop[] {
  const alongM = placeStops(line, places)
  return calls.map(({ stop, sequence, arrivalS, departureS, timepoint }, index) => ({
    stop,
    sequence,
    alongM: alongM[index] ?? 0,
    arrivalS: arrivalS - startS,
    departureS: departureS - startS,
    timepoint,
  }))
}

/** Lines of two points or more, by shape. */
function readLines(tables: FeedTables): ReadonlyMap<string, ShapeLine> {
  const columns = ['shape_id', 'shape_pt_lat', 'shape_pt_lon', 'shape_pt_sequence'] as const
  const points = readRows(tables, 'shapes.txt', columns).map((row) => ({
    shape: row.shape_id,
    sequence: Number(row.shape_pt_sequence),
    place: { lat: Number(row.shape_pt_lat), lon: Number(row.shape_pt_lon) },
  }))
  const lines = new Map<string, ShapeLine>()
  for (const [shape, own] of groupBy(points, (point) => point.shape)) {
    if (own.length < 2) continue
    own.sort((a, b) => a.sequence - b.sequence)
    lines.set(shape, shapeLine(own.map(({ place }) => place)))
  }
  return lines
}

function tripsByStop(trips: readonly Trip[]): ReadonlyMap<string, readonly Trip[]> {
  const calls = trips.flatMap((trip) =>
    [...new Set(trip.stops.map(({ stop }) => stop))].map((stop) => ({ stop, trip })),
  )
  return new Map(
    [...groupBy(calls, ({ stop }) => stop)].map(([stop, own]) => [stop, own.map(({ trip }) => trip)]),
  )
}

/** Asked for the same few days again and again: the last answers are kept. */
function servicesByDay(calendar: ServiceCalendar): GtfsFeed['servicesOn'] {
  const kept = new Map<ServiceDate, ReadonlySet<string>>()
  return (date) => {
    const services = kept.get(date) ?? new Set(servicesOn(calendar, date))
    if (kept.size >= 8) kept.clear()
    kept.set(date, services)
    return services
  }
}
