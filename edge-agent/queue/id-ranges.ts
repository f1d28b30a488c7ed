// A set of ids that mostly follow one another, as ranges: a backlog of a quarter million readings in flight or acknowledged is
// a handful of numbers, where a Set would be rebuilt all the time.

interface Range {
  from: number
  to: number
}

export class IdRanges {
  /** In order, apart from one another. */
  readonly #ranges: Range[] = []

  /** The least id; null when there is none. */
  get least(): number | null {
    return this.#ranges[0]?.from ?? null
  }

  has(id: number): boolean {
    const range = this.#ranges[this.#firstEndingFrom(id)]
    return range !== undefined && range.from <= id
  }

  /** Adds `from` to `to`, both included. */
  add(from: number, to: number): void {
    const index = this.#firstEndingFrom(from - 1)
    const merged = { from, to }
    let count = 0
    for (let range = this.#ranges[index]; range !== undefined; range = this.#ranges[index + count]) {
      if (range.from > to + 1) break
      merged.from = Math.min(merged.from, range.from)
      merged.to = Math.max(merged.to, range.to)
      count += 1
    }
    this.#ranges.splice(index, count, merged)
  }

  /** Takes out `from` to `to`, both included. */
  remove(from: number, to: number): void {
    const index = this.#firstEndingFrom(from)
    const rest: Range[] = []
    let count = 0
    for (let range = this.#ranges[index]; range !== undefined; range = this.#ranges[index + count]) {
      if (range.from > to) break
      if (range.from < from) rest.push({ from: range.from, to: from - 1 })
      if (range.to > to) rest.push({ from: to + 1, to: range.to })
      count += 1
    }
    this.#ranges.splice(index, count, ...rest)
  }

  clear(): void {
    this.#ranges.length = 0
  }

  /** Index of the first range that ends at `id` or after it. */
  #firstEndingFrom(id: number): number {
    let low = 0
    let high = this.#ranges.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#ranges[middle]?.to ?? 0) < id) low = middle + 1
      else high = middle
    }
    return low
  }
}
