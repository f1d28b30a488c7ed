import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withoutDuplicates } from './duplicates.ts'
import { combineFlags, hourFlag, QUALITY_FLAGS } from './flags.ts'
import { flatLineFlags } from './flat-line.ts'
import { neighbourFlag } from './neighbour.ts'
import { rangeFlags } from './range.ts'
import { rateFlags } from './rate-of-change.ts'
import { spikeFlags } from './spike.ts'

const everyMinute = (count: number): number[] => Array.from({ length: count }, (_, index) => index * 60)

// Expected values: table and examples of domain A7 (QARTOD; ioos/ioos_qc, metno/titanlib).
describe('a quality test', () => {
  it('of range takes its bounds as inside', () => {
    expect(rangeFlags([0, 5, 5.1, null, 4], [0, 5], [0, 3])).toEqual([1, 3, 4, 9, 3])
  })

  it('of spikes marks the neighbours of a big one too', () => {
    expect(spikeFlags([20, 22, 95, 21, 20], 30, 60)).toEqual([2, 3, 4, 3, 2])
  })

  it('of spikes judges nothing without both neighbours', () => {
    expect(spikeFlags([5], 1, 2)).toEqual([2])
    expect(spikeFlags([1, null, 9, 1], 1, 2)).toEqual([2, 9, 2, 2])
  })

  it('of rate knows none at the begin and after a gap', () => {
    expect(rateFlags([10, 30, 31], [0, 60, 120], 0.2, 0.5)).toEqual([1, 3, 1])
    expect(rateFlags([10, null, 40], [0, 60, 120], 0.1, 0.2)).toEqual([1, 9, 2])
    expect(rateFlags([10, 20], [60, 60], 0.1, 0.2)).toEqual([1, 2])
  })

  it('of flat lines counts by the median step', () => {
    const equal = Array.from({ length: 8 }, () => 7)
    const limits = { suspectS: 240, failS: 360, tolerance: 0.1 }
    expect(flatLineFlags(equal, everyMinute(8), limits)).toEqual([1, 1, 1, 1, 3, 3, 4, 4])
    expect(flatLineFlags([7, 7], everyMinute(2), limits)).toEqual([1, 1])
  })

  it('of flat lines skips a missing value and does not call a value alone a line', () => {
    const limits = { suspectS: 180, failS: 600, tolerance: 0.1 }
    expect(flatLineFlags([7, 7, null, 7, 7], everyMinute(5), limits)).toEqual([1, 1, 9, 3, 3])
    expect(flatLineFlags([null, null, null, 7, null], everyMinute(5), limits)).toEqual([9, 9, 9, 1, 9])
  })

  it('of flat lines with a limit below the step judges nothing', () => {
    expect(flatLineFlags([7, 7, 7], everyMinute(3), { suspectS: 30, failS: 30, tolerance: 1 })).toEqual([
      1, 1, 1,
    ])
  })

  it('of neighbours wants three of them and leaves the value itself out', () => {
    const rule = { threshold: 3, minStd: 5, minNeighbours: 3 }
    expect(neighbourFlag(95, [41, 38, 44], rule)).toBe(3)
    expect(neighbourFlag(45, [41, 38, 44], rule)).toBe(1)
    expect(neighbourFlag(95, [41, null, 44], rule)).toBe(2)
    expect(neighbourFlag(null, [41, 38, 44], rule)).toBe(9)
    expect(neighbourFlag(95, [], { ...rule, minNeighbours: 0 })).toBe(2)
  })

  it('gives one flag a value, MISSING just where there is none', () => {
    const series = fc.array(fc.option(fc.integer({ min: -50, max: 50 }), { nil: null }), { maxLength: 40 })
    fc.assert(
      fc.property(series, (values) => {
        const times = everyMinute(values.length)
        const results = [
          rangeFlags(values, [-40, 40], [-20, 20]),
          spikeFlags(values, 10, 20),
          rateFlags(values, times, 0.1, 0.5),
          flatLineFlags(values, times, { suspectS: 120, failS: 240, tolerance: 1 }),
        ]
        for (const flags of results) {
          expect(flags.map((flag) => flag === 9)).toEqual(values.map((value) => value === null))
          expect(flags.length).toBe(values.length)
        }
      }),
    )
  })
})

describe('several flags', () => {
  it.each([
    [[3, 1, 2], 3],
    [[1, 2], 1],
    [[3, 4], 4],
    [[9, 9], 9],
    [[9, 2], 2],
  ] as const)('%j are %i', (flags, one) => {
    expect(combineFlags(flags)).toBe(one)
  })

  it('none are none, and the order does not matter', () => {
    expect(combineFlags([])).toBeNull()
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...QUALITY_FLAGS)), (flags) => {
        expect(combineFlags(flags)).toBe(combineFlags([...flags].reverse()))
      }),
    )
  })

  it('of an hour make it suspect when more than a quarter are', () => {
    expect(hourFlag([3, 1, 1, 1])).toBe(1)
    expect(hourFlag([3, 3, 1, 1, 1])).toBe(3)
    expect(hourFlag([3, 1, 1, 4, 4, 9])).toBe(3)
    expect(hourFlag([4, 9])).toBe(9)
  })
})

// Expected values: domain B13 and the contract's identity of a reading.
describe('readings sent again', () => {
  const reading = fc.record({
    device: fc.constantFrom('a', 'b'),
    metric: fc.constantFrom('pm2_5', 'no2'),
    time: fc.integer({ min: 0, max: 3 }),
    value: fc.integer({ min: 0, max: 2 }),
  })

  it('are stored, duplicates or conflicts, each of them once', () => {
    fc.assert(
      fc.property(fc.array(reading), (readings) => {
        const { stored, duplicates, conflicts, values } = withoutDuplicates(readings)
        expect(stored + duplicates + conflicts).toBe(readings.length)
        for (const [identity, value] of values) {
          const last = readings.findLast(
            ({ device, metric, time }) => `${device}|${metric}|${time}` === identity,
          )
          expect(value).toBe(last?.value)
        }
      }),
    )
  })

  it('all of them, change nothing but the count of duplicates', () => {
    const first = [
      { device: 'a', metric: 'no2', time: 1, value: 5 },
      { device: 'a', metric: 'no2', time: 2, value: 6 },
    ]
    expect(withoutDuplicates([...first, ...first])).toMatchObject({ stored: 2, duplicates: 2, conflicts: 0 })
  })
})
