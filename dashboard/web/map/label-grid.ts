// Which places of the map's box are taken: labels are put one after another, and one that would lie on another is left out.

const CELL = 6

export class LabelGrid {
  readonly #taken = new Set<number>()

  /** Takes a disc: a marker. */
  block(x: number, y: number, radius: number): void {
    for (let down = -radius; down <= radius; down += CELL) {
      for (let right = -radius; right <= radius; right += CELL) this.#taken.add(cellOf(x + right, y + down))
    }
  }

  /** Takes a strip of text around its middle, turned by `angle`; false, and nothing taken, when part of it is taken. */
  claim(x: number, y: number, width: number, height: number, angle = 0): boolean {
    const cells: number[] = []
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
    const steps = Math.max(1, Math.ceil(width / (CELL * 0.8)))
    for (let step = 0; step <= steps; step += 1) {
      const along = (step / steps - 0.5) * width
      for (const across of [-height / 2, 0, height / 2]) {
        const cell = cellOf(x + along * cos - across * sin, y + along * sin + across * cos)
        if (this.#taken.has(cell)) return false
        cells.push(cell)
      }
    }
    for (const cell of cells) this.#taken.add(cell)
    return true
  }
}

function cellOf(x: number, y: number): number {
  return (Math.floor(y / CELL) + 1_024) * 8_192 + Math.floor(x / CELL) + 1_024
}
