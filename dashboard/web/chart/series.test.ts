import { describe, expect, it } from 'vitest'
import { type ReadingPoints, summaryOf, withGaps } from './series.ts'

const STEP = 300_000
const points = (...steps: (readonly [number, number])[]): ReadingPoints =>
  steps.map(([step, value]) => [step * STEP, value] as const)

describe('a chart', () => {
  it('breaks its line where more than two steps are missing, and nowhere else', () => {
    const { values, times, gaps } = withGaps(points([0, 1], [1, 2], [3, 3], [6, 4]), STEP)
    expect(values).toEqual([1, 2, 3, null, 4])
    expect(times).toEqual([0, 300, 900, 1_200, 1_800])
    expect(gaps).toBe(1)
  })

  it('says lowest, highest, last and the trend', () => {
    const rising = points([0, 10], [1, 8], [2, 20], [3, 30])
    expect(summaryOf(rising)).toEqual({
      min: { time: STEP, value: 8 },
      max: { time: 3 * STEP, value: 30 },
      last: { time: 3 * STEP, value: 30 },
      trend: 'up',
    })
    expect(summaryOf(points([0, 5], [1, 5], [2, 5], [3, 5]))?.trend).toBe('flat')
    expect(summaryOf([])).toBeNull()
  })
})
