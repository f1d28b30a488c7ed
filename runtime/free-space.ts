// How much room a disk has, and when that is too little: what stands on it is then warned of, and nothing large is written beside it, long
// before the log may take nothing more (docs/faults.md, row 11).

import { type StatsFs, statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { PantauError } from '../contract/errors.ts'

const MIB = 1_048_576
/** Below this nothing is acknowledged any more. */
export const RESERVE_BYTES = 256 * MIB
const LOW_BYTES = 512 * MIB
const LOW_SHARE = 0.05

export interface FreeSpace {
  readonly freeBytes: number
  /** Of the whole disk. */
  readonly freeShare: number
}

/** What `statfs` says of a folder; tests say it themselves. */
export type AskDisk = (folder: string) => Pick<StatsFs, 'bavail' | 'blocks' | 'bsize'>

/** Room for `path`, which need not be there yet, as everybody but root has it. */
export function freeSpace(path: string, ask: AskDisk = statfsSync): FreeSpace {
  const { bavail, blocks, bsize } = ask(existingParent(path))
  return { freeBytes: bavail * bsize, freeShare: blocks === 0 ? 1 : bavail / blocks }
}

/** True below 512 MiB or 5 % of the disk, whichever is more. */
export function isLow({ freeBytes, freeShare }: FreeSpace): boolean {
  return freeBytes < LOW_BYTES || freeShare < LOW_SHARE
}

/** Such as `300 MiB (12 %) are free`. */
export function shownSpace({ freeBytes, freeShare }: FreeSpace): string {
  return `${Math.floor(freeBytes / MIB)} MiB (${(100 * freeShare).toFixed(0)} %) are free`
}

/** Throws `output_failed` when `path` lies on a disk that is low, or would be with `bytes` more on it. A pipe or device takes no room. */
export function checkRoom(path: string, bytes = 0, ask: AskDisk = statfsSync): void {
  const there = statSync(path, { throwIfNoEntry: false })
  if (there !== undefined && !there.isFile() && !there.isDirectory()) return
  const space = freeSpace(path, ask)
  const total = space.freeShare === 0 ? Number.POSITIVE_INFINITY : space.freeBytes / space.freeShare
  const freeBytes = space.freeBytes - bytes
  if (!isLow({ freeBytes, freeShare: freeBytes / total })) return
  const wanted = bytes === 0 ? '' : `, ${Math.ceil(bytes / MIB)} MiB are to be written`
  throw new PantauError(
    'output_failed',
    `${path}: ${shownSpace(space)}${wanted}; 512 MiB and 5 % stay free for the village: make room, or give a path on another disk`,
  )
}

function existingParent(path: string): string {
  const isThere = statSync(path, { throwIfNoEntry: false }) !== undefined
  return isThere || path === dirname(path) ? path : existingParent(dirname(path))
}
