// Loaded before a part's own code: its wall clock is off by what a file says, and jumps when the file changes. Monotonic time and timers go
// on as they were, as they do when a machine's clock is set.

import { readFileSync } from 'node:fs'

/** Put in by the build. */
declare const SHIFT_FILE: string

const LOOKED_AT_MS = 20
const RealDate = Date
let shiftMs = 0
let lookedAt = Number.NEGATIVE_INFINITY

function shift(): number {
  const now = performance.now()
  if (now - lookedAt < LOOKED_AT_MS) return shiftMs
  lookedAt = now
  try {
    const read = Number(readFileSync(SHIFT_FILE, 'utf8'))
    if (Number.isFinite(read)) shiftMs = read
  } catch {
    // Without the file the clock is right.
    shiftMs = 0
  }
  return shiftMs
}

globalThis.Date = new Proxy(RealDate, {
  construct(target, given: unknown[], newTarget) {
    const made: unknown = Reflect.construct(
      target,
      given.length === 0 ? [RealDate.now() + shift()] : given,
      newTarget,
    )
    return made as object
  },
  get(target, name, receiver) {
    if (name === 'now') return () => RealDate.now() + shift()
    return Reflect.get(target, name, receiver) as unknown
  },
})
