import { describe, expect, it } from 'vitest'
import { DAY, HOUR, MINUTE, SECOND } from '../contract/time.ts'
import { covers, type DeviceModel } from './device-model.ts'
import { hotspotModel } from './hotspot.ts'
import { outageSchedule } from './outages.ts'

const START = Date.UTC(2026, 10, 20)
const OFFSET = 7 * HOUR
/** Enough days that every cause of an outage happens. */
const SPAN = 40 * DAY

const hotspot = (seed: number, id: string, parents: readonly string[] = []): DeviceModel =>
  hotspotModel(
    seed,
    {
      id,
      everyMs: MINUTE,
      outages: outageSchedule(seed, id, OFFSET),
      parents: parents.map((parent) => ({ id: parent, outages: outageSchedule(seed, parent, OFFSET) })),
    },
    OFFSET,
  )

const times = (from: number, to: number, stepMs: number): number[] =>
  Array.from({ length: Math.ceil((to - from) / stepMs) }, (_, step) => from + step * stepMs)

describe('a simulated hotspot', () => {
  it('is the same for the same seed, and another for another', () => {
    const samples = (seed: number) =>
      times(START, START + 6 * HOUR, MINUTE).map((time) => hotspot(seed, 'hs-1').sampleAt(time))
    expect(samples(7)).toEqual(samples(7))
    expect(samples(7)).not.toEqual(samples(8))
  })

  it('says the same of a moment in whatever order moments are asked', () => {
    const moments = times(START, START + 3 * DAY, 17 * MINUTE)
    const forward = hotspot(3, 'hs-1')
    const inOrder = moments.map((time) => [forward.sampleAt(time), forward.isReachable(time)])
    const backward = hotspot(3, 'hs-1')
    const reversed = moments
      .toReversed()
      .map((time) => [backward.sampleAt(time), backward.isReachable(time)])
      .toReversed()
    expect(reversed).toEqual(inOrder)
  })

  it.each([
    ['alone', []],
    ['below two upstreams', ['hs-parent', 'hs-grandparent']],
  ])('%s is out exactly while the truth says so', (_, parents) => {
    const model = hotspot(5, 'hs-child', parents)
    // An outage that began before the span may reach into it: the truth names those that begin.
    const truth = model.truth(START - 2 * DAY, START + SPAN)
    const wrong = times(START, START + SPAN, 50 * SECOND).filter((time) => {
      const isOut = !model.isReachable(time) || model.sampleAt(time)?.values['up'] === 0
      return isOut !== truth.some((outage) => covers(outage, time))
    })
    expect(wrong).toEqual([])
    expect(truth.length).toBeGreaterThan(0)
  })

  it('has outages of every cause, each with a length', () => {
    const truths = times(0, 30, 1).flatMap((index) =>
      hotspot(1, `hs-${index}`, ['hs-parent']).truth(START, START + SPAN),
    )
    const causes = new Set(truths.map((truth) => (truth.type === 'outage' ? truth.cause : truth.type)))
    expect([...causes].sort()).toEqual(['flapping', 'power', 'uplink', 'upstream'])
    expect(truths.filter((truth) => truth.to <= truth.from)).toEqual([])
  })

  it('is silent while its upstream is out, for whatever cause', () => {
    const child = hotspot(5, 'hs-child', ['hs-parent'])
    const parents = outageSchedule(5, 'hs-parent', OFFSET).beginningIn(START, START + SPAN)
    expect(parents.length).toBeGreaterThan(0)
    for (const { from, to } of parents) {
      expect(child.isReachable(from)).toBe(false)
      expect(child.isReachable(to - 1)).toBe(false)
    }
  })

  it('is asked for its truth in pieces as in one', () => {
    const model = hotspot(5, 'hs-child', ['hs-parent'])
    const byTime = (a: { from: number }, b: { from: number }) => a.from - b.from
    const pieces = times(START, START + SPAN, 7 * HOUR).flatMap((from) =>
      model.truth(from, Math.min(START + SPAN, from + 7 * HOUR)),
    )
    expect(pieces.sort(byTime)).toEqual([...model.truth(START, START + SPAN)].sort(byTime))
  })

  it('reports a broken uplink with no latency and all lost', () => {
    const model = hotspot(5, 'hs-child')
    const uplink = outageSchedule(5, 'hs-child', OFFSET)
      .beginningIn(START, START + SPAN)
      .find(({ cause }) => cause === 'uplink')
    const values = model.sampleAt(uplink?.from ?? 0)?.values
    expect(values).toMatchObject({ up: 0, loss_pct: 100 })
    expect(values).not.toHaveProperty('latency_ms')
  })
})
