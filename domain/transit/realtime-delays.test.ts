import { describe, expect, it } from 'vitest'
import { delaysOfStops, type StopTimeUpdate } from './realtime-delays.ts'

const stops = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)

const update = (
  stopSequence: number,
  delayS: number | null,
  relationship: StopTimeUpdate['relationship'] = 'SCHEDULED',
): StopTimeUpdate => ({ stopSequence, delayS, relationship })

// Expected values: domain C8 and the examples of google/transit trip-updates.md.
describe('stop time updates', () => {
  it('carry a delay on until the next, and are unknown before the first and from NO_DATA on', () => {
    const updates = [update(3, 300), update(8, 60), update(10, null, 'NO_DATA')]
    expect(delaysOfStops(stops(20), updates)).toEqual([
      ...[null, null],
      ...[300, 300, 300, 300, 300],
      ...[60, 60],
      ...Array.from({ length: 11 }, () => null),
    ])
  })

  it('carry a delay over a skipped stop', () => {
    expect(delaysOfStops(stops(4), [update(1, -60), update(2, null, 'SKIPPED')])).toEqual([
      -60,
      'SKIPPED',
      -60,
      -60,
    ])
  })

  it('without a delay end the one before', () => {
    expect(delaysOfStops(stops(3), [update(1, 90), update(2, null)])).toEqual([90, null, null])
  })

  it('of none say nothing, which is not on time', () => {
    expect(delaysOfStops(stops(2), [])).toEqual([null, null])
  })

  it('go by stop_sequence, which may have gaps', () => {
    expect(delaysOfStops([5, 10, 30], [update(10, 45)])).toEqual([null, 45, 45])
  })
})
