import { describe, expect, it } from 'vitest'
import { localPlane } from '../geo/local-plane.ts'
import { coveredShareOf } from './coverage.ts'
import {
  COVERED,
  coverageGrid,
  HOLE,
  holesOf,
  OUTSIDE,
  type ReachingPlace,
  UNKNOWN,
} from './coverage-grid.ts'

const plane = localPlane({ lat: -6.17, lon: 106.8 })

/** A rectangle of `width` by `height` m, its south-west corner at the origin. */
function area(width: number, height: number) {
  const corner = (x: number, y: number): number[] => {
    const { lat, lon } = plane.toLatLon({ x, y })
    return [lon, lat]
  }
  const ring = [corner(0, 0), corner(width, 0), corner(width, height), corner(0, height), corner(0, 0)]
  return { type: 'Polygon', coordinates: [ring] } as const
}

const place = (x: number, y: number, radiusM: number, isUp: boolean | null): ReachingPlace => ({
  id: `${x},${y}`,
  ...plane.toLatLon({ x, y }),
  radiusM,
  isUp,
})

describe('where a village is not reached', () => {
  it('agrees with the exact share of B12', () => {
    const places = [place(200, 200, 120, true), place(330, 240, 90, true), place(900, 780, 60, true)]
    const exact = coveredShareOf(area(1_000, 800), places) ?? Number.NaN
    const shares = coverageGrid(area(1_000, 800), places).shares
    expect(Math.abs((shares?.covered ?? 0) - exact)).toBeLessThan(0.005)
    expect((shares?.covered ?? 0) + (shares?.unknown ?? 0) + (shares?.hole ?? 0)).toBeCloseTo(1, 9)
  })

  it('is unknown where only hotspots reach of which nothing is known, and a hole where those reach that are down', () => {
    const grid = coverageGrid(area(600, 200), [
      place(100, 100, 60, null),
      place(300, 100, 60, false),
      place(500, 100, 60, true),
      place(500, 100, 90, null),
    ])
    const at = (x: number, y: number): number | undefined =>
      grid.cells[Math.floor(y / grid.cellM) * grid.columns + Math.floor(x / grid.cellM)]
    expect([at(105, 105), at(305, 105), at(505, 105), at(575, 105)]).toEqual([
      UNKNOWN,
      HOLE,
      COVERED,
      UNKNOWN,
    ])
    expect([...grid.cells]).not.toContain(OUTSIDE)
  })

  it('tells holes apart, the largest first, each with its place farthest from any reach', () => {
    // A wall of reach at x 300 to 400 between 300 m in the west and 600 m in the east.
    const wall = Array.from({ length: 21 }, (_, step) => place(350, step * 20, 60, true))
    const grid = coverageGrid(area(1_000, 400), wall)
    const holes = holesOf(grid, 1_000)
    expect(holes).toHaveLength(2)
    const [east, west] = holes
    expect(east?.areaM2).toBeGreaterThan(west?.areaM2 ?? 0)
    const deepest = plane.toPlane(east?.deepest ?? { lat: 0, lon: 0 })
    // All along the east side it is as far; the middle of a cell of 10 m there.
    expect([deepest.x > 985, deepest.x < 1_000, deepest.y > 0, deepest.y < 400]).toEqual([
      true,
      true,
      true,
      true,
    ])
    expect(holesOf(grid, 130_000)).toHaveLength(1)
  })

  it('is of coarser cells where the village is large, and of none where it has no area', () => {
    const large = coverageGrid(area(40_000, 30_000), [place(20_000, 15_000, 2_000, true)])
    expect(large.cells.length).toBeLessThanOrEqual(252_000)
    expect(large.shares?.covered ?? 0).toBeCloseTo((Math.PI * 2_000 ** 2) / (40_000 * 30_000), 3)
    expect(coverageGrid({ type: 'Polygon', coordinates: [] }, []).shares).toBeNull()
    expect(holesOf(coverageGrid(area(100, 100), []), 0)).toHaveLength(1)
  })
})
