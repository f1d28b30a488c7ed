// A part stands still for a while, as on a machine that swaps or with its event loop blocked (reliability rows 15 and 36): the log is the queue
// in front of ingest, and the sockets are the one in front of the broker.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from '../fault.ts'

/** Less than what a device waits for an answer to its PINGREQ. */
const FROZEN_MS = 3_500

export function frozenPart(part: 'broker' | 'ingest'): Fault {
  return {
    name: `frozen-${part}`,
    what: `${part} stands still for up to ${FROZEN_MS / 1_000} s (SIGSTOP)`,
    async inject(scene) {
      const pid = await scene.village.partPid(part)
      await scene.moment()
      process.kill(pid, 'SIGSTOP')
      await sleep(scene.random() * FROZEN_MS)
      process.kill(pid, 'SIGCONT')
      return scene.clock.monotonicMs()
    },
  }
}
