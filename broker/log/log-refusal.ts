// Why the log takes nothing, and the bounds beyond which it does not.

import { systemCode } from '../../runtime/files.ts'

/** Below this nothing more is acknowledged, so that the store and the registry still have room. */
export const RESERVE_BYTES = 256 * 1024 * 1024
export const BOUND_BYTES = 10 * 1024 * 1024 * 1024
export const BOUND_SHARE = 0.8

/** Counted under `reason`. */
export class LogRefusal extends Error {
  readonly reason: 'disk_full' | 'log_full' | 'disk_error'

  constructor(reason: LogRefusal['reason'], message: string, options?: { cause: unknown }) {
    super(message, options)
    this.name = 'LogRefusal'
    this.reason = reason
  }
}

/** A fault of the disk as a refusal. */
export function refusalOf(error: unknown): LogRefusal {
  if (error instanceof LogRefusal) return error
  const code = systemCode(error)
  if (code === null) throw error
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new LogRefusal('disk_full', 'the disk is full; make room', { cause: error })
  }
  return new LogRefusal('disk_error', `the log cannot be written (${code}); look at the disk`, {
    cause: error,
  })
}
