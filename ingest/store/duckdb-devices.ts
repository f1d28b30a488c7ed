// Devices as the store knows them, held in memory and written with each batch that touches them: number, newest time (above
// it nothing can be a repetition), latest values, marked hours. Answers "latest" without looking at history.

import type { Occupancy } from '../../contract/observation.ts'
import type { TimeMs } from '../../contract/time.ts'
import type { Kind } from '../../contract/topics.ts'
import { CONTEXT_NUMBERS, KNOWN_METRICS } from './columns.ts'
import type { DuckDbSession } from './duckdb-connection.ts'
import type { PackedRows } from './packed-rows.ts'
import type { LatestDevice, LatestPosition } from './store.ts'

interface LatestValue {
  readonly value: number
  readonly time: TimeMs
}

/** Unknown metrics whose latest value is kept of one device: a bound on what it may invent. Known ones are all kept. */
const MOST_UNKNOWN = 256

export interface DeviceState {
  readonly id: number
  readonly kind: Kind
  readonly device: string
  /** Newest time of an observation; -Infinity before the first. */
  highWater: TimeMs
  lastArrival: TimeMs
  conflicts: number
  readonly values: Map<string, LatestValue>
  position: LatestPosition | null
  /** Starts of hours whose means must be computed from raw readings. */
  readonly marked: Set<TimeMs>
  /** Starts of hours whose flags are to be judged, with the number of the last write to each. */
  readonly unjudged: Map<TimeMs, number>
  /** When its flags were judged last in this process. */
  judgedAt: TimeMs
}

/** What `device.latest` holds as JSON, which keeps doubles exactly. */
interface LatestText {
  readonly values: Readonly<Record<string, readonly [number, TimeMs]>>
  readonly position: LatestPosition | null
}

export class DeviceTable {
  readonly #byName = new Map<string, DeviceState>()
  readonly #byId = new Map<number, DeviceState>()
  /** Numbers of those that the table has a row of. */
  readonly #saved = new Set<number>()
  #nextId = 1

  /** Forgets what it holds and reads the tables. */
  async load(session: DuckDbSession): Promise<void> {
    this.#byName.clear()
    this.#byId.clear()
    this.#saved.clear()
    this.#nextId = 1
    const rows = await session.rows(
      'SELECT id, kind, device, high_water, last_arrival, conflicts, latest FROM device ORDER BY id',
    )
    for (const [id, kind, device, highWater, lastArrival, conflicts, latest] of rows) {
      const { values, position } = JSON.parse(String(latest)) as LatestText
      this.#add({
        id: Number(id),
        kind: kind as Kind,
        device: String(device),
        highWater: Number(highWater),
        lastArrival: Number(lastArrival),
        conflicts: Number(conflicts),
        values: new Map(Object.entries(values).map(([metric, [value, time]]) => [metric, { value, time }])),
        position,
        marked: new Set(),
        unjudged: new Map(),
        judgedAt: 0,
      })
      this.#saved.add(Number(id))
    }
    for (const [id, hour] of await session.rows('SELECT device, hour FROM marked_hour')) {
      this.#byId.get(Number(id))?.marked.add(Number(hour))
    }
    for (const [id, hour] of await session.rows('SELECT device, hour FROM unjudged_hour')) {
      this.#byId.get(Number(id))?.unjudged.set(Number(hour), 0)
    }
  }

  #add(state: DeviceState): void {
    // Ids are unique in the village: when one was given to a device of another kind, the newer one is meant.
    this.#byName.set(`${state.kind} ${state.device}`, state)
    this.#byName.set(state.device, state)
    this.#byId.set(state.id, state)
    this.#nextId = Math.max(this.#nextId, state.id + 1)
  }

  /** The device of that name, whatever its kind. */
  named(device: string): DeviceState | undefined {
    return this.#byName.get(device)
  }

  withId(id: number): DeviceState | undefined {
    return this.#byId.get(id)
  }

  all(): IterableIterator<DeviceState> {
    return this.#byId.values()
  }

  /** The device, numbered when it is new. It is in the table once `save` was called with it. */
  obtain(kind: Kind, device: string): DeviceState {
    const known = this.#byName.get(`${kind} ${device}`)
    if (known !== undefined) return known
    const state: DeviceState = {
      id: this.#nextId,
      kind,
      device,
      highWater: Number.NEGATIVE_INFINITY,
      lastArrival: 0,
      conflicts: 0,
      values: new Map(),
      position: null,
      marked: new Set(),
      unjudged: new Map(),
      judgedAt: 0,
    }
    this.#add(state)
    return state
  }

  /** Writes devices, each given once, inside the caller's transaction; `load` again when that fails. */
  async save(session: DuckDbSession, states: readonly DeviceState[]): Promise<void> {
    if (states.length === 0) return
    await session.stage(
      'touched_device',
      '(id INTEGER, kind VARCHAR, device VARCHAR, high_water BIGINT, last_arrival BIGINT, conflicts BIGINT, latest VARCHAR)',
      [
        { type: 'integer', values: states.map((state) => state.id) },
        { type: 'text', values: states.map((state) => state.kind) },
        { type: 'text', values: states.map((state) => state.device) },
        { type: 'bigint', values: states.map((state) => state.highWater) },
        { type: 'bigint', values: states.map((state) => state.lastArrival) },
        { type: 'bigint', values: states.map((state) => state.conflicts) },
        { type: 'text', values: states.map(latestText) },
      ],
      states.length,
    )
    // An update costs a third of an INSERT OR REPLACE, and this is done with every batch.
    await session.run(
      `UPDATE device SET high_water = t.high_water, last_arrival = t.last_arrival, conflicts = t.conflicts, latest = t.latest
       FROM touched_device t WHERE device.id = t.id`,
    )
    const fresh = states.filter(({ id }) => !this.#saved.has(id))
    if (fresh.length === 0) return
    await session.run(
      'INSERT INTO device SELECT * FROM touched_device WHERE id NOT IN (SELECT id FROM device)',
    )
    for (const { id } of fresh) this.#saved.add(id)
  }
}

