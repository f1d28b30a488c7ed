// Puts packed rows into a kind's table. A row above its device's newest time cannot be there already and is appended without
// a look; the others are compared with what is stored, in one join over the touched stretch of time.

import type { Kind } from '../../contract/topics.ts'
import { CONTEXT_TEXTS, NUMBER_COLUMNS } from './columns.ts'
import { type Column, type DuckDbSession, type Row, whole } from './duckdb-connection.ts'
import type { DeviceState } from './duckdb-devices.ts'
import { quoted } from './duckdb-schema.ts'
import type { OtherReading, PackedRows } from './packed-rows.ts'
import { RowMerge, type RowsOutcome, type StoredOther, type StoredRow } from './row-merge.ts'

/**
 * Writes the rows inside the caller's transaction and says what became of their readings. `packed` is used up: a row that
 * was there already is filled with what it held before. `columns` is the table's order.
 */
export async function writeRows(
  session: DuckDbSession,
  packed: PackedRows,
  states: readonly DeviceState[],
  columns: readonly string[],
): Promise<RowsOutcome> {
  const below = rowsBelowHighWater(packed, states)
  const stored =
    below.length === 0 ? new Map<number, StoredRow>() : await findStored(session, packed, states, below)
  const merge = new RowMerge(packed, stored)
  for (let row = 0; row < packed.count; row += 1) merge.take(row)
  const { outcome, goneRows, goneOthers, newOthers } = merge.finish()
  await removeRows(session, packed.kind, goneRows)
  await removeRows(session, 'other', goneOthers)
  await appendRows(session, packed, states, columns, outcome.written)
  await appendOthers(session, packed, states, newOthers)
  return outcome
}

function rowsBelowHighWater(packed: PackedRows, states: readonly DeviceState[]): number[] {
  const rows: number[] = []
  for (let row = 0; row < packed.count; row += 1) {
    const state = states[packed.device[row] ?? 0]
    if (state !== undefined && (packed.time[row] ?? 0) <= state.highWater) rows.push(row)
  }
  return rows
}

async function findStored(
  session: DuckDbSession,
  packed: PackedRows,
  states: readonly DeviceState[],
  rows: readonly number[],
): Promise<Map<number, StoredRow>> {
  await session.stage(
    'probe',
    '(row INTEGER, device INTEGER, time BIGINT)',
    [
      { type: 'integer', values: rows },
      { type: 'integer', values: rows.map((row) => states[packed.device[row] ?? 0]?.id ?? 0) },
      { type: 'bigint', values: rows.map((row) => packed.time[row] ?? 0) },
    ],
    rows.length,
  )
  const times = rows.map((row) => packed.time[row] ?? 0)
  const [least, most] = times.reduce(([least, most], time) => [Math.min(least, time), Math.max(most, time)], [
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ] as [number, number])
  const span = [whole(least), whole(most)]
  const others = await findOthers(session, span)
  const names = [...CONTEXT_TEXTS, ...NUMBER_COLUMNS[packed.kind]].map((name) => `t.${quoted(name)}`)
  const found = await session.rows(
    `SELECT probe.row, t.rowid, t.time_is_arrival, ${names.join(', ')} FROM ${packed.kind} t
     JOIN probe ON t.device = probe.device AND t.time = probe.time WHERE t.time BETWEEN ? AND ?`,
    span,
  )
  return new Map(found.map((cells) => [Number(cells[0]), storedRow(cells, others.get(Number(cells[0])))]))
}

const NO_OTHERS: ReadonlyMap<string, StoredOther> = new Map()

function storedRow(cells: Row, others: ReadonlyMap<string, StoredOther> | undefined): StoredRow {
  const texts = cells.slice(3, 3 + CONTEXT_TEXTS.length)
  return {
    rowid: Number(cells[1]),
    timeIsArrival: cells[2] === true ? 1 : 0,
    texts: texts.map((text) => (typeof text === 'string' ? text : null)),
    numbers: cells
      .slice(3 + CONTEXT_TEXTS.length)
      .map((cell) => (typeof cell === 'number' ? cell : Number.NaN)),
    others: others ?? NO_OTHERS,
  }
}

async function findOthers(
  session: DuckDbSession,
  span: readonly bigint[],
): Promise<Map<number, Map<string, StoredOther>>> {
  const rows = await session.rows(
    `SELECT probe.row, other.rowid, other.metric, other.value FROM other
     JOIN probe ON other.device = probe.device AND other.time = probe.time WHERE other.time BETWEEN ? AND ?`,
    span,
  )
  const others = new Map<number, Map<string, StoredOther>>()
  for (const [row, rowid, metric, value] of rows) {
    const ofRow = others.get(Number(row)) ?? new Map<string, StoredOther>()
    ofRow.set(String(metric), { rowid: Number(rowid), value: Number(value) })
    others.set(Number(row), ofRow)
  }
  return others
}

async function removeRows(
  session: DuckDbSession,
  table: Kind | 'other',
  rowids: readonly number[],
): Promise<void> {
  if (rowids.length === 0) return
  await session.stage('gone', '(id BIGINT)', [{ type: 'bigint', values: rowids }], rowids.length)
  await session.run(`DELETE FROM ${table} WHERE rowid IN (SELECT id FROM gone)`)
}

async function appendRows(
  session: DuckDbSession,
  packed: PackedRows,
  states: readonly DeviceState[],
  columns: readonly string[],
  rows: readonly number[],
): Promise<void> {
  const id = (row: number): number => states[packed.device[row] ?? 0]?.id ?? 0
  const time = (row: number): number => packed.time[row] ?? 0
  // Neighbours of one device make a device's history a few stretches of each chunk, and compress better.
  const order = [...rows].sort((a, b) => id(a) - id(b) || time(a) - time(b))
  const numberAt = new Map(NUMBER_COLUMNS[packed.kind].map((name, index) => [name, index]))
  const gather = (values: Float64Array): Float64Array => {
    const gathered = new Float64Array(order.length)
    for (const [index, row] of order.entries()) gathered[index] = values[row] ?? Number.NaN
    return gathered
  }
  const column = (name: string): Column => {
    switch (name) {
      case 'device':
        return { type: 'integer', values: order.map(id) }
      case 'time':
        return { type: 'bigint', values: gather(packed.time) }
      case 'arrival':
        return { type: 'bigint', values: gather(packed.arrival) }
      case 'time_is_arrival':
        return { type: 'boolean', values: order.map((row) => packed.timeIsArrival[row] ?? 0) }
      case 'trip':
      case 'route':
      case 'occupancy': {
        const texts = packed.texts[name]
        return { type: 'text', values: texts === null ? null : order.map((row) => texts[row] ?? null) }
      }
      default: {
        const values = packed.numbers[numberAt.get(name) ?? -1] ?? null
        return { type: 'double', values: values === null ? null : gather(values) }
      }
    }
  }
  await session.append(packed.kind, columns.map(column), order.length)
}

async function appendOthers(
  session: DuckDbSession,
  packed: PackedRows,
  states: readonly DeviceState[],
  others: readonly OtherReading[],
): Promise<void> {
  const of = (values: ArrayLike<number>): number[] => others.map(({ row }) => values[row] ?? 0)
  await session.append(
    'other',
    [
      { type: 'integer', values: others.map(({ row }) => states[packed.device[row] ?? 0]?.id ?? 0) },
      { type: 'bigint', values: of(packed.time) },
      { type: 'bigint', values: of(packed.arrival) },
      { type: 'text', values: others.map(({ metric }) => metric) },
      { type: 'double', values: others.map(({ value }) => value) },
    ],
    others.length,
  )
}
