import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { systemClock } from '../contract/time.ts'
import { watchVitals } from './vitals.ts'

it('an event loop that was blocked is told by as long as it was', async () => {
  const vitals = watchVitals()
  try {
    await sleep(100)
    const until = systemClock.monotonicMs() + 700
    while (systemClock.monotonicMs() < until);
    await sleep(100)
    expect(vitals.read().loopMaxMs).toBeGreaterThan(500)
  } finally {
    vitals.stop()
  }
})
