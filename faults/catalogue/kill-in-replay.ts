// Ingest is killed again and again while it catches up with the log (reliability row 5).

import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from '../fault.ts'

const TIMES = 5
const BETWEEN_MS = 900

export const killInReplay: Fault = {
  name: 'kill-in-replay',
  what: `kill -9 of ingest ${TIMES} times while it catches up`,
  kills: TIMES,
  async inject(scene) {
    const { village, clock, random } = scene
    for (let time = 0; time < TIMES; time += 1) {
      const pid = await village.partPid('ingest')
      await sleep(random() * BETWEEN_MS)
      scene.kill(pid)
      // The supervisor takes a moment to notice.
      while ((await village.partPid('ingest')) === pid) await sleep(20)
    }
    return clock.monotonicMs()
  },
}
