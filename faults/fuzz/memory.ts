// What the parts of a village hold in memory once their garbage is collected: their resident memory, and the live objects of all their
// threads.

import { readFileSync, writeFileSync } from 'node:fs'
import { readIfPresent } from '../../runtime/files.ts'
import { until } from '../../test/village.ts'
import type { HeapLeft } from '../rig/measured-memory.ts'

/** Bytes. */
export interface PartMemory {
  readonly resident: number
  /** Live objects of all threads, and the buffers that they hold. */
  readonly heap: number
}

/** A thread at work looks up late. */
const ANSWER_MS = 60_000
/** All threads are asked at once; those that do not say anything for so long have nothing to say. */
const QUIET_LOOKS = 10

/** By process, in their order. `askedFile`: of the preloaded measure. */
export async function measureMemory(
  pids: readonly number[],
  askedFile: string,
  id: string,
): Promise<PartMemory[]> {
  const told = (): HeapLeft[] =>
    (readIfPresent(`${askedFile}.told`) ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as HeapLeft)
      .filter((left) => left.id === id)
  writeFileSync(askedFile, id)
  let count = 0
  let quietLooks = 0
  await until(() => {
    const now = told()
    quietLooks = now.length === count ? quietLooks + 1 : 0
    count = now.length
    return (
      quietLooks >= QUIET_LOOKS &&
      pids.every((pid) => now.some((left) => left.pid === pid && left.thread === 0))
    )
  }, ANSWER_MS)
  const all = told()
  return pids.map((pid) => ({
    resident: residentBytes(pid),
    heap: all
      .filter((left) => left.pid === pid)
      .reduce((sum, { heap, external }) => sum + heap + external, 0),
  }))
}

export function residentBytes(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kib ?? 0) * 1_024
}
