// The past of an import comes to the states that the same readings would have made live.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TransferRow } from '../contract/feed.ts'
import { SECOND } from '../contract/time.ts'
import { ImportedStates } from './imported-states.ts'
import { at, known, LiveRig, T0 } from './test/live-rig.ts'

const row = (device: string, s: number, values: Record<string, number> = { up: 1 }): TransferRow => ({
  kind: 'hotspot',
  device,
  time: at(s),
  values,
})

const poor = { up: 1, loss_pct: 9, latency_ms: 10 }
const good = { up: 1, loss_pct: 0, latency_ms: 10 }

function spansOf(states: ImportedStates, device: string): unknown[] {
  return states
    .joined([])
    .filter((span) => span.device === device)
    .map(({ state, from, to, cause }) => [
      state,
      (from - T0) / SECOND,
      to === undefined ? null : (to - T0) / SECOND,
      cause,
    ])
}

describe('states of an imported past', () => {
  it('have its outages by silence and by probe, and its poor times', () => {
    const states = new ImportedStates(new Map([['a', known('a')]]))
    for (const s of [0, 60, 400, 460]) states.add(row('a', s))
    states.add(row('a', 520, { up: 0 }))
    for (const s of [580, 640, 700, 760]) states.add(row('a', s, poor))
    states.add(row('a', 820, good))
    expect(spansOf(states, 'a')).toEqual([
      ['up', 0, 120, null],
      ['down', 120, 400, 'silence'],
      ['up', 400, 520, null],
      ['down', 520, 580, 'probe'],
      ['up', 580, 700, null],
      ['degraded', 700, 820, 'poor'],
      ['up', 820, null, null],
    ])
  })

  it('are unknown below a parent that was down', () => {
    const devices = [known('top'), known('leaf', { parent: 'top' })]
    const states = new ImportedStates(new Map(devices.map((device) => [device.id, device])))
    for (const s of [0, 600]) states.add(row('top', s))
    for (const s of [30, 630]) states.add(row('leaf', s))
    expect(spansOf(states, 'leaf')).toEqual([
      ['up', 30, 90, null],
      ['unknown', 90, 630, 'parent:top'],
      ['up', 630, null, null],
    ])
  })

  it('are of a parent that fell a moment later, and of the device itself where it stays away when the parent is back', () => {
    const devices = [known('top'), known('leaf', { parent: 'top' }), known('lost', { parent: 'top' })]
    const states = new ImportedStates(new Map(devices.map((device) => [device.id, device])))
    for (const s of [30, 600, 720, 840]) states.add(row('top', s))
    for (const s of [0, 630, 750, 870]) states.add(row('leaf', s))
    for (const s of [0, 900]) states.add(row('lost', s))
    // The leaf fails to come at 60 s and is seen so at 190 s; its parent from 90 s.
    expect(spansOf(states, 'leaf')).toEqual([
      ['up', 0, 90, null],
      ['unknown', 90, 630, 'parent:top'],
      ['up', 630, null, null],
    ])
    expect(spansOf(states, 'lost')).toEqual([
      ['up', 0, 90, null],
      ['unknown', 90, 600, 'parent:top'],
      ['down', 600, 900, 'silence'],
      ['up', 900, null, null],
    ])
  })

  it('say nothing of vehicles and of devices that nobody knows', () => {
    const states = new ImportedStates(new Map([['bus', known('bus', { kind: 'vehicle' })]]))
    states.add({ ...row('bus', 0), kind: 'vehicle' })
    states.add(row('stranger', 0))
    expect(states.joined([])).toEqual([])
    expect(states.period).toBeNull()
  })

  it('are those that live readings make', () => {
    const step = fc.record({
      afterS: fc.integer({ min: 1, max: 300 }),
      values: fc.constantFrom({ up: 1 }, { up: 0 }, poor, good),
    })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 80 }), (steps) => {
        const states = new ImportedStates(new Map([['a', known('a')]]))
        const rig = new LiveRig([known('a')])
        let s = 0
        for (const { afterS, values } of steps) {
          s += afterS
          states.add(row('a', s, values))
          rig.reading('a', s, values)
        }
        rig.collect(s + 0.001)
        expect(spansOf(states, 'a')).toEqual(rig.spans('a'))
      }),
      { numRuns: 300 },
    )
  })

  it('go on from a past that was imported before, when they are newer', () => {
    const rig = new LiveRig([known('a')])
    const first = new ImportedStates(new Map([['a', known('a')]]), (id) => rig.live.standing(id))
    for (const s of [0, 60]) first.add(row('a', s))
    const spans = first.joined([])
    const latest = { kind: 'hotspot', device: 'a', lastArrival: at(60), lastTime: at(60) } as const
    rig.live.restoreImported([{ ...latest, values: {}, position: null, conflicts: 0 }], spans)
    const second = new ImportedStates(new Map([['a', known('a')]]), (id) => rig.live.standing(id))
    for (const s of [600, 660]) second.add(row('a', s))
    expect(spansOf(second, 'a')).toEqual([
      ['up', 0, 120, null],
      ['down', 120, 600, 'silence'],
      ['up', 600, null, null],
    ])
  })
})
