// Observations of one batch as columns, one row a (device, time): that is what DuckDB appends, what InfluxDB's lines are built
// from and what crosses to the store's thread without being cloned object by object. Repetitions inside the batch are
// counted and merged here; `first` keeps what a stored value must be compared with when the batch itself changed its mind.

import type { TransferRow } from '../../contract/feed.ts'
import type { Observation } from '../../contract/observation.ts'
import { KINDS, type Kind } from '../../contract/topics.ts'
import {
  CONTEXT_NUMBERS,
  CONTEXT_TEXTS,
  type ContextText,
  columnOf,
  KNOWN_METRICS,
  NUMBER_COLUMNS,
} from './columns.ts'

/** A reading of a metric without a column. */
export interface OtherReading {
  readonly row: number
  readonly metric: string
  /** The last value of the batch, which stands, and the first. */
  value: number
  readonly first: number
}

/** A known metric whose value changed inside the batch: `value` is the first one seen. */
export interface FirstValue {
  readonly row: number
  readonly column: number
  readonly value: number
}

export interface PackedRows {
  readonly kind: Kind
  readonly count: number
  /** Names; `device` holds indexes into them. */
  readonly devices: readonly string[]
  readonly device: Uint32Array
  readonly time: Float64Array
  readonly arrival: Float64Array
  readonly timeIsArrival: Uint8Array
  /** Observations that became the row, and what repeated itself among them. */
  readonly observations: Uint32Array
  readonly duplicates: Uint32Array
  readonly conflicts: Uint32Array
  /** By index in `NUMBER_COLUMNS`; NaN where absent; null where no row has one. */
  readonly numbers: readonly (Float64Array | null)[]
  readonly texts: Readonly<Record<ContextText, readonly (string | null)[] | null>>
  readonly others: readonly OtherReading[]
  readonly firsts: readonly FirstValue[]
}

/** Rows of all kinds that occur in the observations, merged by (device, time) in the order given. */
export function packObservations(observations: readonly Observation[]): PackedRows[] {
  const packers = new Map<Kind, Packer>()
  for (const observation of observations)
    packerOf(packers, observation.kind, observations.length).add(observation)
  return KINDS.flatMap((kind) => packers.get(kind)?.finish() ?? [])
}

/** The same for rows to import, which count as arrived at their time. */
export function packTransferRows(rows: readonly TransferRow[]): PackedRows[] {
  return packObservations(rows.map((row) => ({ ...row, arrival: row.time, timeIsArrival: false })))
}

function packerOf(packers: Map<Kind, Packer>, kind: Kind, capacity: number): Packer {
  let packer = packers.get(kind)
  if (packer === undefined) {
    packer = new Packer(kind, capacity)
    packers.set(kind, packer)
  }
  return packer
}

interface SeenDevice {
  readonly index: number
  readonly rowAt: Map<number, number>
}

