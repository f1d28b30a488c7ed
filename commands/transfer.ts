// Readings as files, for `npm run export` and `npm run import`: CSV and InfluxDB's line protocol are text streams; Parquet goes
// through DuckDB. One row a reading; a vehicle's position stands in every row of its observation.

import { PantauError } from '../contract/errors.ts'
import type { TransferRow } from '../contract/feed.ts'
import { METRIC_NAME, METRIC_NAME_RULE, METRICS, unitOf } from '../contract/metrics.ts'
import { OCCUPANCY, type Position } from '../contract/observation.ts'
import { formatTime, parseTime, type TimeMs } from '../contract/time.ts'
import { DEVICE_ID_RULE, isDeviceId, isKind, KINDS } from '../contract/topics.ts'

export const COLUMNS = [
  'time',
  'kind',
  'device',
  'metric',
  'value',
  'unit',
  'lat',
  'lon',
  'speed',
  'bearing',
  'accuracy',
  'trip',
  'route',
  'direction',
  'occupancy',
] as const
export type Column = (typeof COLUMNS)[number]

/** What a column is called in files: a number whose name says no unit gets it at the end; the unit of `value` stands beside it. */
export function fileName(column: Column): string {
  return UNIT_ENDINGS[column] === undefined ? column : `${column}_${UNIT_ENDINGS[column]}`
}

const UNIT_ENDINGS: Readonly<Partial<Record<Column, string>>> = {
  speed: 'm_per_s',
  bearing: 'deg',
  accuracy: 'm',
}

/** The column of that name in a file; also as files of version 1.0 and earlier name it. A name that is none stands for itself. */
export function columnOfFile(name: string): string {
  return COLUMNS.find((column) => fileName(column) === name) ?? name
}

/** A reading as text cells; an absent member is an empty cell. */
export type Cells = Readonly<Record<Column, string>>

const POSITION_MEMBERS = ['lat', 'lon', 'speed', 'bearing', 'accuracy'] as const

/** One set of cells for each reading of the observation. */
export function cellsOf(row: TransferRow): Cells[] {
  const shared = {
    time: formatTime(row.time),
    kind: row.kind,
    device: row.device,
    ...Object.fromEntries(POSITION_MEMBERS.map((member) => [member, text(row.position?.[member])])),
    trip: text(row.trip),
    route: text(row.route),
    direction: text(row.direction),
    occupancy: text(row.occupancy),
  }
  return Object.entries(row.values).map(
    ([metric, value]) =>
      ({ ...shared, metric, value: String(value), unit: unitOf(row.kind, metric) ?? '' }) as Cells,
  )
}

const text = (value: string | number | undefined): string => (value === undefined ? '' : String(value))

/** The observation of one reading's cells. Throws `input_refused` naming the column and its rule; `place` says where it stands. */
export function rowOf(cells: Partial<Record<string, string>>, place: string): TransferRow {
  const cell = (column: Column): string => cells[column] ?? ''
  const refuse = (column: Column, rule: string): PantauError =>
    new PantauError('input_refused', `${place}: ${column} is ${shown(cell(column))}; ${rule}`)
  const kind = cell('kind')
  if (!isKind(kind)) throw refuse('kind', `one of ${KINDS.join(', ')} is taken`)
  if (!isDeviceId(cell('device'))) throw refuse('device', `it is ${DEVICE_ID_RULE}`)
  if (!METRIC_NAME.test(cell('metric'))) throw refuse('metric', `it is ${METRIC_NAME_RULE}`)
  const value = Number(cell('value'))
  if (cell('value').trim() === '' || !Number.isFinite(value))
    throw refuse('value', 'a finite number is taken')
  const direction = cell('direction')
  if (!['', '0', '1'].includes(direction)) throw refuse('direction', '0 or 1 is taken')
  const occupancy = OCCUPANCY.find((known) => known === cell('occupancy'))
  if (occupancy === undefined && cell('occupancy') !== '')
    throw refuse('occupancy', `one of ${OCCUPANCY.join(', ')} is taken`)
  const position = positionOf(cell, refuse)
  return {
    kind,
    device: cell('device'),
    time: timeOf(cell('time'), (rule) => refuse('time', rule)),
    values: { [cell('metric')]: value },
    ...(position === null ? {} : { position }),
    ...(cell('trip') === '' ? {} : { trip: cell('trip') }),
    ...(cell('route') === '' ? {} : { route: cell('route') }),
    ...(direction === '' ? {} : { direction: direction === '0' ? 0 : 1 }),
    ...(occupancy === undefined ? {} : { occupancy }),
  }
}

/** A cell may hold a megabyte: a message quotes its begin. */
function shown(cell: string): string {
  return cell === '' ? 'empty' : cell.length > 60 ? `${cell.slice(0, 57)}…` : cell
}

