// What `npm run doctor` says of one thing it looked at.

export interface Finding {
  readonly level: 'ok' | 'warn' | 'fail'
  readonly what: string
  /** What is, and, unless the level is `ok`, what to do. */
  readonly detail: string
}

export const ok = (what: string, detail: string): Finding => ({ level: 'ok', what, detail })
export const warn = (what: string, detail: string): Finding => ({ level: 'warn', what, detail })
export const fail = (what: string, detail: string): Finding => ({ level: 'fail', what, detail })

/** The system's code for what went wrong, or its words. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if ('code' in error && typeof error.code === 'string') return error.code
  // fetch says only that it failed; its cause says why.
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message
}
