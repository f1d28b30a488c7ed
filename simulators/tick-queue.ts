// Which device is due next: a binary heap by time, so that ten thousand devices cost a logarithm each tick.

import type { TimeMs } from '../contract/time.ts'

interface Tick<T> {
  readonly time: TimeMs
  readonly item: T
}

export class TickQueue<T> {
  readonly #heap: Tick<T>[] = []

  push(time: TimeMs, item: T): void {
    const heap = this.#heap
    let index = heap.push({ time, item }) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (this.#timeAt(parent) <= this.#timeAt(index)) break
      this.#swap(index, parent)
      index = parent
    }
  }

  /** Takes the earliest tick when it is not behind `now`; null when none is due. */
  popUntil(now: TimeMs): Tick<T> | null {
    const first = this.#heap[0]
    if (first === undefined || first.time > now) return null
    const last = this.#heap.pop()
    if (last !== undefined && last !== first) {
      this.#heap[0] = last
      this.#sink()
    }
    return first
  }

  #sink(): void {
    for (let index = 0; ; ) {
      const left = 2 * index + 1
      if (left >= this.#heap.length) return
      const right = left + 1
      const child = right < this.#heap.length && this.#timeAt(right) < this.#timeAt(left) ? right : left
      if (this.#timeAt(index) <= this.#timeAt(child)) return
      this.#swap(index, child)
      index = child
    }
  }

  #timeAt(index: number): TimeMs {
    return this.#heap[index]?.time ?? Number.POSITIVE_INFINITY
  }

  #swap(a: number, b: number): void {
    const heap = this.#heap
    const held = heap[a]
    const other = heap[b]
    if (held === undefined || other === undefined) return
    heap[a] = other
    heap[b] = held
  }
}
