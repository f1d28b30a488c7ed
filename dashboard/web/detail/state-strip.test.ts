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
})
