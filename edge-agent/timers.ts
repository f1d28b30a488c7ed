// Waiting, passed in like the clock, so that an hour's outage takes a test no hour.

export type Cancel = () => void

export interface Timers {
  /** Calls `action` once after so many milliseconds, unless cancelled before. */
  after(delayMs: number, action: () => void): Cancel
}

export const systemTimers: Timers = {
  after: (delayMs, action) => {
    const timer = setTimeout(action, delayMs)
    return () => clearTimeout(timer)
  },
}

export async function wait(timers: Timers, delayMs: number): Promise<void> {
  await new Promise<void>((done) => {
    timers.after(delayMs, done)
  })
}
