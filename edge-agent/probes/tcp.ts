// Echoes by TCP where ICMP is not to be had: the time from SYN to the answer. A refusal is an answer too, since it came from
// the host; only silence is loss.

import { lookup } from 'node:dns/promises'
import { connect } from 'node:net'
import type { Clock } from '../../contract/time.ts'
import { type Timers, wait } from '../timers.ts'
import type { Echoes } from './echoes.ts'

const SPACING_MS = 200

/** Connects `count` times, one after the other. The name is resolved once, outside the measured time. */
export async function tcpEchoes(
  host: string,
  port: number,
  count: number,
  answerTimeoutMs: number,
  clock: Clock,
  timers: Timers,
): Promise<Echoes> {
  const address = await lookup(host).catch(() => null)
  if (address === null) return { sent: count, rttsMs: [] }
  const rttsMs: number[] = []
  for (let index = 0; index < count; index += 1) {
    if (index > 0) await wait(timers, SPACING_MS)
    const rtt = await connectTimeMs(address.address, port, answerTimeoutMs, clock)
    if (rtt !== null) rttsMs.push(rtt)
  }
  return { sent: count, rttsMs }
}

function connectTimeMs(
  address: string,
  port: number,
  answerTimeoutMs: number,
  clock: Clock,
): Promise<number | null> {
  return new Promise((done) => {
    const start = clock.monotonicMs()
    const socket = connect({ host: address, port, timeout: answerTimeoutMs })
    const end = (answered: boolean): void => {
      const elapsedMs = clock.monotonicMs() - start
      socket.destroy()
      done(answered ? elapsedMs : null)
    }
    socket.once('connect', () => end(true))
    socket.once('timeout', () => end(false))
    // `code` is a system error's; only a reset of the peer says that it was reached.
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code === 'ECONNREFUSED'))
  })
}
