// Which messages are live and which were sent later than they were measured (domain B2, B13). A device whose clock is slow sends live
// messages that look late; but their age stays the same, where that of a backlog falls as it is sent off.

import type { TimeMs } from '../../contract/time.ts'

/** The newest of the device's messages: its own time and when it arrived. */
export interface Pace {
  readonly time: TimeMs
  readonly arrival: TimeMs
}

/** True when a message is a sign of life: not older than two intervals, or of the same age as the one an interval before. */
export function isLive({ time, arrival }: Pace, everyMs: number, newest: Pace | null): boolean {
  const ageMs = arrival - time
  if (ageMs <= 2 * everyMs) return true
  if (newest === null || time <= newest.time) return false
  const waitedMs = arrival - newest.arrival
  const agedMs = ageMs - (newest.arrival - newest.time)
  return waitedMs >= everyMs / 2 && Math.abs(agedMs) <= everyMs / 4
}

/** The newest after a message. */
export function newestOf(message: Pace, newest: Pace | null): Pace {
  return newest === null || message.time > newest.time ? message : newest
}
