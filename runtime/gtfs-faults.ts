// What is wrong inside a GTFS feed: identities that repeat, references to nothing, places and times that are none. A
// dangling reference would be a bus without a line on the map, so a feed that has one is refused with it.

import { parseGtfsTime } from '../domain/transit/gtfs-time.ts'
import { columnOf, type Feed, rowsOf } from './gtfs-feed.ts'

/** Of one kind of fault in one file so many are named; the rest is counted. */
const NAMED_OF_A_KIND = 5

/** Every fault of the feed, kind by kind; none when it holds together. */
export function feedFaults(feed: Feed): string[] {
  return [
    ...repeatedFaults(feed),
    ...emptyFaults(feed),
    ...referenceFaults(feed),
    ...placeFaults(feed),
    ...timeFaults(feed),
    ...tripFaults(feed),
  ]
}

const KEYS: readonly [file: string, column: string][] = [
  ['routes.txt', 'route_id'],
  ['stops.txt', 'stop_id'],
  ['trips.txt', 'trip_id'],
  ['calendar.txt', 'service_id'],
]

function repeatedFaults(feed: Feed): string[] {
  return KEYS.flatMap(([file, column]) => {
    const value = columnOf(feed, file, column)
    const seen = new Set<string>()
    const wrong: string[] = []
    for (const row of rowsOf(feed, file)) {
      const key = value(row)
      if (key === '') wrong.push(`${file} has a row without ${column}`)
      else if (seen.has(key)) wrong.push(`${file} has ${column} ${key} twice; an id occurs once`)
      seen.add(key)
    }
    return capped(wrong, file)
  })
}

function emptyFaults(feed: Feed): string[] {
  return ['agency.txt', 'stops.txt', 'routes.txt', 'trips.txt', 'stop_times.txt']
    .filter((file) => rowsOf(feed, file).length === 0)
    .map((file) => `${file} has no row; a feed has one or more`)
}

interface Reference {
  readonly file: string
  readonly column: string
  readonly to: readonly (readonly [file: string, column: string])[]
}

const REFERENCES: readonly Reference[] = [
  { file: 'trips.txt', column: 'route_id', to: [['routes.txt', 'route_id']] },
  {
    file: 'trips.txt',
    column: 'service_id',
    to: [
      ['calendar.txt', 'service_id'],
      ['calendar_dates.txt', 'service_id'],
    ],
  },
  { file: 'trips.txt', column: 'shape_id', to: [['shapes.txt', 'shape_id']] },
  { file: 'stop_times.txt', column: 'trip_id', to: [['trips.txt', 'trip_id']] },
  { file: 'stop_times.txt', column: 'stop_id', to: [['stops.txt', 'stop_id']] },
  { file: 'stops.txt', column: 'parent_station', to: [['stops.txt', 'stop_id']] },
  { file: 'frequencies.txt', column: 'trip_id', to: [['trips.txt', 'trip_id']] },
  { file: 'transfers.txt', column: 'from_stop_id', to: [['stops.txt', 'stop_id']] },
  { file: 'transfers.txt', column: 'to_stop_id', to: [['stops.txt', 'stop_id']] },
  { file: 'fare_rules.txt', column: 'route_id', to: [['routes.txt', 'route_id']] },
  { file: 'fare_rules.txt', column: 'fare_id', to: [['fare_attributes.txt', 'fare_id']] },
]

function referenceFaults(feed: Feed): string[] {
  return REFERENCES.flatMap(({ file, column, to }) => {
    const known = new Set(
      to.flatMap(([target, key]) => rowsOf(feed, target).map((row) => columnOf(feed, target, key)(row))),
    )
    const value = columnOf(feed, file, column)
    const unknown = new Set(
      rowsOf(feed, file)
        .map(value)
        .filter((id) => id !== '' && !known.has(id)),
    )
    const where = to.map(([target]) => target).join(' or ')
    return capped(
      [...unknown].map((id) => `${file} refers to ${column} ${id}; ${where} does not have it`),
      file,
    )
  })
}

const PLACES: readonly [file: string, lat: string, lon: string, id: string][] = [
  ['stops.txt', 'stop_lat', 'stop_lon', 'stop_id'],
  ['shapes.txt', 'shape_pt_lat', 'shape_pt_lon', 'shape_id'],
]

