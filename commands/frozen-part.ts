// Holds a running part still while its files are copied. A stopped process leaves its files as kill -9 would at that moment, and
// the store is held by tests to lose nothing by that; the broker goes on acknowledging meanwhile. Linux only: it reads /proc.

import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { PantauError } from '../contract/errors.ts'
import { systemCode } from '../runtime/files.ts'

const POLL_MS = 2
const MOST_POLLS = 2_500

/** The process of that part under the supervisor; null when it is not there now, or /proc is not. */
export function partPid(supervisor: number, part: string): number | null {
  for (const name of entriesOf('/proc')) {
    if (!/^\d+$/.test(name) || statOf(`/proc/${name}`)?.parent !== supervisor) continue
    const words = (textOf(`/proc/${name}/cmdline`) ?? '').split('\0')
    if (words.some((word) => word.endsWith(`/${part}.js`))) return Number(name)
  }
  return null
}

/**
 * Runs `work` while the process is stopped; returns what it returns. Should this process die meanwhile, a guard lets the other
 * go on. Throws `part_failed` when the process cannot be stopped.
 */
export async function whileFrozen<T>(pid: number, work: () => Promise<T>): Promise<T> {
  // Its standard input ends with us, whatever ends us.
  const guard = spawn('sh', ['-c', 'read -r _; kill -CONT "$0"', String(pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const guardEnded = new Promise((done) => guard.once('close', done))
  guard.stdin.on('error', () => undefined)
  try {
    await started(guard)
    process.kill(pid, 'SIGSTOP')
    await stillness(pid)
    return await work()
  } finally {
    letGo(pid)
    guard.stdin.end()
    await guardEnded
  }
}

function started(guard: ReturnType<typeof spawn>): Promise<void> {
  return new Promise((done, fail) => {
    guard.once('spawn', done)
    guard.once('error', fail)
  })
}

function letGo(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT')
  } catch (error) {
    // Gone: its supervisor starts it again.
    if (systemCode(error) !== 'ESRCH') throw error
  }
}

/** Waits until no thread of the process runs any more, its last write done. */
async function stillness(pid: number): Promise<void> {
  for (let polls = 0; polls < MOST_POLLS; polls += 1) {
    const states = entriesOf(`/proc/${pid}/task`).map((task) => statOf(`/proc/${pid}/task/${task}`)?.state)
    if (states.length > 0 && states.every((state) => state === undefined || state === 'T' || state === 't'))
      return
    await sleep(POLL_MS)
  }
  throw new PantauError(
    'part_failed',
    `process ${pid} could not be held still for the copy; stop the village, then try again`,
  )
}

/** From field 3 on, behind the name in parentheses, which may hold blanks. */
function statOf(folder: string): { readonly state: string; readonly parent: number } | null {
  const stat = textOf(`${folder}/stat`)
  if (stat === null) return null
  const [state = '', parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { state, parent: Number(parent) }
}

/** Null for what is gone meanwhile. */
function textOf(path: string): string | null {
  return orNull(() => readFileSync(path, 'utf8'))
}

function entriesOf(folder: string): string[] {
  return orNull(() => readdirSync(folder)) ?? []
}

function orNull<T>(read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES'].includes(systemCode(error) ?? '')) return null
    throw error
  }
}
