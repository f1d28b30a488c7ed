// What a chart needs of a series besides drawing it: gaps that are seen as gaps, and the sentence that says what the picture
// shows to those who do not see it.

import type { ReadingsAnswer } from '../../../contract/api.ts'
import type { TimeMs } from '../../../contract/time.ts'

export type ReadingPoints = ReadingsAnswer['series'][number]['points']

export interface Plotted {
  /** Seconds since 1970, as the chart wants them. */
  readonly times: readonly number[]
  /** Null where the line breaks. */
  readonly values: readonly (number | null)[]
  readonly gaps: number
}

/** The points with a break wherever more than two steps are missing: no line is drawn over what was not measured. */
export function withGaps(points: ReadingPoints, stepMs: number): Plotted {
  const times: number[] = []
  const values: (number | null)[] = []
  let gaps = 0
  let last: number | null = null
  for (const [time, value] of points) {
    if (last !== null && time - last > 2 * stepMs) {
      times.push((last + stepMs) / 1_000)
      values.push(null)
      gaps += 1
    }
    times.push(time / 1_000)
    values.push(value)
    last = time
  }
  return { times, values, gaps }
}

/** Points that no line joins. */
export function pointsOnly(points: ReadingPoints): Plotted {
  return { times: points.map(([time]) => time / 1_000), values: points.map(([, value]) => value), gaps: 0 }
}

export interface Extreme {
  readonly time: TimeMs
  readonly value: number
}

export interface SeriesSummary {
  readonly min: Extreme
  readonly max: Extreme
  readonly last: Extreme
  readonly trend: 'up' | 'down' | 'flat'
}

/**
 * Lowest, highest, last, and the trend: means of the first and last quarter of the points that differ by more than a tenth of
 * the whole range [rule]. Null without points.
 */
export function summaryOf(points: ReadingPoints): SeriesSummary | null {
  const [first] = points
  if (first === undefined) return null
  let min: Extreme = { time: first[0], value: first[1] }
  let max = min
  let last = min
  for (const [time, value] of points) {
    if (value < min.value) min = { time, value }
    if (value > max.value) max = { time, value }
    last = { time, value }
  }
  const quarter = Math.max(1, Math.floor(points.length / 4))
  const change = meanOf(points.slice(-quarter)) - meanOf(points.slice(0, quarter))
  const range = max.value - min.value
  const isFlat = range === 0 || Math.abs(change) < range / 10
  return { min, max, last, trend: isFlat ? 'flat' : change > 0 ? 'up' : 'down' }
}

function meanOf(points: ReadingPoints): number {
  return points.reduce((sum, [, value]) => sum + value, 0) / Math.max(1, points.length)
}
