// Watches this process: its memory, and its event loop by how late a timer comes, as Node's histogram counts it. The loop is looked at over
// the last minute, so that a scrape once a minute misses nothing and one stall does not stand for ever.

import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import { SECOND } from '../contract/time.ts'
import type { Vitals } from '../contract/vitals.ts'

const RESOLUTION_MS = 20
const WINDOW_MS = 10 * SECOND
const WINDOWS = 6

export interface VitalsWatch {
  read(): Vitals
  stop(): void
}

type Delay = Pick<Vitals, 'loopP99Ms' | 'loopMaxMs'>

/** Begins to watch; it keeps no process alive. */
export function watchVitals(): VitalsWatch {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  /** Of the windows that are over, the newest last. */
  let over: readonly Delay[] = []
  let residentBytes = process.memoryUsage.rss()
  const turn = setInterval(() => {
    over = [...over, delayIn(histogram)].slice(1 - WINDOWS)
    histogram.reset()
  }, WINDOW_MS)
  turn.unref()
  return {
    read() {
      const all = [...over, delayIn(histogram)]
      residentBytes = residentBytesNow() ?? residentBytes
      return {
        residentBytes,
        loopP99Ms: Math.max(...all.map(({ loopP99Ms }) => loopP99Ms)),
        loopMaxMs: Math.max(...all.map(({ loopMaxMs }) => loopMaxMs)),
      }
    },
    stop() {
      clearInterval(turn)
      histogram.disable()
    },
  }
}

/** Node opens a file for it; null when as many files as may be are open: a part that serves thousands of sockets does not end of that. */
function residentBytesNow(): number | null {
  try {
    return process.memoryUsage.rss()
  } catch {
    return null
  }
}

/** The histogram holds ns from one look to the next, which an idle loop takes 20 ms for. */
function delayIn(histogram: IntervalHistogram): Delay {
  if (histogram.count === 0) return { loopP99Ms: 0, loopMaxMs: 0 }
  const late = (ns: number): number => Math.round(Math.max(0, ns / 1e6 - RESOLUTION_MS) * 10) / 10
  return { loopP99Ms: late(histogram.percentile(99)), loopMaxMs: late(histogram.max) }
}
