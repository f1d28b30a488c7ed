// The live stream of `GET /live` (contract/feed.ts): a snapshot for who comes, then one delta a second for all, written out once.

import type { LiveLine } from '../../contract/feed.ts'
import { type Clock, SECOND } from '../../contract/time.ts'
import type { StoredSpan } from '../store/store.ts'
import type { LiveState } from './live-state.ts'

export type LineListener = (line: string) => void

export interface LiveFeed {
  /** The first line is a snapshot; returns how to leave. */
  join(listener: LineListener): () => void
  stop(): void
}

export interface LiveFeedPlan {
  readonly live: LiveState
  readonly clock: Clock
  /** Up to when state may be judged: the time now, or while the log is being caught up, how far it was read. Null: not yet. */
  readonly judgedUntil: () => number | null
  readonly keepSpans: (spans: readonly StoredSpan[]) => void
}

export function openLiveFeed({ live, clock, judgedUntil, keepSpans }: LiveFeedPlan): LiveFeed {
  const listeners = new Set<LineListener>()
  let seq = 0

  const send = (line: LiveLine): void => {
    if (listeners.size === 0) return
    const text = `${JSON.stringify(line)}\n`
    for (const listener of listeners) listener(text)
  }

  const tick = (): void => {
    const until = judgedUntil()
    const time = clock.now()
    if (until === null) {
      send({ type: 'beat', time })
      return
    }
    const { changed, removed, alerts, spans } = live.collect(until)
    if (spans.length > 0) keepSpans(spans)
    if (changed.length > 0 || removed.length > 0) {
      seq += 1
      send({ type: 'delta', seq, time, changed, removed })
    } else send({ type: 'beat', time })
    for (const alert of alerts) send({ type: 'alert', time, ...alert })
  }

  const timer = setInterval(tick, SECOND)
  return {
    join(listener) {
      const time = clock.now()
      const snapshot: LiveLine = { type: 'snapshot', seq, time, devices: live.snapshot(time) }
      listener(`${JSON.stringify(snapshot)}\n`)
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    stop() {
      clearInterval(timer)
      // What changed since the last second is kept too.
      tick()
      listeners.clear()
    },
  }
}
