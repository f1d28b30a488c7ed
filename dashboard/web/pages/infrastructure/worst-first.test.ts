import { describe, expect, it } from 'vitest'
import { type Ranked, worstFirst } from './worst-first.ts'

const row = (name: string, members: Partial<Ranked>): Ranked => ({
  id: name,
  name,
  state: 'up',
  since: 0,
  isAcknowledged: false,
  lossPct: null,
  latencyP95Ms: null,
  availability: null,
  ...members,
})

// Twelve hotspots in the order that reference/ui 4 gives them.
const ORDERED = [
  row('down, longest', { state: 'down', since: 100 }),
  row('down, shorter', { state: 'down', since: 200 }),
  row('down, taken on, longest', { state: 'down', since: 10, isAcknowledged: true }),
  row('down, taken on, shorter', { state: 'down', since: 20, isAcknowledged: true }),
  row('slow, loses most', { state: 'degraded', lossPct: 9, latencyP95Ms: 10 }),
  row('slow, loses less, slowest', { state: 'degraded', lossPct: 4, latencyP95Ms: 300 }),
  row('slow, loses less', { state: 'degraded', lossPct: 4, latencyP95Ms: 200 }),
  row('silent, longest', { state: 'unknown', since: 1 }),
  row('silent, shorter', { state: 'unknown', since: 2 }),
  row('worked on', { state: 'maintenance' }),
  row('up, least available', { availability: 0.9 }),
  row('up, most available', { availability: 0.99 }),
]

describe('the order of the infrastructure desk', () => {
  it('is worst first, however the rows come', () => {
    const names = ORDERED.map(({ name }) => name)
    expect(worstFirst(ORDERED.toReversed()).map(({ name }) => name)).toEqual(names)
    const mixed = [...ORDERED.slice(6), ...ORDERED.slice(0, 6)]
    expect(worstFirst(mixed).map(({ name }) => name)).toEqual(names)
  })

  it('goes by name among equals, and puts an outage of unknown begin before any other', () => {
    const rows = [
      row('b', {}),
      row('a', {}),
      row('z', { state: 'down', since: 5 }),
      row('y', { state: 'down', since: null }),
    ]
    expect(worstFirst(rows).map(({ name }) => name)).toEqual(['y', 'z', 'a', 'b'])
  })
})
