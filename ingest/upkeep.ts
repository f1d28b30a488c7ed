// What the store does in quiet moments: hourly means, checkpoints, and the end of what is too old (PANTAU_RETENTION).

import { type Clock, HOUR, MINUTE } from '../contract/time.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Store } from './store/store.ts'

/** Hourly means are kept this many times as long as readings (contract section 2). */
const HOURLY_TIMES = 10
const CHECKPOINT_MS = MINUTE / 2
/** A village that is never up for long loses its past too. */
const FIRST_DROP_MS = MINUTE
/** A clock that was set by more than this is not believed until the next time: set to 2038 by mistake it would end all readings. */
const CLOCK_SET_MS = HOUR

export interface Upkeep {
  /** Waits for what is under way. */
  stop(): Promise<void>
}

export function openUpkeep(
  store: Pick<Store, 'checkpoint' | 'dropBefore'>,
  retentionMs: number,
  clock: Clock,
  logger: Logger,
): Upkeep {
  const running = new Set<Promise<void>>()
  const attempt = (what: string, work: () => Promise<void>): void => {
    const tried = work()
      .catch((error: unknown) => logger.warn({ err: error }, `${what} failed; it is tried again`))
      .finally(() => running.delete(tried))
    running.add(tried)
  }
  let last = { now: clock.now(), monotonicMs: clock.monotonicMs() }
  const drop = (): void => {
    const now = clock.now()
    const monotonicMs = clock.monotonicMs()
    const setMs = now - last.now - (monotonicMs - last.monotonicMs)
    last = { now, monotonicMs }
    if (Math.abs(setMs) > CLOCK_SET_MS) {
      logger.warn({ setMs }, 'the clock was set: what is too old by it is kept for another hour')
      return
    }
    attempt('retention', () => store.dropBefore(now - retentionMs, now - HOURLY_TIMES * retentionMs))
  }
  const checkpoint = setInterval(() => attempt('the checkpoint', () => store.checkpoint()), CHECKPOINT_MS)
  const first = setTimeout(drop, FIRST_DROP_MS)
  const retention = setInterval(drop, HOUR)
  return {
    async stop() {
      clearInterval(checkpoint)
      clearTimeout(first)
      clearInterval(retention)
      await Promise.all(running)
    },
  }
}
