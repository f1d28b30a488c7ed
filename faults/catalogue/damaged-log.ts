// Somebody or something reached into the log while the village was down (reliability rows 7 and 8). What the store had is neither lost nor
// doubled by it, and what is acknowledged afterwards is stored, wherever the log was cut.

import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { listSegments, SEGMENT_HEADER_BYTES, segmentPath } from '../../runtime/log/segment.ts'
import { findSegmentEnd } from '../../runtime/log/segment-end.ts'
import { type Fault, WRITERS } from '../fault.ts'
import type { Scene } from '../scene.ts'

const MOST_FLIPS = 8
/** Damage is done this near to the end, where readers and writer meet. */
const NEAR_BYTES = 4_096

export const tornTail: Fault = {
  name: 'torn-tail',
  what: 'all parts are killed, and the log ends in half a record, zeros or rubbish',
  inject: (scene) =>
    whileDown(scene, async () => {
      const { path, bytes, end } = await lastSegment(scene.log)
      const { random } = scene
      const length = 1 + Math.floor(random() * 300)
      const chance = random()
      const torn =
        chance < 0.4
          ? bytes.subarray(SEGMENT_HEADER_BYTES, SEGMENT_HEADER_BYTES + 17)
          : chance < 0.7
            ? Buffer.alloc(length)
            : Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)))
      // In the place of what the writer filled ahead, some or all of it.
      const filled = random() < 0.5 ? bytes.subarray(end + torn.length) : Buffer.alloc(0)
      writeFileSync(path, Buffer.concat([bytes.subarray(0, end), torn, filled]))
    }),
}

export const damagedLog: Fault = {
  name: 'damaged-log',
  what: 'bits are flipped in what the store has, and the log is cut behind it',
  async inject(scene) {
    // What the store has not got yet would be lost with its log: the log is the only copy.
    await scene.finishWriters()
    await scene.settled()
    const since = await whileDown(scene, async () => {
      await cutTail(scene)
      flipBits(scene)
    })
    await scene.beginWriters(WRITERS)
    return since
  },
}

async function whileDown({ village, clock }: Scene, harm: () => Promise<void>): Promise<number> {
  const since = clock.monotonicMs()
  await village.killAll()
  await harm()
  await village.restart()
  return since
}

function flipBits({ log, random }: Scene): void {
  for (const segment of listSegments(log)) {
    const path = segmentPath(log, segment)
    const bytes = readFileSync(path)
    const used = bytes.findLastIndex((byte) => byte !== 0) + 1
    for (let flip = Math.floor(random() * MOST_FLIPS); flip > 0; flip -= 1) {
      const at = SEGMENT_HEADER_BYTES + Math.floor(random() * (used - SEGMENT_HEADER_BYTES))
      if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8))
    }
    writeFileSync(path, bytes)
  }
}

async function cutTail({ log, random }: Scene): Promise<void> {
  const { path, end } = await lastSegment(log)
  if (random() < 0.3) return
  truncateSync(path, Math.max(0, end - Math.floor(random() * Math.min(NEAR_BYTES, end))))
}

/** `end`: of its records. */
async function lastSegment(log: string): Promise<{ path: string; bytes: Buffer; end: number }> {
  const segment = listSegments(log).at(-1) ?? 1
  const path = segmentPath(log, segment)
  const { end } = await findSegmentEnd(log, segment)
  return { path, bytes: readFileSync(path), end: end ?? 0 }
}
