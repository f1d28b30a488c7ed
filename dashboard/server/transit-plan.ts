// The village's public transport as the API needs it, made once at the start from its GTFS: the feed by the rules of
// `domain/transit/`, and its routes and stops as they are answered.

import type { RoutesAnswer, StopsAnswer } from '../../contract/api.ts'
import { buildFeed, type GtfsFeed, type Route, type Trip } from '../../domain/transit/gtfs.ts'
import { loadGtfs } from '../../runtime/gtfs-trips.ts'
import type { LoadedVillage } from '../../runtime/village.ts'

export interface TransitPlan {
  readonly feed: GtfsFeed
  /** Those that a trip runs on. */
  readonly routes: RoutesAnswer['routes']
  /** Those at which a trip calls, in order of id. */
  readonly stops: StopsAnswer['stops']
  readonly source: string | null
  /** First and last service day, where the calendar has any. */
  readonly validity: Pick<RoutesAnswer, 'from' | 'to'>
}

/** The plan of a village; an empty one where it has no public transport. */
export function readTransitPlan({ gtfsPath }: Pick<LoadedVillage, 'gtfsPath'>): TransitPlan {
  return transitPlan(gtfsPath === null ? buildFeed(new Map()) : loadGtfs(gtfsPath))
}

export function transitPlan(feed: GtfsFeed): TransitPlan {
  return {
    feed,
    routes: [...feed.routes.values()].flatMap((route) => routeAnswer(feed, route)),
    stops: stopsAnswer(feed),
    source: feed.agencies.length === 0 ? null : feed.agencies.join(', '),
    validity: validityOf(feed),
  }
}

function validityOf({ calendar: { weeks, exceptions } }: GtfsFeed): TransitPlan['validity'] {
  const added = exceptions.filter(({ change }) => change === 'added').map(({ date }) => date)
  // Dates of this form are in the order of their text.
  const days = [...weeks.flatMap(({ start, end }) => [start, end]), ...added].sort()
  const [first, last] = [days[0], days.at(-1)]
  return first === undefined || last === undefined ? {} : { from: isoDate(first), to: isoDate(last) }
}

/** `20261124` as ISO 8601 writes it. */
function isoDate(date: string): string {
  return `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`
}

function stopsAnswer({ stops, tripsAtStop }: GtfsFeed): StopsAnswer['stops'] {
  return [...stops.values()]
    .flatMap(({ id, name, lat, lon }) => {
      const calling = tripsAtStop.get(id)
      if (calling === undefined) return []
      const routes = [...new Set(calling.map(({ route }) => route))].sort()
      return [{ id, name, position: { lat, lon }, routes }]
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

function routeAnswer(feed: GtfsFeed, route: Route): RoutesAnswer['routes'] {
  const trips = feed.tripsOfRoute.get(route.id)
  if (trips === undefined) return []
  const { id, shortName, longName, color, textColor, type } = route
  const directions = ([0, 1] as const).flatMap((direction) => directionAnswer(feed, trips, direction))
  return [{ id, shortName, longName, color, textColor, type, directions }]
}

type Direction = RoutesAnswer['routes'][number]['directions'][number]

/** A direction is told by its trip with the most stops; its headways are those of all its trips. */
function directionAnswer(
  { calendar }: GtfsFeed,
  trips: readonly Trip[],
  direction: 0 | 1,
): readonly Direction[] {
  const own = trips.filter((trip) => trip.direction === direction)
  const longest = longestTrip(own)
  if (longest === null) return []
  const daysOf = (service: string): number[] =>
    calendar.weeks
      .filter((week) => week.service === service)
      .flatMap(({ weekdays }) => weekdays.flatMap((runs, day) => (runs ? [day + 1] : [])))
  return [
    {
      direction,
      headsign: longest.headsign,
      stops: longest.stops.map(({ stop }) => stop),
      shape: longest.line.points.map(({ lat, lon }) => [lon, lat]),
      headways: own.flatMap(({ service, frequencies }) =>
        frequencies.map(({ startS, endS, headwayS, exact }) => ({
          days: daysOf(service),
          start_s: startS,
          end_s: endS,
          headway_s: headwayS,
          exact,
        })),
      ),
    },
  ]
}

/** The trip with the most stops, which stands for its direction; null of none. */
export function longestTrip(trips: readonly Trip[]): Trip | null {
  return trips.toSorted((a, b) => b.stops.length - a.stops.length)[0] ?? null
}
