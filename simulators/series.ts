// Real series, shifted so that their hour of the day is the village's hour of the day, and repeated when they end. Between
// two rows a value lies on the line between them; across a gap there is none.

import { readFileSync } from 'node:fs'
import { DAY, HOUR, MINUTE, SECOND, type TimeMs } from '../contract/time.ts'

export interface RealSeries {
  /** Value of a column at a time; null where the series has a gap. */
  at(column: string, time: TimeMs): number | null
}

interface Rows {
  /** Milliseconds since the series' first midnight, rising. */
  readonly offsets: Float64Array
  readonly columns: ReadonlyMap<string, Float64Array>
}

/**
 * Rows farther apart than this have a gap between them. The log lost some rows on its way, which no sensor of the village does: its gaps
 * are planted (`sensor-faults.ts`), and over a quarter of an hour the air lies on a line.
 */
const AIR_ROHR_GAP_MS = 15 * MINUTE
const REFERENCE_GAP_MS = 3 * HOUR

/** The series of `series/`: `folder` is that folder's URL, `utcOffsetMs` what the village's clock is ahead of UTC. */
export function openSeries(folder: URL, utcOffsetMs: number): { airRohr: RealSeries; reference: RealSeries } {
  return {
    // Its times are UTC, its place is seven hours ahead, as the village is: no shift of the hour.
    airRohr: replay(
      readRows(new URL('airrohr-hcmc-2018-10.csv', folder), SECOND),
      10 * DAY,
      AIR_ROHR_GAP_MS,
      0,
    ),
    // Its hours are local, so they are read by the village's local hour.
    reference: replay(
      readRows(new URL('beijing-dongsi-2016-06.csv', folder), HOUR),
      60 * DAY,
      REFERENCE_GAP_MS,
      utcOffsetMs,
    ),
  }
}

function replay(rows: Rows, lengthMs: number, gapMs: number, shiftMs: number): RealSeries {
  return {
    at(column, time) {
      const values = rows.columns.get(column)
      if (values === undefined) return null
      const offset = (((time + shiftMs) % lengthMs) + lengthMs) % lengthMs
      const behind = lastAtOrBefore(rows.offsets, offset)
      const from = rows.offsets[behind]
      const to = rows.offsets[behind + 1]
      if (from === undefined || to === undefined || to - from > gapMs) return null
      const before = values[behind] ?? Number.NaN
      const after = values[behind + 1] ?? Number.NaN
      const value = before + ((after - before) * (offset - from)) / (to - from)
      return Number.isNaN(value) ? null : value
    },
  }
}

/** Index of the last offset that is not behind `offset`; -1 when all are. */
function lastAtOrBefore(offsets: Float64Array, offset: number): number {
  let low = 0
  let high = offsets.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((offsets[middle] ?? 0) <= offset) low = middle + 1
    else high = middle
  }
  return low - 1
}

function readRows(file: URL, unitMs: number): Rows {
  const [header = '', ...lines] = readFileSync(file, 'utf8').trim().split('\n')
  const cells = lines.map((line) => line.split(','))
  const column = (index: number): Float64Array =>
    Float64Array.from(cells, (row) => (row[index] === '' ? Number.NaN : Number(row[index])))
  const names = header.split(',')
  return {
    offsets: column(0).map((offset) => offset * unitMs),
    columns: new Map(names.slice(1).map((name, index) => [name, column(index + 1)])),
  }
}
