import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clockDriftPpm, clockOffsetMs, isClockWrong } from './clock-error.ts'
import { flapPercent, isFlapping } from './flapping.ts'
import { grade } from './grade.ts'
import { jitterMs, jitterOfRoundTripsMs } from './jitter.ts'
import { lossOfSequence, lossPct } from './loss.ts'
import { mergeOutages, type OutageSpan } from './outage.ts'
import { percentile } from './percentile.ts'

// Expected values: domain B3 (nagioscore `base/flapping.c`).
describe('flapping', () => {
  const states = (...changed: readonly number[]): number[] =>
    Array.from({ length: 21 }, (_, index) => (changed.includes(index + 1) ? 1 : 0))

  it('weighs the newest change most', () => {
    expect(flapPercent(states(21))).toBeCloseTo(6.25, 9)
    expect(flapPercent(states(...Array.from({ length: 20 }, (_, index) => index + 2)))).toBeCloseTo(3.75, 9)
    expect(flapPercent(states(12, 14, 16, 18))).toBeCloseTo(44.21, 2)
  })

  it('is not judged by fewer than 21 states, and by no more than the last 21', () => {
    expect(flapPercent(states().slice(1))).toBeNull()
    expect(flapPercent([1, 0, 1, 0, ...states()])).toBe(0)
  })

  it('begins at 30 %, ends at 20 %, and stays in between', () => {
    expect(isFlapping(30, false)).toBe(true)
    expect(isFlapping(29.9, false)).toBe(false)
    expect(isFlapping(20.1, true)).toBe(true)
    expect(isFlapping(20, true)).toBe(false)
  })
})

// Expected values: domain B4.
describe('outages', () => {
  it('join when the time up between them is shorter than the gap', () => {
    expect(
      mergeOutages(
        [
          [0, 300],
          [340, 500],
        ],
        60,
      ),
    ).toEqual([[0, 500]])
    expect(
      mergeOutages(
        [
          [0, 300],
          [360, 500],
        ],
        60,
      ),
    ).toEqual([
      [0, 300],
      [360, 500],
    ])
  })

  it('joined are rising, apart by the gap at least, and hold all that was out', () => {
    const span = fc.tuple(fc.nat(500), fc.nat(50)).map(([from, length]): OutageSpan => [from, from + length])
    fc.assert(
      fc.property(fc.array(span), fc.integer({ min: 1, max: 30 }), (outages, gap) => {
        const merged = mergeOutages(outages, gap)
        merged.slice(1).forEach(([from], index) => {
          expect(from - (merged[index]?.[1] ?? 0)).toBeGreaterThanOrEqual(gap)
        })
        for (const [from, to] of outages)
          expect(merged.some(([begin, end]) => begin <= from && to <= end)).toBe(true)
        expect(mergeOutages(merged, gap)).toEqual(merged)
      }),
    )
  })
})

// Expected values: domain B5.
describe('a percentile', () => {
  it('is linear between the values beside it', () => {
    const values = [120, 18, 31, 22, 25]
    expect(percentile(values, 0.5)).toBe(25)
    expect(percentile(values, 0.95)).toBeCloseTo(102.2, 9)
    expect(percentile(values, 0.99)).toBeCloseTo(116.44, 9)
    expect(values[0]).toBe(120)
  })

  it('of nothing is null', () => {
    expect(percentile([], 0.5)).toBeNull()
  })

  it('goes from the least to the greatest', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
        expect(percentile(values, 0)).toBe(Math.min(...values))
        expect(percentile(values, 1)).toBe(Math.max(...values))
      }),
    )
  })
})

