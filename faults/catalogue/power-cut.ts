// The power goes: all parts end at once, and of what the log wrote since its last sync any part is gone, torn or zeros (reliability
// row 6). The log's disk says how far it was synced; the store's file is left as the kernel has it.

import { readFileSync, writeFileSync } from 'node:fs'
import { listSegments, segmentPath } from '../../runtime/log/segment.ts'
import { type Fault, RIGGED_DISK } from '../fault.ts'
import { order, orderNothing, syncedLength } from '../rig/orders.ts'

/** Slow enough that a group is nearly always on its way. */
const SYNC_MS = 40

export const powerCut: Fault = {
  name: 'power-cut',
  what: 'all parts end, and what the log had not synced is gone, torn or zeros',
  stage: RIGGED_DISK,
  async inject(scene) {
    const { village, clock, log, random } = scene
    // So that the log is the only copy: what ingest had read before the power went could hide what the log lost.
    process.kill(await village.partPid('ingest'), 'SIGSTOP')
    order(log, { syncMs: Math.ceil(random() * SYNC_MS) })
    await scene.moment()
    const since = clock.monotonicMs()
    await village.killAll()
    cutPower(log, random)
    orderNothing(log)
    await village.restart()
    return since
  },
}

/** Leaves of each segment what was synced, and a part of the rest by chance. */
export function cutPower(log: string, random: () => number): void {
  for (const segment of listSegments(log)) {
    const path = segmentPath(log, segment)
    const bytes = readFileSync(path)
    const synced = Math.min(syncedLength(log, segment), bytes.length)
    if (synced < bytes.length) writeFileSync(path, survivorOf(bytes, synced, random))
  }
}

const SECTOR_BYTES = 512

/** The file has the length that it had, since it was filled ahead, or is as long as what is kept of it. */
function survivorOf(bytes: Buffer, synced: number, random: () => number): Buffer {
  const chance = random()
  const written = bytes.findLastIndex((byte) => byte !== 0) + 1
  const rest = Math.max(0, written - synced)
  const kept = synced + (chance < 0.3 ? 0 : chance < 0.4 ? rest : Math.floor(random() * rest))
  const survivor = Buffer.from(bytes).fill(0, kept)
  // Sectors reach the platter in any order; the one that holds the end of what was synced holds that in any case.
  if (random() < 0.3)
    survivor.fill(0, synced, Math.min(kept, sectorEnd(synced + Math.floor(random() * rest))))
  return random() < 0.3 ? survivor.subarray(0, kept) : survivor
}

const sectorEnd = (at: number): number => Math.ceil((at + 1) / SECTOR_BYTES) * SECTOR_BYTES
