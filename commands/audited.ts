// A command that changes or copies what the village holds is written in the audit trail, as what staff do in the browser is:
// who ran it on this machine, what, on what, and whether it was done.

import { userInfo } from 'node:os'
import { systemClock } from '../contract/time.ts'
import { type AuditEvent, openAuditLog } from '../runtime/audit.ts'
import { systemCode } from '../runtime/files.ts'

export type CommandDone = Pick<AuditEvent, 'what' | 'on' | 'detail'>

/** Writes down that it was done. It is done all the same when that fails: a full disk keeps nobody from a backup or a start. */
export async function noteDone(dataFolder: string, done: CommandDone): Promise<void> {
  const event = { who: whoRuns(), from: null, ...done, result: 'done' } as const
  await openAuditLog(dataFolder, systemClock)
    .append(event)
    .catch((error: unknown) => {
      const code = systemCode(error)
      if (code === null) throw error
      process.stderr.write(`the audit trail could not be written (${code}): ${done.what} is missing in it\n`)
    })
}

/** Does `work` and writes down that it was done, or that it was not; returns what it returns. */
export async function audited<T>(dataFolder: string, done: CommandDone, work: () => Promise<T>): Promise<T> {
  let result: T
  try {
    result = await work()
  } catch (error) {
    const event = { who: whoRuns(), from: null, ...done, result: 'refused' } as const
    // Why the work failed says more than that the trail could not be written either.
    await openAuditLog(dataFolder, systemClock)
      .append(event)
      .catch(() => undefined)
    throw error
  }
  await noteDone(dataFolder, done)
  return result
}

/** `command line (NAME)`; a user of the system that has no name is told by number. */
function whoRuns(): string {
  try {
    return `command line (${userInfo().username})`
  } catch {
    return `command line (user ${process.getuid?.() ?? 'unknown'})`
  }
}
