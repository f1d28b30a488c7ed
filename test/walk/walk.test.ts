// The walk itself: what it would miss, it does not guard.

import { describe, expect, it } from 'vitest'
import { faultsOf } from './api.suite.ts'
import { bareText } from './shown-classes.ts'

const RULE = { name: 'availability', version: '1', source: 'rule B1' }
const WHOLE = {
  from: '2026-11-24T00:00:00.000Z',
  to: '2026-11-25T00:00:00.000Z',
  units: { availability: '1' },
  rules: { availability: RULE, up_s: RULE },
  hotspots: [{ availability: 0.99, up_s: 3_600 }],
}

describe('the walk', () => {
  it('passes what has unit, time and rule', () => {
    expect(faultsOf(WHOLE)).toEqual([])
  })

  it.each([
    ['no unit', { ...WHOLE, units: {} }, '.hotspots[].availability (figure of connectivity) has no unit'],
    ['no period', { ...WHOLE, to: 'soon' }, '.hotspots[].up_s (figure of connectivity) has no time'],
    [
      'no rule',
      { ...WHOLE, rules: { availability: RULE } },
      '.hotspots[].up_s (figure of connectivity) has no rule',
    ],
    [
      'a rule without its source',
      { ...WHOLE, rules: { ...WHOLE.rules, up_s: { ...RULE, source: '' } } },
      '.hotspots[].up_s (figure of connectivity) has no rule',
    ],
    [
      'a number of a member that nobody knows',
      { ...WHOLE, hotspots: [{ happiness: 3 }] },
      '.hotspots[].happiness is of no class: say in number-classes.ts what it is',
    ],
    [
      'a count that goes by the unit of its metric',
      {
        ...WHOLE,
        every: '1h',
        fn: 'count',
        rules: { series: RULE },
        series: [{ metric: 'latency_ms', unit: 'ms', points: [[0, 60]] }],
      },
      '.series[].points[][] (count of a bucket) has the unit ms, not count',
    ],
    [
      'a reading without a time',
      { features: [{ properties: { values: { pm2_5: { value: 3, unit: 'ug/m3' } } } }] },
      '.features[].properties.values.pm2_5.value (reading) has no time',
    ],
  ])('names %s', (_what, answer, fault) => {
    expect(faultsOf(answer)).toContain(fault)
  })
})

describe('a text on a page', () => {
  it.each([
    ['at 03:40–03:41 WIB', 'at @'],
    ['pukul 03.40–03.41 WIB', 'pukul @'],
    ['24 Nov 2026, 05.00 WIB', '@'],
  ])('has the time taken out of it: %s', (text, bare) => {
    expect(bareText(text, (same) => same)).toBe(bare)
  })
})
