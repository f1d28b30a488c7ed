// Many devices are gone through a part at a time: memory is bounded, and others are served in between.

import { setImmediate as othersTurn } from 'node:timers/promises'

/** The list in parts of at most `size`, in order; before each but the first all that waits has its turn. */
export async function* partsOf<T>(all: readonly T[], size: number): AsyncIterable<readonly T[]> {
  for (let from = 0; from < all.length; from += size) {
    if (from > 0) await othersTurn()
    yield all.slice(from, from + size)
  }
}
