// Finds what lies under a finger without looking at every point: a uniform grid of 32 px.

const CELL = 32

export class HitGrid {
  readonly #cells = new Map<number, number[]>()
  readonly #xs: number[] = []
  readonly #ys: number[] = []

  /** Adds the next item; its number is how many were added before. */
  add(x: number, y: number): void {
    const index = this.#xs.length
    this.#xs.push(x)
    this.#ys.push(y)
    const key = cellKey(Math.floor(x / CELL), Math.floor(y / CELL))
    const cell = this.#cells.get(key)
    if (cell === undefined) this.#cells.set(key, [index])
    else cell.push(index)
  }

  /** The nearest item within `radius` px, of equally near ones the last added (drawn on top); null without one. */
  nearest(x: number, y: number, radius: number): number | null {
    const reach = Math.ceil(radius / CELL)
    const [column, row] = [Math.floor(x / CELL), Math.floor(y / CELL)]
    let best: number | null = null
    let bestDistance = radius
    for (let down = -reach; down <= reach; down += 1) {
      for (let right = -reach; right <= reach; right += 1) {
        for (const index of this.#cells.get(cellKey(column + right, row + down)) ?? []) {
          const distance = Math.hypot((this.#xs[index] ?? 0) - x, (this.#ys[index] ?? 0) - y)
          if (distance > bestDistance || (distance === bestDistance && best !== null && index < best))
            continue
          best = index
          bestDistance = distance
        }
      }
    }
    return best
  }
}

function cellKey(column: number, row: number): number {
  return (row + 4_096) * 16_384 + column + 4_096
}
