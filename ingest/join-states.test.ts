import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DeviceState } from '../contract/device-state.ts'
import { joinStates } from './join-states.ts'
import type { StoredSpan } from './store/store.ts'

const span = (state: DeviceState, from: number, to?: number): StoredSpan => ({
  device: 'a',
  kind: 'hotspot',
  from,
  ...(to === undefined ? {} : { to }),
  state,
  cause: null,
})

const short = (spans: readonly StoredSpan[]): unknown[] =>
  spans.map(({ state, from, to }) => [state, from, to ?? null])

const TAIL = { known: 200, patient: 230 }

describe('an imported past', () => {
  it('that meets nothing stays as it is, its end open', () => {
    const past = [span('up', 0, 50), span('down', 50, 80), span('up', 80)]
    expect(joinStates(past, [], TAIL)).toEqual(past)
  })

  it('before what was seen live ends where that begins', () => {
    const past = [span('up', 0, 50), span('up', 50)]
    expect(short(joinStates(past, [span('down', 220)], TAIL))).toEqual([
      ['up', 0, 50],
      ['up', 50, 220],
    ])
  })

  it('ends with its last sign when it was long silent before that', () => {
    expect(short(joinStates([span('up', 0)], [span('up', 231)], TAIL))).toEqual([['up', 0, 200]])
  })

  it('fills what lies between, and changes nothing that was seen', () => {
    const past = [span('up', 0, 100), span('down', 100, 200), span('up', 200, 300)]
    const seen = [span('up', 40, 60), span('degraded', 150, 250)]
    expect(short(joinStates(past, seen, TAIL))).toEqual([
      ['up', 0, 40],
      ['up', 60, 100],
      ['down', 100, 150],
      ['up', 250, 300],
    ])
  })

  it('imported twice adds nothing', () => {
    const past = [span('up', 0, 50), span('down', 50, 80), span('up', 80)]
    expect(joinStates(past, past, TAIL)).toEqual([])
  })

  it('never overlaps with what was there', () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { minLength: 2, maxLength: 8 })
    const spans = (times: number[], isOpen: boolean): StoredSpan[] => {
      const rising = [...times].sort((a, b) => a - b)
      const closed = rising.slice(1).map((to, index) => span('up', rising[index] ?? 0, to))
      return isOpen ? [...closed, span('up', rising.at(-1) ?? 0)] : closed
    }
    fc.assert(
      fc.property(cuts, cuts, fc.boolean(), fc.boolean(), (past, seen, a, b) => {
        const had = spans(seen, b).filter((_, index) => index % 2 === 0 || b)
        const all = [...joinStates(spans(past, a), had, { known: 65, patient: 70 }), ...had]
        for (let time = 0; time < 80; time += 1) {
          const holding = all.filter(
            ({ from, to }) => from <= time && time < (to ?? Number.POSITIVE_INFINITY),
          )
          if (holding.length > 1) throw new Error(`${time}: ${JSON.stringify(short(all))}`)
        }
      }),
      { numRuns: 500 },
    )
  })
})
