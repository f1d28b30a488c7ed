// The tables of a GTFS feed as values: calls of each trip, headways, shapes, places and which services run when
// (google/transit, Schedule Reference; domain C1, C2, C4).

import type { LatLon } from '../../domain/geo/geodesy.ts'
import { type ShapeLine, shapeLine } from '../../domain/transit/shape-line.ts'
import { columnOf, type Feed, rowsOf } from '../../runtime/gtfs-feed.ts'
import type { Frequency } from './transit-plan.ts'

export interface Call {
  readonly stop: string
  readonly sequence: number
  readonly arrivalS: number
  readonly departureS: number
}

/** Calls of each trip in order; those without a time lie evenly between the timed ones around them (domain C4). */
export function callsOf(feed: Feed): ReadonlyMap<string, readonly Call[]> {
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
function secondsOf(text: string): number {
  const [hours, minutes, seconds] = text.split(':').map(Number)
  return text === '' ? Number.NaN : (hours ?? 0) * 3_600 + (minutes ?? 0) * 60 + (seconds ?? 0)
}

export function frequenciesOf(feed: Feed): ReadonlyMap<string, readonly Frequency[]> {
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

export function shapesOf(feed: Feed): ReadonlyMap<string, ShapeLine> {
  const id = columnOf(feed, 'shapes.txt', 'shape_id')
  const lat = columnOf(feed, 'shapes.txt', 'shape_pt_lat')
  const lon = columnOf(feed, 'shapes.txt', 'shape_pt_lon')
  const sequence = columnOf(feed, 'shapes.txt', 'shape_pt_sequence')
  const byShape = new Map<string, (LatLon & { sequence: number })[]>()
  for (const row of rowsOf(feed, 'shapes.txt')) {
    const points = byShape.get(id(row)) ?? []
    points.push({ lat: Number(lat(row)), lon: Number(lon(row)), sequence: Number(sequence(row)) })
    byShape.set(id(row), points)
  }
  return new Map(
    [...byShape].map(([shape, points]) => [shape, shapeLine(points.sort((a, b) => a.sequence - b.sequence))]),
  )
}

export function placesOf(feed: Feed): ReadonlyMap<string, LatLon> {
  const id = columnOf(feed, 'stops.txt', 'stop_id')
  const lat = columnOf(feed, 'stops.txt', 'stop_lat')
  const lon = columnOf(feed, 'stops.txt', 'stop_lon')
  return new Map(
    rowsOf(feed, 'stops.txt').map((row) => [id(row), { lat: Number(lat(row)), lon: Number(lon(row)) }]),
  )
}

const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const

/** Weekdays of each service, 1 is Monday. */
export function weekdaysOf(feed: Feed): ReadonlyMap<string, readonly number[]> {
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
export function servicesByDay(feed: Feed): (date: string) => ReadonlySet<string> {
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
