// A real file system of a few hundred megabytes that is filled up under load, below the log's reserve or to the last byte, and then has
// room again (reliability row 10). It is a tmpfs, so root has to allow the mount.

import { execFileSync, spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemCode } from '../../runtime/files.ts'
import { until } from '../../test/village.ts'
import type { Fault, Stage, StageSet } from '../fault.ts'
import type { Scene } from '../scene.ts'

const SIZE_MB = 448
/** Less than what the log leaves to the others. */
const BELOW_RESERVE_BYTES = 200 * 1_048_576
const BLOCK = Buffer.alloc(1_048_576)
const LASTS_MS = 2_500
const BEHIND_MS = 1_000

/** Where it is mounted, by stage. */
const mounts = new WeakMap<StageSet, string>()

const SMALL_DISK: Stage = {
  name: 'small disk',
  async prepare() {
    const folder = mkdtempSync(join(tmpdir(), 'pantau-small-'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MB}m,mode=0700`, 'tmpfs', folder])
    const set: StageSet = {
      dataFolder: join(folder, 'data'),
      async dispose() {
        execFileSync('umount', ['-l', folder])
        rmdirSync(folder)
      },
    }
    mounts.set(set, folder)
    return set
  },
}

export const diskFull: Fault = {
  name: 'disk-full',
  what: `a file system of ${SIZE_MB} MiB is full for a while`,
  stage: SMALL_DISK,
  missing: () => (canMount() ? null : 'mounting a tmpfs needs root; no-room does it by an injected disk'),
  async inject(scene) {
    await scene.moment()
    const mounted = mounts.get(scene.stage) ?? ''
    const ballast = join(mounted, 'ballast')
    // To the last byte, or so that there is still something for the store.
    const left = scene.random() < 0.5 ? 0 : BELOW_RESERVE_BYTES
    const pid = await scene.village.partPid('ingest')
    // So that the store has something to write that finds no room.
    process.kill(pid, 'SIGSTOP')
    await sleep(scene.random() * BEHIND_MS)
    fill(ballast, left, mounted)
    process.kill(pid, 'SIGCONT')
    await until(async () => !(await scene.questions.isReady()), 10_000)
    await expectSilence(scene)
    rmSync(ballast)
    return scene.clock.monotonicMs()
  },
}

/** Nothing is acknowledged while there is no room. */
async function expectSilence({ ledger, random }: Scene): Promise<void> {
  const before = ledger.acknowledgedCount
  await sleep(random() * LASTS_MS)
  const more = ledger.acknowledgedCount - before
  if (more > 0) throw new Error(`${more} readings were acknowledged while the disk was full`)
}

function fill(path: string, leaveBytes: number, mounted: string): void {
  const file = openSync(path, 'w', 0o600)
  try {
    while (freeBytes(mounted) > leaveBytes)
      writeSync(file, BLOCK, 0, Math.min(BLOCK.length, freeBytes(mounted) - leaveBytes))
  } catch (error) {
    if (systemCode(error) !== 'ENOSPC') throw error
  } finally {
    closeSync(file)
  }
}

function freeBytes(mounted: string): number {
  const { bavail, bsize } = statfsSync(mounted)
  return bavail * bsize
}

function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'pantau-mount-'))
  try {
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]).status !== 0) return false
    execFileSync('umount', [folder])
    return true
  } finally {
    rmdirSync(folder)
  }
}
