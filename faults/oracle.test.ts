import { describe, expect, it } from 'vitest'
import { Ledger, type Reading } from './ledger.ts'
import { compare, countersFault, isWhole, type ReadingCounts } from './oracle.ts'
import { Tally } from './tally.ts'
import { readingOf } from './writer.ts'

const first = readingOf('s-1', 1_000)
const second = readingOf('s-1', 1_001)
const other = readingOf('s-2', 1_000)

/** All three were sent; the first two were acknowledged. */
function ledger(): Ledger {
  const kept = new Ledger(null)
  kept.send([first, second, other])
  kept.acknowledge([first])
  kept.acknowledge([second])
  return kept
}

describe('the oracle', () => {
  it('is content when all that was acknowledged is there, and what was only sent is there or not', () => {
    for (const stored of [
      [first, second],
      [second, first, other],
    ]) {
      const verdict = compare(ledger(), stored)
      expect(verdict).toEqual({ acknowledged: 2, lost: [], doubled: [], changed: [], unsent: [] })
      expect(isWhole(verdict)).toBe(true)
    }
  })

  it.each<[string, Reading[], object]>([
    ['an acknowledged reading that is missing', [first], { lost: [second] }],
    ['an acknowledged reading of another device in its place', [first, other], { lost: [second] }],
    ['a row that is there twice', [first, second, first], { doubled: [first] }],
    [
      'another value than was sent',
      [{ ...first, value: -1 }, second],
      { changed: [{ ...first, value: -1 }] },
    ],
    [
      'a reading that nobody sent',
      [first, second, { ...second, time: 5 }],
      { unsent: [{ ...second, time: 5 }] },
    ],
  ])('sees %s', (_what, stored, expected) => {
    const verdict = compare(ledger(), stored)
    expect(verdict).toMatchObject({ lost: [], doubled: [], changed: [], unsent: [], ...expected })
    expect(isWhole(verdict)).toBe(false)
  })

  it('sees over all rounds together what is missing and what is there twice', () => {
    const tally = new Tally()
    tally.add(ledger())
    expect(tally.compare([first, second, other])).toEqual({ lost: 0, doubled: 0 })
    expect(tally.compare([first, other, other])).toEqual({ lost: 1, doubled: 1 })
  })
})

describe('the counters', () => {
  const counts = (more: Partial<ReadingCounts['readings']> = {}, received = 5): ReadingCounts => ({
    observations: { received, taken: 4, quarantined: { time: 1 } },
    readings: { stored: 3, duplicates: 1, conflicts: 0, ...more },
  })

  it('add up', () => {
    expect(countersFault(counts(), 3)).toBeNull()
  })

  it.each([
    ['a received observation that is neither taken nor set aside', counts({}, 6), 3],
    ['a conflict', counts({ conflicts: 1, duplicates: 0 }), 3],
    ['a taken reading that is neither stored nor a repetition', counts({ duplicates: 0 }), 3],
    ['a reading that was stored twice and stands there once', counts({ stored: 4, duplicates: 0 }), 3],
  ])('do not with %s', (_what, wrong, rows) => {
    expect(countersFault(wrong, rows)).not.toBeNull()
  })
})

describe('the ledger', () => {
  it('counts a reading that is acknowledged twice once, and tells when enough were', async () => {
    const kept = ledger()
    const after = kept.afterMore(1)
    kept.acknowledge([first])
    expect(kept.acknowledgedCount).toBe(2)
    kept.acknowledge([other])
    await after
    expect(kept.acknowledgedCount).toBe(3)
  })
})
