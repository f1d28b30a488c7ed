// The rule of identity, row by row: what is new, what is there with the same value, what is there with another one (the later
// arrival stands), and what must be removed and written so that the table says so.

import { CONTEXT_NUMBERS, CONTEXT_TEXTS } from './columns.ts'
import { groupBy } from './group.ts'
import type { OtherReading, PackedRows } from './packed-rows.ts'

export interface RowsOutcome {
  stored: number
  duplicates: number
  conflicts: number
  /** By index of `packed.devices`. */
  readonly conflictsByDevice: number[]
  /** Rows that are new or changed. */
  readonly written: readonly number[]
}

export interface StoredOther {
  readonly rowid: number
  readonly value: number
}

export interface StoredRow {
  readonly rowid: number
  readonly timeIsArrival: number
  readonly texts: readonly (string | null)[]
  /** In the order of `NUMBER_COLUMNS`; NaN where absent. */
  readonly numbers: readonly number[]
  readonly others: ReadonlyMap<string, StoredOther>
}

/** Compares row by row and collects what must be removed and written. */
export class RowMerge {
  readonly #packed: PackedRows
  readonly #stored: ReadonlyMap<number, StoredRow>
  readonly #metrics: number
  readonly #firsts: ReadonlyMap<number, number>
  readonly #othersOf: ReadonlyMap<number, readonly OtherReading[]>
  readonly #outcome: RowsOutcome
  readonly #written: number[] = []
  readonly #goneRows: number[] = []
  readonly #goneOthers: number[] = []
  readonly #newOthers: OtherReading[] = []

  constructor(packed: PackedRows, stored: ReadonlyMap<number, StoredRow>) {
    this.#packed = packed
    this.#stored = stored
    this.#metrics = packed.numbers.length - CONTEXT_NUMBERS.length
    const width = packed.numbers.length
    this.#firsts = new Map(packed.firsts.map(({ row, column, value }) => [row * width + column, value]))
    this.#othersOf = groupBy(packed.others, ({ row }) => row)
    this.#outcome = {
      stored: 0,
      duplicates: 0,
      conflicts: 0,
      conflictsByDevice: packed.devices.map(() => 0),
      written: this.#written,
    }
  }

  take(row: number): void {
    this.#outcome.duplicates += this.#packed.duplicates[row] ?? 0
    this.#countConflicts(row, this.#packed.conflicts[row] ?? 0)
    const stored = this.#stored.get(row)
    if (stored === undefined) this.#takeNew(row)
    else if (this.#takeStored(row, stored)) {
      this.#goneRows.push(stored.rowid)
      this.#written.push(row)
    }
  }

  #countConflicts(row: number, conflicts: number): void {
    this.#outcome.conflicts += conflicts
    const device = this.#packed.device[row] ?? 0
    this.#outcome.conflictsByDevice[device] = (this.#outcome.conflictsByDevice[device] ?? 0) + conflicts
  }

  #takeNew(row: number): void {
    const { numbers } = this.#packed
    for (let column = 0; column < this.#metrics; column += 1) {
      const values = numbers[column]
      if (values !== null && values !== undefined && !Number.isNaN(values[row])) this.#outcome.stored += 1
    }
    const others = this.#othersOf.get(row)
    if (others !== undefined) {
      this.#outcome.stored += others.length
      this.#newOthers.push(...others)
    }
    this.#written.push(row)
  }

  /** Compares with the stored row and completes the packed one from it; true when anything is to be written. */
  #takeStored(row: number, stored: StoredRow): boolean {
    let changed = this.#takeMetrics(row, stored)
    changed = this.#takeContext(row, stored) || changed
    for (const other of this.#othersOf.get(row) ?? []) {
      changed = this.#takeOther(row, other, stored.others.get(other.metric)) || changed
    }
    // An observation that brought its own time says more than one that was given its arrival.
    if (stored.timeIsArrival === 0) this.#packed.timeIsArrival[row] = 0
    else if (this.#packed.timeIsArrival[row] === 0) changed = true
    return changed
  }

  #takeMetrics(row: number, stored: StoredRow): boolean {
    let changed = false
    for (let column = 0; column < this.#metrics; column += 1) {
      const before = stored.numbers[column] ?? Number.NaN
      const value = this.#packed.numbers[column]?.[row] ?? Number.NaN
      if (Number.isNaN(value)) {
        if (!Number.isNaN(before)) this.#column(column)[row] = before
        continue
      }
      if (Number.isNaN(before)) this.#outcome.stored += 1
      else this.#compare(row, before, this.#firsts.get(row * this.#packed.numbers.length + column) ?? value)
      changed ||= before !== value
    }
    return changed
  }

  #compare(row: number, before: number, first: number): void {
    if (before === first) this.#outcome.duplicates += 1
    else this.#countConflicts(row, 1)
  }

  #column(index: number): Float64Array {
    const present = this.#packed.numbers[index]
    if (present !== null && present !== undefined) return present
    const column = new Float64Array(this.#packed.count).fill(Number.NaN)
    const numbers = this.#packed.numbers as (Float64Array | null)[]
    numbers[index] = column
    return column
  }

  #takeContext(row: number, stored: StoredRow): boolean {
    const { numbers, texts } = this.#packed
    const given = (index: number): number => numbers[index]?.[row] ?? Number.NaN
    const hasPosition = !Number.isNaN(given(this.#metrics))
    let changed = false
    for (let index = this.#metrics; index < numbers.length; index += 1) {
      const before = stored.numbers[index] ?? Number.NaN
      const isDirection = index === numbers.length - 1
      const keeps = isDirection ? Number.isNaN(given(index)) : !hasPosition
      if (keeps) {
        if (!Number.isNaN(before)) this.#column(index)[row] = before
      } else changed ||= !Object.is(before, given(index))
    }
    for (const [index, name] of CONTEXT_TEXTS.entries()) {
      const before = stored.texts[index] ?? null
      const text = texts[name]?.[row] ?? null
      if (text === null && before !== null) this.#setText(name, row, before)
      else changed ||= text !== before
    }
    return changed
  }

  #setText(name: (typeof CONTEXT_TEXTS)[number], row: number, text: string): void {
    const texts = this.#packed.texts as Record<string, (string | null)[] | null>
    const column = texts[name] ?? Array.from({ length: this.#packed.count }, () => null)
    column[row] = text
    texts[name] = column
  }

  #takeOther(row: number, other: OtherReading, before: StoredOther | undefined): boolean {
    if (before === undefined) this.#outcome.stored += 1
    else this.#compare(row, before.value, other.first)
    if (before?.value === other.value) return false
    if (before !== undefined) this.#goneOthers.push(before.rowid)
    this.#newOthers.push(other)
    return true
  }

  finish(): {
    readonly outcome: RowsOutcome
    readonly goneRows: readonly number[]
    readonly goneOthers: readonly number[]
    readonly newOthers: readonly OtherReading[]
  } {
    return {
      outcome: this.#outcome,
      goneRows: this.#goneRows,
      goneOthers: this.#goneOthers,
      newOthers: this.#newOthers,
    }
  }
}
