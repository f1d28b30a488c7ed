// The trips of a village's GTFS with the line they run on and where along it their stops lie: what simulators and live state need.

import { readFileSync } from 'node:fs'
import type { LatLon } from '../domain/geo/geodesy.ts'
import { placeStops, type ShapeLine, shapeLine } from '../domain/transit/shape-line.ts'
import { columnOf, type Feed, readFeed, rowsOf } from './gtfs-feed.ts'

export interface TripOnLine {
  readonly trip: string
  readonly route: string
  readonly direction: 0 | 1
  readonly line: ShapeLine
  readonly stops: readonly {
    readonly id: string
    readonly alongM: number
    /** Seconds after the trip's first departure. */
    readonly offsetS: number
  }[]
}

/** Trips by id; a trip without a shape has none here. `placesStops` false leaves the stops out, which is the costly part. */
export function readTrips(gtfsPath: string, placesStops: boolean): ReadonlyMap<string, TripOnLine> {
  const read = readFeed(readFileSync(gtfsPath))
  // It was whole when the village was loaded, a moment ago.
  if (!read.ok) throw new Error(`${gtfsPath}: ${read.faults.join('; ')}`)
  const { feed } = read
  const lines = linesOf(feed)
  const calls = placesStops ? callsOf(feed) : new Map<string, Call[]>()
  const id = columnOf(feed, 'trips.txt', 'trip_id')
  const route = columnOf(feed, 'trips.txt', 'route_id')
  const direction = columnOf(feed, 'trips.txt', 'direction_id')
  const shape = columnOf(feed, 'trips.txt', 'shape_id')
  const trips = new Map<string, TripOnLine>()
  for (const row of rowsOf(feed, 'trips.txt')) {
    const line = lines.get(shape(row))
    if (line === undefined) continue
    const called = calls.get(id(row)) ?? []
    const along = placeStops(
      line,
      called.map(({ place }) => place),
    )
    const first = called[0]?.secondS ?? 0
    const stops = called.map(({ stop, secondS }, index) => ({
      id: stop,
      alongM: along[index] ?? 0,
      offsetS: secondS - first,
    }))
    trips.set(id(row), {
      trip: id(row),
      route: route(row),
      direction: direction(row) === '1' ? 1 : 0,
      line,
      stops,
    })
  }
  return trips
}

function linesOf(feed: Feed): ReadonlyMap<string, ShapeLine> {
  const id = columnOf(feed, 'shapes.txt', 'shape_id')
  const lat = columnOf(feed, 'shapes.txt', 'shape_pt_lat')
  const lon = columnOf(feed, 'shapes.txt', 'shape_pt_lon')
  const sequence = columnOf(feed, 'shapes.txt', 'shape_pt_sequence')
  const shapes = new Map<string, { sequence: number; place: LatLon }[]>()
  for (const row of rowsOf(feed, 'shapes.txt')) {
    const points = shapes.get(id(row)) ?? []
    points.push({ sequence: Number(sequence(row)), place: { lat: Number(lat(row)), lon: Number(lon(row)) } })
    shapes.set(id(row), points)
  }
  return new Map(
    [...shapes].map(([shape, points]) => {
      points.sort((a, b) => a.sequence - b.sequence)
      return [shape, shapeLine(points.map(({ place }) => place))]
    }),
  )
}

interface Call {
  readonly stop: string
  readonly sequence: number
  readonly place: LatLon
  /** Departure, in seconds of the service day. */
  readonly secondS: number
}

function callsOf(feed: Feed): Map<string, Call[]> {
  const stopId = columnOf(feed, 'stops.txt', 'stop_id')
  const lat = columnOf(feed, 'stops.txt', 'stop_lat')
  const lon = columnOf(feed, 'stops.txt', 'stop_lon')
  const places = new Map(
    rowsOf(feed, 'stops.txt').map((row) => [stopId(row), { lat: Number(lat(row)), lon: Number(lon(row)) }]),
  )
  const trip = columnOf(feed, 'stop_times.txt', 'trip_id')
  const stop = columnOf(feed, 'stop_times.txt', 'stop_id')
  const sequence = columnOf(feed, 'stop_times.txt', 'stop_sequence')
  const departure = columnOf(feed, 'stop_times.txt', 'departure_time')
  const calls = new Map<string, Call[]>()
  for (const row of rowsOf(feed, 'stop_times.txt')) {
    const place = places.get(stop(row))
    if (place === undefined || departure(row) === '') continue
    const own = calls.get(trip(row)) ?? []
    own.push({ stop: stop(row), sequence: Number(sequence(row)), place, secondS: secondsOf(departure(row)) })
    calls.set(trip(row), own)
  }
  for (const own of calls.values()) own.sort((a, b) => a.sequence - b.sequence)
  return calls
}

/** `HH:MM:SS`, hours beyond 24 allowed (domain C2). */
function secondsOf(text: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = text.trim().split(':').map(Number)
  return hours * 3_600 + minutes * 60 + seconds
}
