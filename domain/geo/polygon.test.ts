import { describe, expect, it } from 'vitest'
import { type GeoArea, isInArea } from './polygon.ts'

const square = (west: number, south: number, side: number): [number, number][] => [
  [west, south],
  [west + side, south],
  [west + side, south + side],
  [west, south + side],
  [west, south],
]
const at = (lon: number, lat: number) => ({ lat, lon })

describe('a place in a boundary', () => {
  const withHole: GeoArea = { type: 'Polygon', coordinates: [square(0, 0, 10), square(4, 4, 2)] }

  it('is inside the outer ring and outside the holes', () => {
    expect(isInArea(at(1, 1), withHole)).toBe(true)
    expect(isInArea(at(5, 5), withHole)).toBe(false)
    expect(isInArea(at(11, 5), withHole)).toBe(false)
  })

  it('is found whichever way the rings run', () => {
    const turned: GeoArea = {
      type: 'Polygon',
      coordinates: withHole.coordinates.map((ring) => ring.toReversed()),
    }
    expect(isInArea(at(1, 1), turned)).toBe(true)
    expect(isInArea(at(5, 5), turned)).toBe(false)
  })

  it('is found in a ring that is not closed', () => {
    expect(isInArea(at(5, 1), { type: 'Polygon', coordinates: [square(0, 0, 10).slice(0, -1)] })).toBe(true)
  })

  it('is counted once where its ray passes through a corner', () => {
    const diamond: GeoArea = {
      type: 'Polygon',
      coordinates: [
        [
          [0, 5],
          [5, 0],
          [10, 5],
          [5, 10],
          [0, 5],
        ],
      ],
    }
    expect(isInArea(at(2, 5), diamond)).toBe(true)
    expect(isInArea(at(-1, 5), diamond)).toBe(false)
    expect(isInArea(at(-1, 0), diamond)).toBe(false)
    expect(isInArea(at(-1, 10), diamond)).toBe(false)
  })

  it('belongs to exactly one of two areas that share its edge', () => {
    const west: GeoArea = { type: 'Polygon', coordinates: [square(0, 0, 10)] }
    const east: GeoArea = { type: 'Polygon', coordinates: [square(10, 0, 10)] }
    const north: GeoArea = { type: 'Polygon', coordinates: [square(0, 10, 10)] }
    expect([west, east].filter((area) => isInArea(at(10, 5), area))).toHaveLength(1)
    expect([west, north].filter((area) => isInArea(at(5, 10), area))).toHaveLength(1)
  })

  it('is in any part of a boundary of several', () => {
    const islands: GeoArea = { type: 'MultiPolygon', coordinates: [[square(0, 0, 1)], [square(5, 5, 1)]] }
    expect(isInArea(at(5.5, 5.5), islands)).toBe(true)
    expect(isInArea(at(3, 3), islands)).toBe(false)
  })

  it('is in no area without rings', () => {
    expect(isInArea(at(0, 0), { type: 'Polygon', coordinates: [] })).toBe(false)
  })
})
