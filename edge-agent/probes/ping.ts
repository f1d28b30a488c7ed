// ICMP echoes through the system's `ping`, so that the agent needs no rights of its own. Reads what iputils and BusyBox print.

import type { CommandResult, System } from '../system.ts'
import type { Echoes } from './echoes.ts'

/** Between two echoes, the default of every `ping`, and what one takes to start. */
const SPACING_MS = 1_000
const START_MS = 1_000

/** Sends `count` echoes; null when there is no `ping` or it has no rights here, which is no word on the link. */
export async function pingHost(
  system: System,
  host: string,
  count: number,
  answerTimeoutMs: number,
): Promise<Echoes | null> {
  const waitS = Math.max(1, Math.ceil(answerTimeoutMs / 1_000))
  // No `-w`: with it iputils sends until `count` answers came, and a lost echo is no longer counted.
  const args = ['-n', '-c', String(count), '-W', String(waitS), host]
  const limitMs = count * SPACING_MS + waitS * 1_000 + START_MS
  const result = await system.run('ping', args, limitMs)
  return isUsable(result) ? parsePing(result.stdout, count) : null
}

const ANSWER = /^\d+ bytes from .*?\b(?:icmp_)?seq=(\d+)\b.*?\btime[=<]([\d.]+) ?ms(.*)$/gm
const TRANSMITTED = /^(\d+) packets transmitted/m

/**
 * The answers in the order sent; an answer that came twice counts once. How many were sent is read from the statistics, and is
 * `asked` when there are none, as for a name that does not resolve.
 */
export function parsePing(stdout: string, asked: number): Echoes {
  const rtts = new Map<number, number>()
  for (const [, seq, time, rest] of stdout.matchAll(ANSWER)) {
    const rtt = Number(time)
    if (rest?.includes('DUP!') || rtts.has(Number(seq)) || !Number.isFinite(rtt)) continue
    rtts.set(Number(seq), rtt)
  }
  const sent = Number(TRANSMITTED.exec(stdout)?.[1] ?? asked)
  const rttsMs = [...rtts].sort(([one], [other]) => one - other).map(([, rtt]) => rtt)
  return { sent: Math.max(sent, rttsMs.length), rttsMs }
}

function isUsable(result: CommandResult): result is CommandResult & { ran: true } {
  if (!result.ran) return false
  return !/permission denied|not permitted|must be root|(?:invalid|unrecognized|unknown) option|usage:/i.test(
    result.stderr,
  )
}
