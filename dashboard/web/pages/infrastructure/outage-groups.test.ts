import { describe, expect, it } from 'vitest'
import type { HotspotStatesAnswer } from '../../../../contract/api.ts'
import type { OutageAnswer } from '../../../../contract/api-staff.ts'
import { outageGroups } from './outage-groups.ts'

const time = (clock: string): string => `2026-11-24T${clock}:00.000Z`
const lasting = (from: string, to?: string) => ({
  from: time(from),
  ...(to === undefined ? {} : { to: time(to) }),
})
const outage = (hotspot: string, from: string, to?: string): OutageAnswer => ({
  id: `${hotspot}.${from}`,
  hotspot,
  ...lasting(from, to),
})
type Hotspot = HotspotStatesAnswer['hotspots'][number]
const unreachable = (id: string, parent: string, from: string, to?: string): Hotspot => ({
  id,
  spans: [
    { from: time('00:00'), to: time(from), state: 'up', cause: null },
    { ...lasting(from, to), state: 'unknown', cause: `parent:${parent}` },
  ],
})

const shape = (outages: readonly OutageAnswer[], states: readonly Hotspot[]) =>
  outageGroups(outages, states).map(({ outage, below }) => [
    outage.id,
    ...below.map(({ hotspot, from, to }) => `${hotspot} ${from.slice(11, 16)} ${to?.slice(11, 16) ?? '...'}`),
  ])

describe('outages with one cause', () => {
  it('tell what hangs below and could not be reached, which is no outage of its own', () => {
    const outages = [outage('c', '10:05', '10:20'), outage('gate', '10:00', '10:29')]
    const states = [unreachable('b', 'gate', '10:02', '10:30'), unreachable('a', 'gate', '10:01', '10:30')]
    expect(shape(outages, states)).toEqual([['c.10:05'], ['gate.10:00', 'a 10:01 10:30', 'b 10:02 10:30']])
  })

  it('fold the outage of what fell silent a moment before the one above it', () => {
    const outages = [outage('gate', '10:01'), outage('a', '10:00'), outage('a', '06:00', '06:10')]
    expect(shape(outages, [unreachable('a', 'gate', '10:01')])).toEqual([
      ['gate.10:01', 'a 10:00 ...'],
      ['a.06:00'],
    ])
  })

  it('are told at the outage of that time', () => {
    const outages = [outage('gate', '12:00'), outage('gate', '08:00', '08:10')]
    const states = [unreachable('a', 'gate', '08:01', '08:10'), unreachable('b', 'gate', '12:01')]
    expect(shape(outages, states)).toEqual([
      ['gate.12:00', 'b 12:01 ...'],
      ['gate.08:00', 'a 08:01 08:10'],
    ])
  })
})
