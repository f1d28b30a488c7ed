// Rows as lines of InfluxDB's line protocol and back. A measurement a kind, tag `device`, a float field a metric; what comes
// with an observation has a dot in its name, which no metric can have.

import type { TransferRow } from '../../contract/feed.ts'
import type { Occupancy, Position } from '../../contract/observation.ts'
import type { TimeMs } from '../../contract/time.ts'
import type { Kind } from '../../contract/topics.ts'
import {
  CONTEXT_NUMBERS,
  CONTEXT_TEXTS,
  type ContextNumber,
  type ContextText,
  KNOWN_METRICS,
} from './columns.ts'
import { groupBy } from './group.ts'
import { type BucketPart, HOURLY_VERSION, valueOfPart } from './hours.ts'
import type { InfluxTable, InfluxValue } from './influx-server.ts'
import type { PackedRows } from './packed-rows.ts'

const NUMBER_FIELDS: Readonly<Record<ContextNumber, string>> = {
  position_lat: 'position.lat',
  position_lon: 'position.lon',
  position_speed: 'position.speed',
  position_bearing: 'position.bearing',
  position_accuracy: 'position.accuracy',
  direction: 'transit.direction',
}
const TEXT_FIELDS: Readonly<Record<ContextText, string>> = {
  trip: 'transit.trip',
  route: 'transit.route',
  occupancy: 'transit.occupancy',
}
export const POSITION_FIELDS = CONTEXT_NUMBERS.slice(0, 5).map((name) => NUMBER_FIELDS[name])
export const TRIP_FIELD = TEXT_FIELDS.trip
export const TIME_IS_ARRIVAL_FIELD = 'time.is_arrival'

/** Names that InfluxDB keeps for itself or that are our tag. */
const RESERVED = new Set(['time', 'device'])

/** Field of a metric. */
export function fieldOf(metric: string): string {
  return RESERVED.has(metric) ? `metric.${metric}` : metric
}

/** Metric of a field; null for what is none. */
function metricOfField(field: string): string | null {
  if (field.startsWith('metric.')) return field.slice('metric.'.length)
  return field.includes('.') || RESERVED.has(field) ? null : field
}

const quotedText = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`

/** One line a row, without line ends. */
export function linesOf(packed: PackedRows): string[] {
  const { kind, devices, count } = packed
  const heads = devices.map((device) => `${kind},device=${device} `)
  const numbers = packed.numbers.flatMap((values, index) => {
    const metric = KNOWN_METRICS[kind][index]
    const context = CONTEXT_NUMBERS[index - KNOWN_METRICS[kind].length]
    const field = metric === undefined ? context && NUMBER_FIELDS[context] : fieldOf(metric)
    return values === null || field === undefined ? [] : [{ field, values }]
  })
  const texts = CONTEXT_TEXTS.flatMap((name) => {
    const values = packed.texts[name]
    return values === null ? [] : [{ field: TEXT_FIELDS[name], values }]
  })
  const others = groupBy(packed.others, ({ row }) => row)
  const lines: string[] = []
  for (let row = 0; row < count; row += 1) {
    let fields = ''
    for (const { field, values } of numbers) {
      const value = values[row] ?? Number.NaN
      if (!Number.isNaN(value)) fields += `,${field}=${value}`
    }
    for (const { field, values } of texts) {
      const text = values[row]
      if (text !== null && text !== undefined) fields += `,${field}=${quotedText(text)}`
    }
    for (const { metric, value } of others.get(row) ?? []) fields += `,${fieldOf(metric)}=${value}`
    if (packed.timeIsArrival[row] === 1) fields += `,${TIME_IS_ARRIVAL_FIELD}=true`
    lines.push(`${heads[packed.device[row] ?? 0]}${fields.slice(1)} ${packed.time[row]}`)
  }
  return lines
}

/** Observations of an answer to `SELECT *`, by time and device. */
export function transferRowsOf(kind: Kind, table: InfluxTable): TransferRow[] {
  return table.rows
    .map((cells) =>
      transferRow(kind, new Map(table.columns.map((column, index) => [column, cells[index] ?? null]))),
    )
    .sort((a, b) => a.time - b.time || (a.device < b.device ? -1 : 1))
}

function transferRow(kind: Kind, cells: ReadonlyMap<string, InfluxValue>): TransferRow {
  const values: [string, number][] = []
  // Known metrics first and in their order, as the other engines give them.
  const fields = [...KNOWN_METRICS[kind].map(fieldOf), ...cells.keys()]
  for (const field of new Set(fields)) {
    const metric = metricOfField(field)
    const value = cells.get(field)
    if (metric !== null && typeof value === 'number') values.push([metric, value])
  }
  const position = positionOf(cells)
  const text = (name: ContextText): string | null => {
    const value = cells.get(TEXT_FIELDS[name])
    return typeof value === 'string' ? value : null
  }
  const [trip, route, occupancy] = [text('trip'), text('route'), text('occupancy')]
  const direction = cells.get(NUMBER_FIELDS.direction)
  return {
    kind,
    device: String(cells.get('device')),
    time: Number(cells.get('time')),
    values: Object.fromEntries(values),
    ...(position === null ? {} : { position }),
    ...(trip === null ? {} : { trip }),
    ...(route === null ? {} : { route }),
    ...(direction === 0 || direction === 1 ? { direction } : {}),
    ...(occupancy === null ? {} : { occupancy: occupancy as Occupancy }),
  }
}

export function positionOf(cells: ReadonlyMap<string, InfluxValue>): Position | null {
  const [lat, lon, speed, bearing, accuracy] = POSITION_FIELDS.map((field) => cells.get(field))
  if (typeof lat !== 'number' || typeof lon !== 'number') return null
  return {
    lat,
    lon,
    ...(typeof speed === 'number' ? { speed } : {}),
    ...(typeof bearing === 'number' ? { bearing } : {}),
    ...(typeof accuracy === 'number' ? { accuracy } : {}),
  }
}

/** Hourly rows stand in a measurement of their own, a series a device and metric. */
export function hourlyMeasurement(kind: Kind): string {
  return `${kind}_1h`
}

/** `mean` is for people and their dashboards, `scaled_sum` for adding hours up. */
export function hourlyLine(kind: Kind, device: string, part: BucketPart): string {
  const mean = part.count === 0 ? 0 : valueOfPart(part, 'mean')
  const fields = `count=${part.count},mean=${mean},scaled_sum=${part.sum},min=${part.min},max=${part.max},version="${HOURLY_VERSION}"`
  return `${hourlyMeasurement(kind)},device=${device},metric=${part.metric} ${fields} ${part.start}`
}

/** Parts of `SELECT count, sum, min, max`; empty ones left out. `scale`: what the sum must be multiplied with. */
export function partsOf(metric: string, table: InfluxTable, scale: number): BucketPart[] {
  return table.rows.flatMap(([start, count, sum, min, max]) =>
    typeof count !== 'number' || count === 0
      ? []
      : [
          {
            metric,
            start: Number(start) satisfies TimeMs,
            count,
            sum: Number(sum) * scale,
            min: Number(min),
            max: Number(max),
          },
        ],
  )
}
