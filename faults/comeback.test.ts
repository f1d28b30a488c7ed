// Row 30 of docs/faults.md: how a village's devices come back after its broker was away, by the agent's own back-off.

import { expect, it } from 'vitest'
import { retryDelayMs } from '../edge-agent/backoff.ts'
import { randomOf } from '../test/random.ts'

const AGENTS = 500
/** How long a broker is away that is killed and started again, on a machine with nothing else to do and on a busy one. */
const AWAY_MS = [1_200, 3_300]

/** When each comes back, ms after the broker is there again, which is `awayMs` after all lost their connections at once. */
function comebacks(awayMs: number, random: () => number): number[] {
  return Array.from({ length: AGENTS }, () => {
    let at = 0
    for (let attempt = 0; at < awayMs; attempt += 1) at += retryDelayMs(attempt, random())
    return at - awayMs
  })
}

function busiestSecond(times: readonly number[]): number {
  const seconds = new Map<number, number>()
  for (const time of times) {
    const second = Math.floor(time / 1_000)
    seconds.set(second, (seconds.get(second) ?? 0) + 1)
  }
  return Math.max(...seconds.values())
}

it.each(AWAY_MS)(
  '500 agents are back within 30 s of a broker that was away for %d ms, and no second brings more than 350',
  (awayMs) => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const times = comebacks(awayMs, randomOf(seed))
      expect(Math.max(...times)).toBeLessThan(30_000)
      expect(busiestSecond(times)).toBeLessThan(350)
    }
  },
)
