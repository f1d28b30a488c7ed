import { describe, expect, it } from 'vitest'
import { CELLS, cellsOf, sharesOf } from './state-strip.ts'

const NOW = Date.parse('2026-11-24T08:00:00.000Z')
const ago = (minutes: number): number => NOW - minutes * 60_000

describe('the last 24 hours', () => {
  const spans = [
    { from: ago(1_440), to: ago(60), state: 'up' },
    { from: ago(60), to: ago(50), state: 'down' },
    { from: ago(50), to: ago(20), state: 'up' },
    { from: ago(20), to: ago(18), state: 'down' },
    { from: ago(18), to: Number.POSITIVE_INFINITY, state: 'up' },
  ] as const

  it('are 48 half-hours, each of the worst that lasted three minutes', () => {
    const cells = cellsOf(spans, NOW)
    expect(cells).toHaveLength(CELLS)
    expect(cells.slice(-3)).toEqual(['up', 'down', 'up'])
  })

  it('are unknown where nothing is known', () => {
    expect(cellsOf([], NOW).every((state) => state === 'unknown')).toBe(true)
    expect(sharesOf([{ from: ago(720), to: NOW, state: 'up' }], NOW)).toEqual([
      ['up', 0.5],
      ['unknown', 0.5],
    ])
  })

  it('are the last days in as many parts, where what is short of a part does not colour it', () => {
    const hour = 60
    const week = [
      { from: ago(7 * 24 * hour), to: ago(30 * hour), state: 'up' },
      { from: ago(30 * hour), to: ago(29.5 * hour), state: 'down' },
      { from: ago(29.5 * hour), to: ago(20), state: 'up' },
      { from: ago(20), to: ago(18), state: 'down' },
      { from: ago(18), to: Number.POSITIVE_INFINITY, state: 'up' },
    ] as const
    const cells = cellsOf(week, NOW, 7 * 86_400_000)
    // A part is three and a half hours; the outage of half an hour lies in the ninth from the end.
    expect(
      cells.map((state, part) => (state === 'down' ? part - CELLS : null)).filter(Number.isFinite),
    ).toEqual([-9])
  })
})