// Expected values: domain B6 (RFC 3550, A.8).
describe('jitter', () => {
  it('is smoothed over the differences of transit times', () => {
    const packets = [
      [0, 100],
      [20, 125],
      [40, 138],
    ].map(([sentMs = 0, receivedMs = 0]) => ({ sentMs, receivedMs }))
    expect(jitterMs(packets)).toBeCloseTo(0.73, 3)
    expect(jitterOfRoundTripsMs([30, 34, 31])).toBeCloseTo(0.422, 3)
  })

  it('of one packet is not known', () => {
    expect(jitterMs([{ sentMs: 0, receivedMs: 9 }])).toBeNull()
    expect(jitterOfRoundTripsMs([])).toBeNull()
  })

  it('does not see an error between the two clocks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(500), { minLength: 2 }),
        fc.integer({ min: -1e6, max: 1e6 }),
        (transits, error) => {
          const packets = (shift: number) =>
            transits.map((transit, index) => ({
              sentMs: index * 20,
              receivedMs: index * 20 + transit + shift,
            }))
          expect(jitterMs(packets(error))).toBe(jitterMs(packets(0)))
        },
      ),
    )
  })
})

describe('loss', () => {
  it('counts gaps, late ones that fill them, and duplicates apart (domain B6)', () => {
    expect(lossOfSequence([100, 101, 103, 103, 106])).toMatchObject({
      expected: 7,
      received: 4,
      lost: 3,
      duplicates: 1,
    })
    expect(lossOfSequence([100, 101, 103, 103, 106])?.loss_pct).toBeCloseTo(42.857, 3)
    expect(lossOfSequence([1, 3, 2])).toMatchObject({ lost: 0, loss_pct: 0 })
    expect(lossOfSequence([])).toBeNull()
  })

  it('of nothing sent is not known', () => {
    expect(lossPct(0, 0)).toBeNull()
    expect(lossPct(4, 3)).toBe(25)
  })
})

// Expected values: domain B8.
describe('the grade of a link', () => {
  it.each([
    [0.99, 99.9, 'good'],
    [1, 50, 'fair'],
    [4.9, 199.9, 'fair'],
    [5, 50, 'poor'],
    [0, 200, 'poor'],
    [null, 50, 'unknown'],
    [0, null, 'unknown'],
  ] as const)('with %d %% lost and p95 %d ms is %s', (loss, p95, expected) => {
    expect(grade(loss, p95)).toBe(expected)
  })
})

// Expected values: domain B13.
describe('the clock of a device', () => {
  const pair = (deviceS: number, arrivalS: number) => ({
    deviceTime: deviceS * 1_000,
    arrival: arrivalS * 1_000,
  })

  it('is off as the least delayed message says, and drifts by its slope', () => {
    const pairs = [pair(0, 1.8), pair(600, 601.9), pair(1_200, 1_202.4)]
    expect(clockOffsetMs(pairs)).toBeCloseTo(1_800, 6)
    expect(clockDriftPpm(pairs)).toBeCloseTo(-500, 6)
  })

  it('drifts the same far from 1970', () => {
    const now = Date.parse('2026-11-24T00:00:00Z')
    const pairs = [
      [0, 1_800],
      [600, 1_900],
      [1_200, 2_400],
    ].map(([s = 0, offsetMs = 0]) => ({ deviceTime: now + s * 1_000, arrival: now + s * 1_000 + offsetMs }))
    expect(clockDriftPpm(pairs)).toBeCloseTo(-500, 6)
  })

  it('tells no drift from one message, and nothing from none', () => {
    expect(clockDriftPpm([pair(0, 1)])).toBeNull()
    expect(clockDriftPpm([pair(5, 6), pair(5, 7)])).toBeNull()
    expect(clockOffsetMs([])).toBeNull()
  })

  it('is reported beyond 30 s either way', () => {
    expect([30_000, 30_001, -30_001].map(isClockWrong)).toEqual([false, true, true])
  })

  it('is that of its last 60 messages', () => {
    const pairs = Array.from({ length: 61 }, (_, index) =>
      pair(index * 60, index * 60 + (index === 0 ? 0 : 5)),
    )
    expect(clockOffsetMs(pairs)).toBe(5_000)
  })
})
