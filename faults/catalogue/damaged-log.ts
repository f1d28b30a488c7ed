// Somebody or something reached into the log while the village was down (reliability rows 7 and 8). What the store had is neither lost nor
// doubled by it, and what is acknowledged afterwards is stored, wherever the log was cut.

import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { listSegments, SEGMENT_HEADER_BYTES, segmentPath } from '../../runtime/log/segment.ts'
import { type Fault, WRITERS } from '../fault.ts'
import type { Scene } from '../scene.ts'

const MOST_FLIPS = 8
/** Damage is done this near to the end, where readers and writer meet. */
const NEAR_BYTES = 4_096

export const tornTail: Fault = {
  name: 'torn-tail',
  what: 'all parts are killed, and the log ends in half a record, zeros or rubbish',
  inject: (scene) =>
    whileDown(scene, () => {
      const path = lastSegment(scene.log)
      const { random } = scene
      const bytes = readFileSync(path)
      const length = 1 + Math.floor(random() * 300)
      const chance = random()
      if (chance < 0.4) appendFileSync(path, bytes.subarray(SEGMENT_HEADER_BYTES, SEGMENT_HEADER_BYTES + 17))
      else if (chance < 0.7) appendFileSync(path, Buffer.alloc(length))
      else appendFileSync(path, Buffer.from(Array.from({ length }, () => Math.floor(random() * 256))))
    }),
}

export const damagedLog: Fault = {
  name: 'damaged-log',
  what: 'bits are flipped in what the store has, and the log is cut behind it',
  async inject(scene) {
    // What the store has not got yet would be lost with its log: the log is the only copy.
    await scene.finishWriters()
    await scene.settled()
    const since = await whileDown(scene, () => {
      flipBits(scene)
      cutTail(scene)
    })
    await scene.beginWriters(WRITERS)
    return since
  },
}

async function whileDown({ village, clock }: Scene, harm: () => void): Promise<number> {
  const since = clock.monotonicMs()
  await village.killAll()
  harm()
  await village.restart()
  return since
}

function flipBits({ log, random }: Scene): void {
  for (const segment of listSegments(log)) {
    const path = segmentPath(log, segment)
    const bytes = readFileSync(path)
    for (let flip = Math.floor(random() * MOST_FLIPS); flip > 0; flip -= 1) {
      const at = SEGMENT_HEADER_BYTES + Math.floor(random() * (bytes.length - SEGMENT_HEADER_BYTES))
      if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8))
    }
    writeFileSync(path, bytes)
  }
}

function cutTail({ log, random }: Scene): void {
  const path = lastSegment(log)
  const { length } = readFileSync(path)
  if (random() < 0.3) return
  truncateSync(path, Math.max(0, length - Math.floor(random() * Math.min(NEAR_BYTES, length))))
}

function lastSegment(log: string): string {
  return segmentPath(log, listSegments(log).at(-1) ?? 1)
}