function latestText({ values, position }: DeviceState): string {
  const entries = [...values].map(([metric, { value, time }]) => [metric, [value, time]] as const)
  const text: LatestText = { values: Object.fromEntries(entries), position }
  return JSON.stringify(text)
}

/** The device as `Store.latest` answers it. */
export function latestOf(state: DeviceState): LatestDevice {
  return {
    kind: state.kind,
    device: state.device,
    lastArrival: state.lastArrival,
    lastTime: state.highWater,
    values: Object.fromEntries(state.values),
    position: state.position,
    conflicts: state.conflicts,
  }
}

/** Takes the rows' newest values, positions, times and arrivals into their devices. `states` by index of `packed.devices`. */
export function advanceDevices(packed: PackedRows, states: readonly DeviceState[]): void {
  const metrics = KNOWN_METRICS[packed.kind]
  const columns = packed.numbers.slice(0, metrics.length)
  for (let row = 0; row < packed.count; row += 1) {
    const state = states[packed.device[row] ?? 0]
    const time = packed.time[row] ?? 0
    if (state === undefined) continue
    for (const [index, column] of columns.entries()) {
      const value = column?.[row]
      const metric = metrics[index]
      if (value !== undefined && !Number.isNaN(value) && metric !== undefined)
        advance(state, metric, value, time)
    }
    advancePosition(state, packed, row, time)
    state.highWater = Math.max(state.highWater, time)
    state.lastArrival = Math.max(state.lastArrival, packed.arrival[row] ?? 0)
  }
  for (const { row, metric, value } of packed.others) {
    const state = states[packed.device[row] ?? 0]
    if (
      state !== undefined &&
      (state.values.has(metric) || state.values.size < metrics.length + MOST_UNKNOWN)
    ) {
      advance(state, metric, value, packed.time[row] ?? 0)
    }
  }
}

function advance(state: DeviceState, metric: string, value: number, time: TimeMs): void {
  const before = state.values.get(metric)
  if (before === undefined || time >= before.time) state.values.set(metric, { value, time })
}

function advancePosition(state: DeviceState, packed: PackedRows, row: number, time: TimeMs): void {
  const first = packed.numbers.length - CONTEXT_NUMBERS.length
  const number = (offset: number): number | undefined => {
    const value = packed.numbers[first + offset]?.[row]
    return value === undefined || Number.isNaN(value) ? undefined : value
  }
  const [lat, lon] = [number(0), number(1)]
  if (lat === undefined || lon === undefined) return
  if (state.position !== null && state.position.time > time) return
  const [speed, bearing, accuracy, direction] = [number(2), number(3), number(4), number(5)]
  state.position = {
    lat,
    lon,
    ...(speed === undefined ? {} : { speed }),
    ...(bearing === undefined ? {} : { bearing }),
    ...(accuracy === undefined ? {} : { accuracy }),
    time,
    trip: packed.texts.trip?.[row] ?? null,
    route: packed.texts.route?.[row] ?? null,
    direction: direction === 0 || direction === 1 ? direction : null,
    occupancy: (packed.texts.occupancy?.[row] ?? null) as Occupancy | null,
  }
}
