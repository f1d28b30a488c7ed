// Where a village is not reached (domain B12 cell by cell): each cell of its area is covered, not known to be, or a hole. What only hotspots of
// unknown state reach is unknown: it is neither covered nor a hole. Neighbouring holes are one, told by its size and by the place in it that is
// farthest from any reach. It is an estimate from circles, as B12 is.

import type { LatLon } from '../geo/geodesy.ts'
import type { LocalPlane, PlanePoint } from '../geo/local-plane.ts'
import type { GeoArea } from '../geo/polygon.ts'
import { type CoveredPlace, insideAt, ringsOf } from './coverage.ts'

export const OUTSIDE = 0
export const COVERED = 1
export const UNKNOWN = 2
export const HOLE = 3

export interface ReachingPlace extends CoveredPlace {
  readonly id: string
  /** Null where it is not known. */
  readonly isUp: boolean | null
}

export interface CoverageGrid {
  readonly columns: number
  readonly rows: number
  readonly cellM: number
  /** By rows from the south, each from the west. */
  readonly cells: Uint8Array
  readonly southWest: LatLon
  readonly northEast: LatLon
  /** Of the area's cells. Null for an area without any. */
  readonly shares: { readonly covered: number; readonly unknown: number; readonly hole: number } | null
  /** The middle of a cell. */
  at(cell: number): LatLon
}

const CELL_M = 10
/** Of a large village the cells are larger. */
const MOST_CELLS = 250_000

export function coverageGrid(boundary: GeoArea, places: readonly ReachingPlace[]): CoverageGrid {
  const { plane, rings } = ringsOf(boundary)
  const box = boxOf(rings.flat())
  const cellM = Math.max(CELL_M, Math.sqrt(((box.maxX - box.minX) * (box.maxY - box.minY)) / MOST_CELLS))
  const columns = Math.max(1, Math.ceil((box.maxX - box.minX) / cellM))
  const rows = Math.max(1, Math.ceil((box.maxY - box.minY) / cellM))
  const cells = new Uint8Array(columns * rows)
  const columnOf = (x: number): number => (x - box.minX) / cellM - 0.5
  const rowOf = (y: number): number => (y - box.minY) / cellM - 0.5
  for (let row = 0; row < rows; row += 1) {
    for (const [from, to] of insideAt(rings, box.minY + (row + 0.5) * cellM)) {
      const first = Math.max(0, Math.ceil(columnOf(from)))
      const last = Math.min(columns - 1, Math.floor(columnOf(to)))
      if (first <= last) cells.fill(HOLE, row * columns + first, row * columns + last + 1)
    }
  }
  for (const { isUp, radiusM, ...place } of places) {
    if (isUp === false) continue
    const centre = plane.toPlane(place)
    const mark = (cell: number): void => {
      if (isUp === true && cells[cell] !== OUTSIDE) cells[cell] = COVERED
      else if (cells[cell] === HOLE) cells[cell] = UNKNOWN
    }
    const [column, row, reach] = [columnOf(centre.x), rowOf(centre.y), radiusM / cellM]
    for (let y = Math.max(0, Math.ceil(row - reach)); y <= Math.min(rows - 1, row + reach); y += 1) {
      const half = Math.sqrt(reach ** 2 - (y - row) ** 2)
      for (let x = Math.max(0, Math.ceil(column - half)); x <= Math.min(columns - 1, column + half); x += 1)
        mark(y * columns + x)
    }
  }
  return {
    columns,
    rows,
    cellM,
    cells,
    southWest: plane.toLatLon({ x: box.minX, y: box.minY }),
    northEast: plane.toLatLon({ x: box.minX + columns * cellM, y: box.minY + rows * cellM }),
    shares: sharesOf(cells),
    at: (cell) => middleOf(plane, box.minX, box.minY, cellM, cell % columns, Math.floor(cell / columns)),
  }
}

export interface Hole {
  readonly areaM2: number
  /** The place in it that is farthest from what is covered. */
  readonly deepest: LatLon
}

