// The thread that owns the store's file ends in the middle of its work (reliability row 2): ingest cannot go on without it, ends with a
// reason, and is started again.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Fault } from '../fault.ts'
import { deathOrderPath } from '../rig/orders.ts'

export const storeThreadDies: Fault = {
  name: 'store-thread-dies',
  what: "the store's thread ends in the middle of its work",
  stage: { name: "store's thread by order", rig: 'dyingStore' },
  kills: 1,
  async inject(scene) {
    const { village, clock } = scene
    const pid = await village.partPid('ingest')
    await scene.moment()
    const since = clock.monotonicMs()
    writeFileSync(deathOrderPath(join(village.dataFolder, 'store', 'pantau.duckdb')), '')
    await scene.successorOf(pid, 'ingest')
    scene.countKill()
    return since
  },
}
