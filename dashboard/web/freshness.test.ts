import { describe, expect, it } from 'vitest'
import { feature } from './feature.fixture.ts'
import { freshnessOf, freshnessOfAge } from './freshness.ts'

const NOW = Date.parse('2026-11-24T08:00:00.000Z')
const ago = (ms: number): string => new Date(NOW - ms).toISOString()

describe('freshness', () => {
  // reference/ui 2.2: live up to max(2 x every, 10 s), late up to max(5 x every, 60 s), stale beyond.
  it.each([
    [60_000, 0, 'live'],
    [60_000, 120_000, 'live'],
    [60_000, 120_001, 'late'],
    [60_000, 300_000, 'late'],
    [60_000, 300_001, 'stale'],
    [1_000, 10_000, 'live'],
    [1_000, 10_001, 'late'],
    [1_000, 60_000, 'late'],
    [1_000, 60_001, 'stale'],
  ] as const)('of a device that reports each %i ms and is %i ms old is %s', (every, age, expected) => {
    expect(freshnessOfAge(age, every)).toBe(expected)
  })

  it('of a device that is down is that of the feed which says so', () => {
    const down = feature({ state: 'down', lastSeen: ago(3_600_000) })
    expect(freshnessOf(down, NOW, NOW)).toBe('live')
    expect(freshnessOf(down, NOW, NOW - 301_000)).toBe('stale')
  })

  it('of what was never heard, and of an unknown state, is unknown', () => {
    expect(freshnessOf(feature({ lastSeen: null }), NOW, NOW)).toBe('unknown')
    expect(freshnessOf(feature({ state: 'unknown', lastSeen: ago(0) }), NOW, NOW)).toBe('unknown')
  })

  it('of what was kept from an earlier visit is stale, however young, until the server is heard', () => {
    expect(freshnessOf(feature({ lastSeen: ago(1_000) }), NOW, null)).toBe('stale')
    expect(freshnessOf(feature({ state: 'down', lastSeen: ago(1_000) }), NOW, null)).toBe('stale')
  })

  it('of a vehicle that the server calls stale is stale, however young its position', () => {
    const transit = {
      route: '8M',
      trip: null,
      direction: 0,
      speed: 0,
      bearing: 0,
      occupancy: null,
      delay_s: null,
      time: ago(1_000),
      stale: true,
    } as const
    expect(freshnessOf(feature({ kind: 'vehicle', transit }), NOW, NOW)).toBe('stale')
  })
})
