// Brings spans of state into the store, in the order in which they were made. While the store is away they wait, each in its newest form,
// so that they are bounded by what changed.

import type { Logger } from '../runtime/logger.ts'
import { type Store, StoreAwayError, type StoredSpan } from './store/store.ts'

export interface SpanKeeper {
  keep(spans: readonly StoredSpan[]): void
  /** Tries once more, and waits for it. */
  finish(): Promise<void>
}

/** A fault of ours, not of the store's absence, goes to `onFault`. */
export function openSpanKeeper(
  store: Pick<Store, 'putStates'>,
  logger: Logger,
  onFault: (error: unknown) => void,
): SpanKeeper {
  let waiting = new Map<string, StoredSpan>()
  let writing: Promise<void> | null = null

  async function write(): Promise<void> {
    const taken = waiting
    waiting = new Map()
    try {
      await store.putStates([...taken.values()])
    } catch (error) {
      if (!(error instanceof StoreAwayError)) throw error
      logger.debug(`states wait for the store: ${error.message}`)
      // What came meanwhile is newer.
      waiting = new Map([...taken, ...waiting])
    }
  }

  function start(): void {
    if (writing !== null || waiting.size === 0) return
    writing = write()
      .catch(onFault)
      .finally(() => {
        writing = null
      })
  }

  return {
    keep(spans) {
      for (const span of spans) waiting.set(`${span.device} ${span.from}`, span)
      start()
    },
    async finish() {
      await writing
      start()
      await writing
    },
  }
}
