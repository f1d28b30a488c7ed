import { describe, expect, it } from 'vitest'
import { headwayStatistics } from './headway.ts'

describe('headways', () => {
  it('give wait, bunching and grade of the worked case (domain C9)', () => {
    const statistics = headwayStatistics([0, 480, 1_500, 1_560, 2_400], 600)
    expect(statistics).toMatchObject({
      meanS: 600,
      expectedWaitS: 412.5,
      scheduledWaitS: 300,
      excessWaitS: 112.5,
      bunched: 1,
      gaps: 1,
      grade: 'E',
    })
    expect(statistics?.cv).toBeCloseTo(0.612, 3)
  })

  it('that are even cost no excess wait (vector transit-headway-01)', () => {
    expect(headwayStatistics([0, 600, 1_200, 1_800, 2_400], 600)).toEqual({
      meanS: 600,
      cv: 0,
      expectedWaitS: 300,
      scheduledWaitS: 300,
      excessWaitS: 0,
      bunched: 0,
      gaps: 0,
      grade: 'A',
    })
  })

  it('that come in pairs are graded F (vector transit-headway-04)', () => {
    const statistics = headwayStatistics([0, 100, 1_200, 1_300, 2_400], 600)
    expect(statistics).toMatchObject({ bunched: 2, gaps: 2, grade: 'F' })
    expect(statistics?.cv).toBeCloseTo(0.833_333_333, 9)
    expect(statistics?.excessWaitS).toBeCloseTo(208.333_333_333, 6)
  })

  it('do not depend on the order in which the departures are told', () => {
    expect(headwayStatistics([1_200, 0, 60], 600)).toEqual(headwayStatistics([0, 60, 1_200], 600))
  })

  it('of exactly half and one and a half of the scheduled one are neither bunched nor gaps', () => {
    expect(headwayStatistics([0, 300, 1_200], 600)).toMatchObject({ bunched: 0, gaps: 0 })
  })

  it('are graded by cv to two decimals: 0.214 is still A, 0.216 is B (TCQSM table)', () => {
    // Two headways m(1+c) and m(1-c) have the coefficient of variation c.
    const grade = (cv: number) => headwayStatistics([0, 1_000 * (1 + cv), 2_000], 1_000)?.grade
    expect([0.214, 0.216, 0.304, 0.394, 0.524, 0.744, 0.746].map(grade)).toEqual([
      'A',
      'B',
      'B',
      'C',
      'D',
      'E',
      'F',
    ])
  })

  it('are unknown with fewer than three departures, or when all left at once', () => {
    expect(headwayStatistics([0, 600], 600)).toBeNull()
    expect(headwayStatistics([0, 0, 0], 600)).toBeNull()
  })
})
