// Ingest stands still for a while, as on a machine that swaps: the log is the queue (reliability row 15, without a server).

import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from '../fault.ts'

const FROZEN_MS = 4_000

export const frozenIngest: Fault = {
  name: 'frozen-ingest',
  what: `ingest stands still for up to ${FROZEN_MS / 1_000} s (SIGSTOP)`,
  async inject({ village, clock, random }) {
    const pid = await village.partPid('ingest')
    process.kill(pid, 'SIGSTOP')
    await sleep(random() * FROZEN_MS)
    process.kill(pid, 'SIGCONT')
    return clock.monotonicMs()
  },
}