function timeOf(given: string, refuse: (rule: string) => PantauError): TimeMs {
  if (/^\d{1,16}$/.test(given)) return Number(given)
  const parsed = parseTime(given)
  if (!parsed.ok) throw refuse(`${parsed.detail}; RFC 3339 with offset or milliseconds since 1970 is taken`)
  return parsed.time
}

function positionOf(
  cell: (column: Column) => string,
  refuse: (column: Column, rule: string) => PantauError,
): Position | null {
  if (cell('lat') === '' && cell('lon') === '') return null
  const limits = {
    lat: [-90, 90],
    lon: [-180, 180],
    speed: [0, 1e3],
    bearing: [0, 360],
    accuracy: [0, 1e6],
  } as const
  const members: Record<string, number> = {}
  for (const member of POSITION_MEMBERS) {
    if (cell(member) === '' && member !== 'lat' && member !== 'lon') continue
    const value = Number(cell(member))
    const [least, most] = limits[member]
    if (cell(member) === '' || !(value >= least && value <= most))
      throw refuse(member, `${least} to ${most} is taken`)
    members[member] = value
  }
  return members as unknown as Position
}

/** Comments before the lines: what no line can say, the unit of each field. */
export function lineHead(): string {
  const ofKind = KINDS.map((kind) => {
    const units = Object.entries(METRICS[kind]).map(
      ([metric, { unit }]) => `${metric} [${unit === '' ? '1' : unit}]`,
    )
    return `# ${kind}: ${units.join(', ')}\n`
  })
  return `# time [ns since 1970 UTC]; position_lat, position_lon, position_bearing [deg], position_speed [m/s], position_accuracy [m]\n${ofKind.join('')}`
}

/** A line of InfluxDB's line protocol, time in nanoseconds as its own tools expect. */
export function lineOf(row: TransferRow): string {
  const numbers = { ...row.values, ...prefixed(row) }
  const texts = { trip: row.trip, route: row.route, occupancy: row.occupancy }
  const fields = [
    ...Object.entries(numbers).map(([name, value]) => `${name}=${value}`),
    ...Object.entries(texts).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}=${quoted(value)}`],
    ),
  ]
  return `${row.kind},device=${row.device} ${fields.join()} ${row.time}000000`
}

/** Position members beside metrics of the same name, such as `speed`, carry a prefix. */
function prefixed(row: TransferRow): Record<string, number> {
  const members = Object.entries(row.position ?? {}).map(([name, value]) => [
    `position_${name}`,
    value as number,
  ])
  const direction = row.direction === undefined ? [] : [['direction', row.direction]]
  return Object.fromEntries([...members, ...direction]) as Record<string, number>
}

const quoted = (value: string): string => `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`

const LINE = /^(\w+),device=([^ ,]+) (.*) (\d+)$/
const FIELD = /([A-Za-z_][A-Za-z0-9_]*)=("(?:[^"\\]|\\.)*"|[^,]+)(?:,|$)/y

/** The observation of a line that `lineOf` wrote. Throws `input_refused`. */
export function rowOfLine(line: string, place: string): TransferRow {
  const match = LINE.exec(line)
  if (match === null) {
    throw new PantauError(
      'input_refused',
      `${place}: the line is not of the form kind,device=ID fields nanoseconds`,
    )
  }
  const [, kind = '', device = '', fields = '', nanoseconds = ''] = match
  const members = readFields(fields, place)
  // A member may be called as one that every object has.
  const cells: Record<string, string> = Object.assign(Object.create(null), {
    kind,
    device,
    time: nanoseconds.slice(0, -6),
  })
  const values = Object.create(null) as Record<string, number>
  for (const [name, value] of Object.entries(members)) {
    if (name.startsWith('position_')) cells[name.slice('position_'.length)] = value
    else if (['trip', 'route', 'occupancy', 'direction'].includes(name)) cells[name] = value
    else values[name] = Number(value)
  }
  const names = Object.keys(values)
  const rows = names.map((metric) => rowOf({ ...cells, metric, value: members[metric] ?? '' }, place))
  const first = rows[0]
  if (first === undefined) throw new PantauError('input_refused', `${place}: the line has no metric`)
  return { ...first, values: { ...values } }
}

function readFields(text: string, place: string): Record<string, string> {
  const fields: Record<string, string> = Object.create(null) as Record<string, string>
  FIELD.lastIndex = 0
  while (FIELD.lastIndex < text.length) {
    const match = FIELD.exec(text)
    if (match?.[1] === undefined || match[2] === undefined) {
      throw new PantauError('input_refused', `${place}: the fields are not of the form name=value,name=value`)
    }
    const value = match[2]
    fields[match[1]] = value.startsWith('"') ? value.slice(1, -1).replaceAll(/\\(.)/g, '$1') : value
  }
  return fields
}
