import { describe, expect, it } from 'vitest'
import { type Fault, RIGGED_DISK } from './fault.ts'
import { type Lot, lotsOf } from './lots.ts'

const fault = (name: string, more: Partial<Fault> = {}): Fault => ({
  name,
  what: name,
  inject: async () => 0,
  ...more,
})

const shown = (lots: readonly Lot[]): string[] =>
  lots.map(({ stage, parts }) =>
    [stage.name, ...parts.map((part) => `${part.fault.name} ${part.first}-${part.last}`)].join(', '),
  )

describe('the lots of a campaign', () => {
  it('hold each round of each fault once, so many of them in one village', () => {
    expect(shown(lotsOf([fault('a'), fault('b')], 30, 20))).toEqual([
      'plain, a 1-20',
      'plain, a 21-30, b 1-10',
      'plain, b 11-30',
    ])
  })

  it('keep faults of another stage in another village', () => {
    const faults = [fault('a'), fault('b', { stage: RIGGED_DISK }), fault('c', { stage: RIGGED_DISK })]
    expect(shown(lotsOf(faults, 2))).toEqual(['plain, a 1-2', 'rigged disk, b 1-2, c 1-2'])
  })

  it('hold no more rounds of a fault than it allows', () => {
    expect(shown(lotsOf([fault('a', { mostRounds: 3 }), fault('b')], 5))).toEqual(['plain, a 1-3, b 1-5'])
  })
})
