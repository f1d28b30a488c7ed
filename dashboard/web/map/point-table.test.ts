import { describe, expect, it } from 'vitest'
import { type Point, PointTable } from './point-table.ts'

const point = (id: string, fixTime: number | null = null, order = 0): Point => ({
  id,
  lat: -6.17,
  lon: 106.8,
  spec: { shape: 'stop' },
  order,
  clusterLayer: null,
  clusterKey: 'up',
  badge: null,
  fixTime,
  route: null,
  label: null,
})
const shown = (table: PointTable, id: string): number => table.shownXs[table.slotOf(id) ?? -1] ?? Number.NaN

describe('points of the map', () => {
  it('are drawn in their order, however they came', () => {
    const table = new PointTable()
    for (const [id, order] of [
      ['bus', 9],
      ['stop', 0],
      ['air', 5],
    ] as const) {
      table.put(point(id, null, order), { x: 1, y: 1 }, 0, true)
    }
    expect(table.order().map((slot) => table.points[slot]?.id)).toEqual(['stop', 'air', 'bus'])
  })

  it('that move are drawn one fix behind and stop at the last', () => {
    const table = new PointTable()
    table.put(point('bus', 1_000), { x: 100, y: 100 }, 0, true)
    table.put(point('bus', 6_000), { x: 100.0005, y: 100 }, 0, true)
    expect(shown(table, 'bus')).toBe(100)
    table.advance(2_500)
    expect(shown(table, 'bus')).toBeCloseTo(100.00025, 8)
    expect(table.isAnyGliding()).toBe(true)
    table.advance(60_000)
    expect(shown(table, 'bus')).toBe(100.0005)
    expect(table.isAnyGliding()).toBe(false)
  })

  it('jump when motion is not wanted, and settle where they were going', () => {
    const table = new PointTable()
    table.put(point('bus', 1_000), { x: 100, y: 100 }, 0, true)
    table.put(point('bus', 6_000), { x: 100.0005, y: 100 }, 0, false)
    expect(shown(table, 'bus')).toBe(100.0005)
    table.put(point('bus', 11_000), { x: 100.001, y: 100 }, 0, true)
    table.settle()
    expect(shown(table, 'bus')).toBe(100.001)
  })

  it('leave their place to others when they go, and the table grows as needed', () => {
    const table = new PointTable()
    for (let index = 0; index < 1_000; index += 1) table.put(point(`p${index}`), { x: index, y: 0 }, 0, true)
    table.remove('p500')
    table.put(point('new'), { x: 7, y: 0 }, 0, true)
    expect(table.size).toBe(1_000)
    expect(shown(table, 'new')).toBe(7)
    expect(shown(table, 'p999')).toBe(999)
    expect(table.order()).toHaveLength(1_000)
  })
})
