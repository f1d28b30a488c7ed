// Keeps the parts of a village running as processes of their own (design D1): starts them, starts again one that dies, on
// the ports it had, and gives up loudly on one that keeps dying.

import { type ChildProcess, fork } from 'node:child_process'
import { type ErrorCode, PantauError } from '../contract/errors.ts'
import type { Logger } from '../runtime/logger.ts'
import type { PartMessage, PartName } from '../runtime/part.ts'

export interface PartPlan {
  readonly name: PartName
  /** The file that the process runs; its name says the part's. */
  readonly program: string
  /** Of Node, beside those that this process has. */
  readonly flags?: readonly string[]
}

export type Ports = Readonly<Record<string, number | null>>

export interface Supervisor {
  /** Starts a part and waits until it is ready; its ports. Rejects when it fails before. */
  start(plan: PartPlan): Promise<Ports>
  /** Settings that parts started from now on get beside the others: the ports that were found. */
  setEnvironment(values: Readonly<Record<string, string>>): void
  /** Stops all parts, the last started first; resolves when all are gone. */
  stop(): Promise<void>
}

/** First wait before a dead part is started again, doubling up to the longest. */
const RESTART_FIRST_MS = 100
const RESTART_LONGEST_MS = 3_000
/** A part that was ready for this long has proven itself: its next death counts as the first. */
const PROVEN_MS = 30_000
/** Deaths in a row, none of them proven, after which there is no use in going on. */
const DEATHS_GIVEN_UP = 20
/** A part that does not stop by itself within this is killed. */
const KILL_AFTER_MS = 4_700

/**
 * glibc keeps up to eight heaps a core for threads that allocate at once, and what one of them frees none of the others can use: two are
 * enough for parts of a few threads.
 */
const MEMORY = { MALLOC_ARENA_MAX: '2' } as const

interface Part {
  readonly plan: PartPlan
  process: ChildProcess | null
  readyAt: number | null
  deaths: number
}

/** `onGiveUp` is called once when a part keeps dying. */
export function openSupervisor(
  environment: Readonly<Record<string, string | undefined>>,
  logger: Logger,
  monotonicMs: () => number,
  onGiveUp: (fault: PantauError) => void,
): Supervisor {
  const parts: Part[] = []
  let current = { ...environment }
  let stopping = false

  /** Runs the part's process once; resolves with its ports when it is ready, rejects when it ends before. */
  function launch(part: Part): Promise<Ports> {
    return new Promise((done, fail) => {
      const child = fork(part.plan.program, [], {
        env: { ...MEMORY, ...current },
        execArgv: [...process.execArgv, ...(part.plan.flags ?? [])],
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      })
      let fault: PantauError | null = null
      part.process = child
      part.readyAt = null
      child.on('message', (message: PartMessage) => {
        if (message.type === 'ready') {
          part.readyAt = monotonicMs()
          done(message.ports)
        } else {
          fault = new PantauError(message.code as ErrorCode, `${part.plan.name}: ${message.message}`)
        }
      })
      child.once('exit', (code, signal) => {
        part.process = null
        const how = signal === null ? `ended with ${code}` : `was killed by ${signal}`
        fail(
          fault ??
            new PantauError(
              'part_failed',
              `${part.plan.name} ${how} before it was ready; its last log line says why`,
            ),
        )
        if (!stopping && part.readyAt !== null) relaunch(part, how)
      })
    })
  }

  function relaunch(part: Part, how: string): void {
    const wasProven = part.readyAt !== null && monotonicMs() - part.readyAt >= PROVEN_MS
    part.deaths = wasProven ? 1 : part.deaths + 1
    const name = part.plan.name
    if (part.deaths > DEATHS_GIVEN_UP) {
      onGiveUp(
        new PantauError(
          'part_failed',
          `${name} ${how} and did so ${part.deaths} times in a row; its log lines say why`,
        ),
      )
      return
    }
    const waitMs = Math.min(RESTART_FIRST_MS * 2 ** (part.deaths - 1), RESTART_LONGEST_MS)
    logger.warn({ died: name, how, waitMs }, `${name} ${how}; starting it again`)
    setTimeout(() => {
      if (stopping) return
      launch(part).catch((error: unknown) => {
        // Dead before it was ready: the exit handler leaves that case to us.
        if (!stopping) relaunch(part, error instanceof Error ? error.message : String(error))
      })
    }, waitMs)
  }

  async function stopPart(part: Part): Promise<void> {
    const child = part.process
    if (child === null) return
    const gone = new Promise((done) => child.once('exit', done))
    child.kill('SIGTERM')
    const killer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS)
    await gone
    clearTimeout(killer)
  }

  return {
    async start(plan) {
      const part: Part = { plan, process: null, readyAt: null, deaths: 0 }
      parts.push(part)
      return launch(part)
    },
    setEnvironment(values) {
      current = { ...current, ...values }
    },
    async stop() {
      stopping = true
      await Promise.all(parts.map(stopPart))
    },
  }
}
