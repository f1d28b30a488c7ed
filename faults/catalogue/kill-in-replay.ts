// Ingest is killed again and again while it catches up with the log (reliability row 5).

import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../../test/village.ts'
import type { Fault } from '../fault.ts'

const TIMES = 5
const BETWEEN_MS = 900
const UP_MS = 120_000

export const killInReplay: Fault = {
  name: 'kill-in-replay',
  what: `kill -9 of ingest ${TIMES} times while it catches up`,
  kills: TIMES,
  async inject(scene) {
    const { village, clock, random } = scene
    let pid = await village.partPid('ingest')
    for (let time = 0; time < TIMES; time += 1) {
      // At some moment of its start, or as soon as it answers, behind by what came while it was away.
      if (random() < 0.5) await sleep(random() * BETWEEN_MS)
      else await until(async () => (await scene.lagMs()) !== null, UP_MS, 20)
      scene.kill(pid)
      pid = await scene.successorOf(pid, 'ingest')
    }
    return clock.monotonicMs()
  },
}