function placeFaults(feed: Feed): string[] {
  return PLACES.flatMap(([file, latColumn, lonColumn, idColumn]) => {
    const [lat, lon, id] = [
      columnOf(feed, file, latColumn),
      columnOf(feed, file, lonColumn),
      columnOf(feed, file, idColumn),
    ]
    const locationType = columnOf(feed, file, 'location_type')
    const wrong = rowsOf(feed, file)
      // Generic nodes and boarding areas (3 and 4) may lack a place.
      .filter((row) => !(['3', '4'].includes(locationType(row)) && lat(row) === '' && lon(row) === ''))
      .filter((row) => !isDegrees(lat(row), 90) || !isDegrees(lon(row), 180))
      .map(
        (row) =>
          `${file} has ${id(row)} at ${latColumn} ${lat(row)}, ${lonColumn} ${lon(row)}; these are degrees of WGS 84`,
      )
    return capped(wrong, file)
  })
}

function isDegrees(text: string, most: number): boolean {
  return /^[+-]?\d+(\.\d*)?$/.test(text) && Math.abs(Number(text)) <= most
}

const TIMES: readonly [file: string, column: string, mayBeEmpty: boolean][] = [
  ['stop_times.txt', 'arrival_time', true],
  ['stop_times.txt', 'departure_time', true],
  ['frequencies.txt', 'start_time', false],
  ['frequencies.txt', 'end_time', false],
]

function timeFaults(feed: Feed): string[] {
  const times = TIMES.flatMap(([file, column, mayBeEmpty]) => {
    const value = columnOf(feed, file, column)
    const trip = columnOf(feed, file, 'trip_id')
    const wrong = rowsOf(feed, file)
      .filter((row) => !(mayBeEmpty && value(row) === '') && parseGtfsTime(value(row)) === null)
      .map(
        (row) =>
          `${file} has ${column} ${JSON.stringify(value(row))} of trip ${trip(row)}; a time is H:MM:SS`,
      )
    return capped(wrong, file)
  })
  const headway = columnOf(feed, 'frequencies.txt', 'headway_secs')
  const headways = rowsOf(feed, 'frequencies.txt')
    .filter((row) => !/^[1-9]\d*$/.test(headway(row)))
    .map(
      (row) =>
        `frequencies.txt has headway_secs ${JSON.stringify(headway(row))}; a headway is whole seconds above 0`,
    )
  return [...times, ...capped(headways, 'frequencies.txt')]
}

/** A trip has two stops or more, and its stop_sequence rises without repeating. */
function tripFaults(feed: Feed): string[] {
  const trip = columnOf(feed, 'stop_times.txt', 'trip_id')
  const sequence = columnOf(feed, 'stop_times.txt', 'stop_sequence')
  const sequences = new Map<string, Set<string>>()
  const wrong: string[] = []
  for (const row of rowsOf(feed, 'stop_times.txt')) {
    const seen = sequences.get(trip(row)) ?? new Set()
    sequences.set(trip(row), seen)
    if (!/^\d+$/.test(sequence(row))) {
      wrong.push(
        `stop_times.txt has stop_sequence ${JSON.stringify(sequence(row))} of trip ${trip(row)}; it is a whole number`,
      )
    } else if (seen.has(sequence(row))) {
      wrong.push(
        `stop_times.txt has stop_sequence ${sequence(row)} of trip ${trip(row)} twice; it occurs once`,
      )
    }
    seen.add(sequence(row))
  }
  const id = columnOf(feed, 'trips.txt', 'trip_id')
  const short = rowsOf(feed, 'trips.txt')
    .filter((row) => (sequences.get(id(row))?.size ?? 0) < 2)
    .map(
      (row) =>
        `trips.txt has trip ${id(row)} of ${sequences.get(id(row))?.size ?? 0} stop times; a trip has two or more`,
    )
  return [...capped(wrong, 'stop_times.txt'), ...capped(short, 'trips.txt')]
}

function capped(faults: readonly string[], file: string): string[] {
  if (faults.length <= NAMED_OF_A_KIND) return [...faults]
  return [
    ...faults.slice(0, NAMED_OF_A_KIND),
    `${file} has ${faults.length - NAMED_OF_A_KIND} more faults of this kind`,
  ]
}
