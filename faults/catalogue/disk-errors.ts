// What a failing disk answers to the log: a write that ends in the middle, a sync that fails once, a sync that takes long, a disk that says it
// is full (reliability rows 10, 13 and 14). That a failed sync is never repeated on its file is held by the rigged disk, which reports it.

import { setTimeout as sleep } from 'node:timers/promises'
import { type Fault, RIGGED_DISK } from '../fault.ts'
import { type Orders, order, orderNothing } from '../rig/orders.ts'
import type { Scene } from '../scene.ts'

const LASTS_MS = 1_500
const NO_ROOM_BYTES = 1_000_000
const SLOW_MS = 2_000

export const writeErrors: Fault = {
  name: 'write-errors',
  what: 'writes of the log fail half done, with EIO or ENOSPC, for a while',
  stage: RIGGED_DISK,
  inject: (scene) => during(scene, { fail: { write: scene.random() < 0.5 ? 'EIO' : 'ENOSPC' } }),
}

export const syncError: Fault = {
  name: 'sync-error',
  what: 'a sync of the log fails once with EIO',
  stage: RIGGED_DISK,
  async inject(scene) {
    await scene.moment()
    order(scene.log, { fail: { sync: 'EIO' }, times: 1 + Math.floor(scene.random() * 3) })
    await sleep(scene.random() * LASTS_MS)
    orderNothing(scene.log)
    return scene.clock.monotonicMs()
  },
}

export const noRoom: Fault = {
  name: 'no-room',
  what: 'the disk says it has less than its reserve free, for a while',
  stage: RIGGED_DISK,
  inject: (scene) => during(scene, { free: NO_ROOM_BYTES }),
}

export const slowSync: Fault = {
  name: 'slow-sync',
  what: `a sync of the log takes up to ${SLOW_MS / 1_000} s`,
  stage: RIGGED_DISK,
  inject: (scene) => during(scene, { syncMs: Math.ceil(scene.random() * SLOW_MS) }),
}

async function during(scene: Scene, orders: Omit<Orders, 'id'>): Promise<number> {
  await scene.moment()
  order(scene.log, orders)
  await sleep(scene.random() * LASTS_MS)
  orderNothing(scene.log)
  return scene.clock.monotonicMs()
}
