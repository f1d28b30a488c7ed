// Echoes by TCP where ICMP is not to be had: the time from SYN to SYN-ACK. A refusal is loss like silence: a gateway that lets
// nobody through refuses in the same words as the host itself.

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
    socket.once('error', () => end(false))
  })
}
