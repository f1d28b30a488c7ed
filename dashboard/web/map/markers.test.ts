import { describe, expect, it } from 'vitest'
import { HitGrid } from './hit-grid.ts'
import { LabelGrid } from './label-grid.ts'
import { inkOn } from './palette.ts'
import { spreadMarkers } from './spread.ts'

describe('markers on each other', () => {
  it('are moved apart until each is seen, and no further', () => {
    const markers = [
      { x: 100, y: 100, radius: 16 },
      { x: 103, y: 100, radius: 20 },
      { x: 100, y: 100, radius: 16 },
      { x: 400, y: 400, radius: 16 },
    ]
    const moved = spreadMarkers(markers)
    const place = (index: number) => ({
      x: (markers[index]?.x ?? 0) + (moved[2 * index] ?? 0),
      y: (markers[index]?.y ?? 0) + (moved[2 * index + 1] ?? 0),
    })
    for (const [a, b, apart] of [
      [0, 1, 34],
      [0, 2, 30],
      [1, 2, 34],
    ] as const) {
      expect(Math.hypot(place(a).x - place(b).x, place(a).y - place(b).y)).toBeGreaterThan(apart)
    }
    expect([moved[6], moved[7]]).toEqual([0, 0])
    for (const offset of moved) expect(Math.abs(offset)).toBeLessThanOrEqual(46)
  })
})

describe('a press', () => {
  it('hits the nearest marker within its radius, of two on one place the upper', () => {
    const grid = new HitGrid()
    for (const [x, y] of [
      [10, 10],
      [60, 10],
      [60, 10],
      [-5, 300],
    ] as const)
      grid.add(x, y)
    expect(grid.nearest(14, 12, 12)).toBe(0)
    expect(grid.nearest(61, 11, 12)).toBe(2)
    expect(grid.nearest(-2, 303, 12)).toBe(3)
    expect(grid.nearest(35, 10, 22)).toBeNull()
  })
})

describe('labels', () => {
  it('are left out where another label or a marker is', () => {
    const grid = new LabelGrid()
    grid.block(100, 100, 16)
    expect(grid.claim(100, 105, 60, 14)).toBe(false)
    expect(grid.claim(100, 140, 60, 14)).toBe(true)
    expect(grid.claim(120, 142, 60, 14)).toBe(false)
    expect(grid.claim(200, 140, 60, 14, Math.PI / 2)).toBe(true)
  })
})

describe('text on a route’s colour', () => {
  // WCAG 1.4.3: white on black is 21, black on yellow 19.6.
  it('is black or white, whichever is read better', () => {
    expect(inkOn('#000000')).toBe('#FFFFFF')
    expect(inkOn('#FFFF00')).toBe('#111111')
    expect(inkOn('#1055B3')).toBe('#FFFFFF')
  })
})
