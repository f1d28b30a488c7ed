import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEVICE_STATES, type DeviceState } from '../../contract/device-state.ts'
import { SECOND } from '../../contract/time.ts'
import { availability, type Span, shownPercent } from './availability.ts'

type Changes = readonly (readonly [atS: number, state: DeviceState])[]

const inSeconds = (
  [from, to]: Span,
  changes: Changes,
  maintenance: readonly Span[] = [],
): ReturnType<typeof availability> =>
  availability(
    [from * SECOND, to * SECOND],
    changes.map(([atS, state]) => ({ time: atS * SECOND, state })),
    maintenance.map(([begin, end]) => [begin * SECOND, end * SECOND] as const),
  )

// Expected values: domain B1 and its example.
describe('availability', () => {
  it('counts each second once: the example of the rule', () => {
    const changes: Changes = [
      [0, 'up'],
      [1_800, 'down'],
      [2_400, 'up'],
      [3_600, 'unknown'],
      [4_200, 'up'],
    ]
    expect(inSeconds([0, 7_200], changes, [[6_000, 6_600]])).toEqual({
      up_s: 5_400,
      down_s: 600,
      unknown_s: 600,
      maintenance_s: 600,
      availability: 0.9,
      knownShare: 6_000 / 6_600,
      outages: 1,
      mtbf_s: 5_400,
      mttr_s: 600,
    })
  })

  it('is null when nothing is known, and so is the known share in maintenance alone', () => {
    expect(inSeconds([0, 100], [])).toMatchObject({ availability: null, knownShare: 0, mtbf_s: null })
    expect(inSeconds([0, 100], [[0, 'down']], [[0, 100]])).toMatchObject({
      availability: null,
      knownShare: null,
      outages: 0,
    })
    expect(inSeconds([100, 100], [[0, 'up']])).toMatchObject({ availability: null, knownShare: null })
  })

  it('takes degraded for up', () => {
    expect(
      inSeconds(
        [0, 100],
        [
          [0, 'degraded'],
          [50, 'up'],
        ],
      ),
    ).toMatchObject({ up_s: 100, outages: 0 })
  })

  it('counts an outage once through unknown time and maintenance, and twice after up', () => {
    const out: Changes = [
      [0, 'down'],
      [10, 'unknown'],
      [20, 'down'],
      [40, 'up'],
      [50, 'down'],
    ]
    expect(inSeconds([0, 60], out)).toMatchObject({ outages: 2, down_s: 40 })
    expect(inSeconds([0, 60], [[0, 'down']], [[20, 40]])).toMatchObject({ outages: 1, down_s: 40 })
  })

  it('takes maintenance windows that overlap as one', () => {
    expect(
      inSeconds(
        [0, 100],
        [[0, 'up']],
        [
          [10, 50],
          [30, 60],
          [70, 70],
        ],
      ),
    ).toMatchObject({
      maintenance_s: 50,
      up_s: 50,
    })
  })

  const time = fc.integer({ min: -50, max: 150 })
  const changes = fc.array(fc.tuple(time, fc.constantFrom(...DEVICE_STATES)), { maxLength: 12 })
  const windows = fc.array(
    fc.tuple(time, time).map(([a, b]): Span => [Math.min(a, b), Math.max(a, b)]),
    { maxLength: 4 },
  )

  it('is what a look at each single second gives', () => {
    fc.assert(
      fc.property(changes, windows, (changes, maintenance) => {
        const sorted = [...changes].sort((a, b) => a[0] - b[0])
        const seconds = Array.from({ length: 100 }, (_, second) => {
          if (maintenance.some(([from, to]) => from <= second && second < to)) return 'maintenance'
          const state = sorted.findLast(([atS]) => atS <= second)?.[1] ?? 'unknown'
          return state === 'degraded' ? 'up' : state
        })
        const count = (state: string): number => seconds.filter((one) => one === state).length
        const result = inSeconds([0, 100], changes, maintenance)
        expect([result.up_s, result.down_s, result.unknown_s, result.maintenance_s]).toEqual(
          ['up', 'down', 'unknown', 'maintenance'].map(count),
        )
        const telling = seconds.filter((state) => state === 'up' || state === 'down')
        const begun = telling.filter((state, index) => state === 'down' && telling[index - 1] !== 'down')
        expect(result.outages).toBe(begun.length)
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    [0.999_99, 99.99],
    [0.999_9, 99.99],
    [0.995, 99.5],
    [1, 100],
    [0.999_999_999, 99.99],
    [0, 0],
  ])('of %f is shown as %f %%', (share, percent) => {
    expect(shownPercent(share)).toBe(percent)
  })
})
