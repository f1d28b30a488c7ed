// The public transport of a village out of its GTFS archive, which was checked when the village was loaded: what ingest, the
// simulators and the dashboard stand on. The reading of the tables is `domain/transit/gtfs.ts`.

import { readFileSync } from 'node:fs'
import { buildFeed, type GtfsFeed, type Trip, tripLines } from '../domain/transit/gtfs.ts'
import type { ShapeLine } from '../domain/transit/shape-line.ts'
import { type Feed, readFeed } from './gtfs-feed.ts'

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

/** The whole feed; some milliseconds a trip. Throws when the archive is not the one that was checked. */
export function loadGtfs(gtfsPath: string): GtfsFeed {
  return buildFeed(tablesOf(gtfsPath))
}

/** The line of each trip that has a shape, by trip. */
export function loadTripLines(gtfsPath: string): ReadonlyMap<string, ShapeLine> {
  return tripLines(tablesOf(gtfsPath))
}

/** Trips by id, as the simulators run them. */
export function readTrips(gtfsPath: string): ReadonlyMap<string, TripOnLine> {
  return new Map([...loadGtfs(gtfsPath).trips].map(([id, trip]) => [id, onLine(trip)]))
}

function onLine({ id, route, direction, line, stops }: Trip): TripOnLine {
  return {
    trip: id,
    route,
    direction,
    line,
    stops: stops.map(({ stop, alongM, departureS }) => ({ id: stop, alongM, offsetS: departureS })),
  }
}

function tablesOf(gtfsPath: string): Feed {
  const read = readFeed(readFileSync(gtfsPath))
  // It was whole when the village was loaded, a moment ago.
  if (!read.ok) throw new Error(`${gtfsPath}: ${read.faults.join('; ')}`)
  return read.feed
}