/** Holes of at least `leastM2`, the largest first. */
export function holesOf(grid: CoverageGrid, leastM2: number): readonly Hole[] {
  const { cells, columns, cellM } = grid
  const depths = depthsOf(grid)
  const seen = new Uint8Array(cells.length)
  const holes: Hole[] = []
  for (let start = 0; start < cells.length; start += 1) {
    if (cells[start] !== HOLE || seen[start] === 1) continue
    const members = [start]
    seen[start] = 1
    let deepest = start
    // The list grows while it is walked.
    for (const cell of members) {
      if ((depths[cell] ?? 0) > (depths[deepest] ?? 0)) deepest = cell
      for (const next of neighbours(cell, columns, cells.length)) {
        if (cells[next] !== HOLE || seen[next] === 1) continue
        seen[next] = 1
        members.push(next)
      }
    }
    const areaM2 = members.length * cellM ** 2
    if (areaM2 >= leastM2) holes.push({ areaM2, deepest: grid.at(deepest) })
  }
  return holes.sort((a, b) => b.areaM2 - a.areaM2)
}

function neighbours(cell: number, columns: number, count: number): readonly number[] {
  const column = cell % columns
  return [
    ...(column > 0 ? [cell - 1] : []),
    ...(column < columns - 1 ? [cell + 1] : []),
    ...(cell >= columns ? [cell - columns] : []),
    ...(cell + columns < count ? [cell + columns] : []),
  ]
}

/** How far each cell is from one that is reached or may be, in cells: two passes over the grid, within 8 % (Borgefors 1986, chamfer distances). */
function depthsOf({ cells, columns, rows }: CoverageGrid): Float32Array {
  const depths = Float32Array.from(cells, (cell) =>
    cell === COVERED || cell === UNKNOWN ? 0 : columns + rows,
  )
  const pass = (order: 1 | -1): void => {
    for (let step = 0; step < cells.length; step += 1) {
      const cell = order === 1 ? step : cells.length - 1 - step
      const [x, y] = [cell % columns, Math.floor(cell / columns)]
      let depth = depths[cell] ?? 0
      for (const [dx, dy, far] of BEHIND) {
        const [nearX, nearY] = [x - dx * order, y - dy * order]
        // Beyond the grid nothing is known to be near.
        if (nearX < 0 || nearX >= columns || nearY < 0 || nearY >= rows) continue
        depth = Math.min(depth, (depths[nearY * columns + nearX] ?? 0) + far)
      }
      depths[cell] = depth
    }
  }
  pass(1)
  pass(-1)
  return depths
}

const BEHIND = [
  [1, 0, 1],
  [0, 1, 1],
  [1, 1, Math.SQRT2],
  [-1, 1, Math.SQRT2],
] as const

function sharesOf(cells: Uint8Array): CoverageGrid['shares'] {
  const counts = [0, 0, 0, 0]
  for (const cell of cells) counts[cell] = (counts[cell] ?? 0) + 1
  const [, covered = 0, unknown = 0, hole = 0] = counts
  const all = covered + unknown + hole
  return all === 0 ? null : { covered: covered / all, unknown: unknown / all, hole: hole / all }
}

function middleOf(
  plane: LocalPlane,
  minX: number,
  minY: number,
  cellM: number,
  column: number,
  row: number,
): LatLon {
  return plane.toLatLon({ x: minX + (column + 0.5) * cellM, y: minY + (row + 0.5) * cellM })
}

function boxOf(points: readonly PlanePoint[]) {
  const box = { minX: 0, maxX: 0, minY: 0, maxY: 0 }
  points.forEach(({ x, y }, index) => {
    box.minX = index === 0 ? x : Math.min(box.minX, x)
    box.maxX = index === 0 ? x : Math.max(box.maxX, x)
    box.minY = index === 0 ? y : Math.min(box.minY, y)
    box.maxY = index === 0 ? y : Math.max(box.maxY, y)
  })
  return box
}