class Packer {
  readonly #kind: Kind
  readonly #capacity: number
  readonly #seen = new Map<string, SeenDevice>()
  readonly #device: Uint32Array
  readonly #time: Float64Array
  readonly #arrival: Float64Array
  readonly #timeIsArrival: Uint8Array
  readonly #observations: Uint32Array
  readonly #duplicates: Uint32Array
  readonly #conflicts: Uint32Array
  readonly #numbers: (Float64Array | null)[]
  readonly #texts: Record<ContextText, (string | null)[] | null> = {
    trip: null,
    route: null,
    occupancy: null,
  }
  readonly #others: OtherReading[] = []
  readonly #otherAt = new Map<string, OtherReading>()
  readonly #firsts: FirstValue[] = []
  readonly #changed = new Set<number>()
  #count = 0

  constructor(kind: Kind, capacity: number) {
    this.#kind = kind
    this.#capacity = capacity
    this.#device = new Uint32Array(capacity)
    this.#time = new Float64Array(capacity)
    this.#arrival = new Float64Array(capacity)
    this.#timeIsArrival = new Uint8Array(capacity)
    this.#observations = new Uint32Array(capacity)
    this.#duplicates = new Uint32Array(capacity)
    this.#conflicts = new Uint32Array(capacity)
    this.#numbers = NUMBER_COLUMNS[kind].map(() => null)
  }

  add(observation: Observation): void {
    const row = this.#rowOf(observation.device, observation.time)
    this.#arrival[row] = Math.max(this.#arrival[row] ?? 0, observation.arrival)
    this.#timeIsArrival[row] = observation.timeIsArrival ? 1 : 0
    this.#observations[row] = (this.#observations[row] ?? 0) + 1
    const values = observation.values
    for (const metric in values) {
      // Values come from a decoder as own members; `constructor` is a metric's name like any other.
      const value = values[metric]
      if (value === undefined) continue
      const column = columnOf(this.#kind, metric)
      if (column === undefined) this.#addOther(row, metric, value)
      else this.#addKnown(row, column, value)
    }
    this.#addContext(row, observation)
  }

  #rowOf(device: string, time: number): number {
    let seen = this.#seen.get(device)
    if (seen === undefined) {
      seen = { index: this.#seen.size, rowAt: new Map() }
      this.#seen.set(device, seen)
    }
    let row = seen.rowAt.get(time)
    if (row === undefined) {
      row = this.#count
      this.#count += 1
      seen.rowAt.set(time, row)
      this.#device[row] = seen.index
      this.#time[row] = time
    }
    return row
  }

  #column(index: number): Float64Array {
    let column = this.#numbers[index]
    if (column === null || column === undefined) {
      column = new Float64Array(this.#capacity).fill(Number.NaN)
      this.#numbers[index] = column
    }
    return column
  }

  #addKnown(row: number, index: number, value: number): void {
    const column = this.#column(index)
    const before = column[row] ?? Number.NaN
    column[row] = value
    if (Number.isNaN(before)) return
    if (before === value) {
      this.#duplicates[row] = (this.#duplicates[row] ?? 0) + 1
      return
    }
    this.#conflicts[row] = (this.#conflicts[row] ?? 0) + 1
    const key = row * this.#numbers.length + index
    if (this.#changed.has(key)) return
    this.#changed.add(key)
    this.#firsts.push({ row, column: index, value: before })
  }

  #addOther(row: number, metric: string, value: number): void {
    const key = `${row} ${metric}`
    const before = this.#otherAt.get(key)
    if (before === undefined) {
      const reading = { row, metric, value, first: value }
      this.#otherAt.set(key, reading)
      this.#others.push(reading)
      return
    }
    const counted = before.value === value ? this.#duplicates : this.#conflicts
    counted[row] = (counted[row] ?? 0) + 1
    before.value = value
  }

  #addContext(row: number, observation: Observation): void {
    const { position, direction } = observation
    if (position !== undefined) {
      const start = KNOWN_METRICS[this.#kind].length
      // A later position replaces the whole earlier one, so a speed of before is not kept beside a place of now.
      const members = [position.lat, position.lon, position.speed, position.bearing, position.accuracy]
      for (const [offset, member] of members.entries()) {
        if (member !== undefined || this.#numbers[start + offset] !== null) {
          this.#column(start + offset)[row] = member ?? Number.NaN
        }
      }
    }
    if (direction !== undefined) this.#column(this.#numbers.length - 1)[row] = direction
    for (const name of CONTEXT_TEXTS) {
      const text = observation[name]
      if (text === undefined) continue
      this.#texts[name] ??= []
      this.#texts[name][row] = text
    }
  }

  finish(): PackedRows {
    const count = this.#count
    const texts = (column: (string | null)[] | null): (string | null)[] | null =>
      column === null ? null : Array.from({ length: count }, (_, row) => column[row] ?? null)
    return {
      kind: this.#kind,
      count,
      devices: [...this.#seen.keys()],
      device: this.#device.slice(0, count),
      time: this.#time.slice(0, count),
      arrival: this.#arrival.slice(0, count),
      timeIsArrival: this.#timeIsArrival.slice(0, count),
      observations: this.#observations.slice(0, count),
      duplicates: this.#duplicates.slice(0, count),
      conflicts: this.#conflicts.slice(0, count),
      numbers: this.#numbers.map((column) => column?.slice(0, count) ?? null),
      texts: {
        trip: texts(this.#texts.trip),
        route: texts(this.#texts.route),
        occupancy: texts(this.#texts.occupancy),
      },
      others: this.#others,
      firsts: this.#firsts,
    }
  }
}

/** The buffers of packed rows, to be handed to a thread rather than copied. */
export function buffersOf(packed: readonly PackedRows[]): ArrayBuffer[] {
  return packed.flatMap((rows) => {
    const columns = [
      rows.device,
      rows.time,
      rows.arrival,
      rows.timeIsArrival,
      rows.observations,
      rows.duplicates,
      rows.conflicts,
      ...rows.numbers,
    ]
    return columns.flatMap((column) => (column === null ? [] : [column.buffer as ArrayBuffer]))
  })
}

/** Rows `rows` of packed ones, in that order; what repeated itself in the others is not counted any more. */
export function selectRows(packed: PackedRows, rows: readonly number[]): PackedRows {
  const newRow = new Map(rows.map((row, index) => [row, index]))
  // Devices of which no row is left are left out, as if they had sent nothing.
  const kept = [...new Set(rows.map((row) => packed.device[row] ?? 0))]
  const newDevice = new Map(kept.map((device, index) => [device, index]))
  const pick = <T extends Float64Array | Uint32Array | Uint8Array>(column: T, empty: T): T => {
    for (const [index, row] of rows.entries()) empty[index] = column[row] ?? 0
    return empty
  }
  const float = (column: Float64Array): Float64Array => pick(column, new Float64Array(rows.length))
  const whole = (column: Uint32Array): Uint32Array => pick(column, new Uint32Array(rows.length))
  const texts = (column: readonly (string | null)[] | null): (string | null)[] | null =>
    column === null ? null : rows.map((row) => column[row] ?? null)
  return {
    kind: packed.kind,
    count: rows.length,
    devices: kept.map((device) => packed.devices[device] ?? ''),
    device: Uint32Array.from(rows, (row) => newDevice.get(packed.device[row] ?? 0) ?? 0),
    time: float(packed.time),
    arrival: float(packed.arrival),
    timeIsArrival: pick(packed.timeIsArrival, new Uint8Array(rows.length)),
    observations: whole(packed.observations),
    duplicates: whole(packed.duplicates),
    conflicts: whole(packed.conflicts),
    numbers: packed.numbers.map((column) => (column === null ? null : float(column))),
    texts: {
      trip: texts(packed.texts.trip),
      route: texts(packed.texts.route),
      occupancy: texts(packed.texts.occupancy),
    },
    others: packed.others.flatMap((reading) => {
      const row = newRow.get(reading.row)
      return row === undefined ? [] : [{ ...reading, row }]
    }),
    firsts: packed.firsts.flatMap((first) => {
      const row = newRow.get(first.row)
      return row === undefined ? [] : [{ ...first, row }]
    }),
  }
}

/** Readings of known metrics and others in the rows, each identity once. */
export function countReadings(packed: PackedRows): number {
  let readings = packed.others.length
  for (const [index, column] of packed.numbers.entries()) {
    if (column === null || index >= packed.numbers.length - CONTEXT_NUMBERS.length) continue
    for (const value of column) if (!Number.isNaN(value)) readings += 1
  }
  return readings
}
