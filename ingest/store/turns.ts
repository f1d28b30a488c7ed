// One after the other, in the order of the calls: a DuckDB connection has one transaction, and an InfluxDB write must be
// confirmed before the next.

export class Turns {
  #last: Promise<unknown> = Promise.resolve()

  /** Runs `work` when all before it is done, whether it failed or not. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work, work)
    this.#last = turn
    return turn
  }
}
