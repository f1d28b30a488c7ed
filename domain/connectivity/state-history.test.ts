import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEVICE_STATES, type DeviceState } from '../../contract/device-state.ts'
import type { StateSpan } from '../../contract/feed.ts'
import { availability, type Span } from './availability.ts'
import { changesOf, layMaintenance, outagesOf } from './state-history.ts'

const HOUR_S = 3_600
const FAR_S = 1_000_000

/** Spans of `[second, state]`, each until the next; the last one lasts. */
function spansOf(changes: readonly (readonly [second: number, state: DeviceState])[]): readonly StateSpan[] {
  return changes.map(([second, state], index) => {
    const next = changes[index + 1]
    const to = next === undefined ? {} : { to: next[0] * 1_000 }
    return { device: 'hs-1', from: second * 1_000, ...to, state, cause: state === 'down' ? 'silence' : null }
  })
}

const told = (spans: readonly StateSpan[]): unknown[] =>
  spans.map(({ state, from, to }) => [state, from / 1_000, to === undefined ? null : to / 1_000])

const inMs = (windows: readonly Span[]): readonly Span[] =>
  windows.map(([from, to]) => [from * 1_000, to * 1_000] as const)

describe('maintenance', () => {
  const spans = spansOf([
    [0, 'up'],
    [100, 'down'],
    [200, 'up'],
  ])

  it('stands in place of what the device was in', () => {
    const laid = layMaintenance('hs-1', spans, inMs([[50, 150]]), FAR_S * 1_000)
    expect(told(laid)).toEqual([
      ['up', 0, 50],
      ['maintenance', 50, 150],
      ['down', 150, 200],
      ['up', 200, null],
    ])
  })

  it('lasts while its window is on, and one to come counts for nothing', () => {
    const windows = inMs([
      [300, 500],
      [600, 700],
    ])
    expect(told(layMaintenance('hs-1', spans, windows, 400_000))).toEqual([
      ['up', 0, 100],
      ['down', 100, 200],
      ['up', 200, 300],
      ['maintenance', 300, null],
    ])
  })

  it('of overlapping windows is one, also where nothing is known', () => {
    const windows = inMs([
      [20, 40],
      [10, 30],
    ])
    expect(told(layMaintenance('hs-1', [], windows, FAR_S * 1_000))).toEqual([['maintenance', 10, 40]])
  })

  const someChanges = fc
    .uniqueArray(fc.tuple(fc.nat(HOUR_S), fc.constantFrom(...DEVICE_STATES)), {
      maxLength: 12,
      selector: ([second]) => second,
    })
    .map((changes) => changes.sort((a, b) => a[0] - b[0]))
  const someWindows = fc.array(fc.tuple(fc.nat(HOUR_S), fc.nat(HOUR_S)), { maxLength: 4 })

  it('laid over spans gives the availability of rule B1, and laid twice is as laid once', () => {
    fc.assert(
      fc.property(someChanges, someWindows, (changes, windows) => {
        const period: Span = [0, HOUR_S * 1_000]
        const all = spansOf(changes.filter(([, state]) => state !== 'maintenance'))
        const until = period[1]
        const laid = layMaintenance('hs-1', all, inMs(windows), until)
        const expected = availability(period, changesOf(all, until), inMs(windows))
        const got = availability(period, changesOf(laid, until), [])
        expect(got).toEqual(expected)
        expect(got.up_s + got.down_s + got.unknown_s + got.maintenance_s).toBeCloseTo(HOUR_S, 6)
        expect(layMaintenance('hs-1', laid, inMs(windows), until)).toEqual(laid)
      }),
    )
  })
})

describe('changes', () => {
  it('say unknown where no span is, and after now', () => {
    const [up, down] = spansOf([
      [0, 'up'],
      [100, 'down'],
    ])
    if (up === undefined || down === undefined) throw new Error('two spans')
    const changes = changesOf([{ ...up, to: 50_000 }, down], 300_000)
    expect(changes.map(({ time, state }) => [time / 1_000, state])).toEqual([
      [0, 'up'],
      [50, 'unknown'],
      [100, 'down'],
      [300, 'unknown'],
    ])
  })
})

describe('outages', () => {
  it('begin with down and end with up or degraded alone', () => {
    const outages = outagesOf(
      spansOf([
        [0, 'up'],
        [100, 'down'],
        [200, 'unknown'],
        [300, 'down'],
        [400, 'degraded'],
        [500, 'unknown'],
        [600, 'down'],
      ]),
    )
    expect(outages).toEqual([
      { from: 100_000, to: 400_000, cause: 'silence' },
      { from: 600_000, cause: 'silence' },
    ])
  })

  // Domain B4: [0,300], [340,500] -> [0,500]; a gap of exactly 60 does not join.
  it('that less than a minute divides are one', () => {
    const joined = outagesOf(
      spansOf([
        [0, 'down'],
        [300, 'up'],
        [340, 'down'],
        [500, 'up'],
      ]),
    )
    expect(joined).toEqual([{ from: 0, to: 500_000, cause: 'silence' }])
    const apart = outagesOf(
      spansOf([
        [0, 'down'],
        [300, 'up'],
        [360, 'down'],
      ]),
    )
    expect(apart).toEqual([
      { from: 0, to: 300_000, cause: 'silence' },
      { from: 360_000, cause: 'silence' },
    ])
  })

  it('are none where all of it is worked on', () => {
    const spans = spansOf([
      [0, 'up'],
      [100, 'down'],
      [200, 'up'],
    ])
    expect(outagesOf(layMaintenance('hs-1', spans, inMs([[90, 210]]), FAR_S * 1_000))).toEqual([])
  })
})
