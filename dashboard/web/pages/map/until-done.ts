// What a thin network did not bring is asked for again, at growing intervals: a page that stays open gets whole by itself.

const FIRST_WAIT_MS = 5_000
const LONGEST_WAIT_MS = 60_000

/** Tries until `attempt` says that it is done. */
export async function untilDone(attempt: () => Promise<boolean>, wait = inTime): Promise<void> {
  for (let waitMs = FIRST_WAIT_MS; !(await attempt()); waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
    await wait(waitMs)
  }
}

function inTime(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms))
}
