import { describe, expect, it } from 'vitest'
import { benchFlags } from './flags.ts'

const RULES = { days: { least: 1, most: 30, usual: 7 }, seed: { least: 0, most: 9, usual: 1 } }

describe('flags of a benchmark', () => {
  it('are what is given, else what is usual', () => {
    expect(benchFlags([], RULES)).toEqual({ days: 7, seed: 1 })
    expect(benchFlags(['--seed', '3'], RULES)).toEqual({ days: 7, seed: 3 })
  })

  it.each([
    [['--days', '0'], '--days is 0; a number from 1 to 30'],
    [['--days', 'many'], '--days is many; a number'],
    [['--day', '3'], '--day is no flag of this benchmark'],
    [['--toString', '3'], '--toString is no flag of this benchmark'],
    [['--days'], '--days has no value'],
  ])('%j are refused with what would be taken', (argv, text) => {
    expect(() => benchFlags(argv, RULES)).toThrow(text)
  })
})
