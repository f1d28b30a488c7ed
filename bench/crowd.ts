// A crowd of MQTT clients that only connect, as bytes on sockets, in a process of its own. Reads its plan from standard input; prints how
// many got in and how long that took, in ms, and holds the connections until standard input ends.

import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { CONNACK, connectPacket } from '../broker/test/raw-client.ts'
import { systemClock } from '../contract/time.ts'

export interface CrowdPlan {
  readonly port: number
  readonly clients: readonly { readonly username: string; readonly password: string }[]
  /** So many are on their way in at a time. */
  readonly atOnce: number
}

if (process.argv[1]?.endsWith('crowd.js') === true) {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
  const plan = JSON.parse(String((await lines.next()).value)) as CrowdPlan
  const begin = systemClock.monotonicMs()
  let next = 0
  let admitted = 0
  const line = async (): Promise<void> => {
    while (next < plan.clients.length) {
      next += 1
      if (await comesIn(plan, next - 1)) admitted += 1
    }
  }
  await Promise.all(Array.from({ length: plan.atOnce }, line))
  process.stdout.write(`${admitted} ${systemClock.monotonicMs() - begin}\n`)
  await lines.next()
  process.exit(0)
}

/** Whether the broker answers the CONNECT by CONNACK 0. */
function comesIn({ port, clients }: CrowdPlan, index: number): Promise<boolean> {
  return new Promise((done) => {
    const { username = '', password = '' } = clients[index] ?? {}
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(connectPacket({ clientId: username, username, password, keepalive: 1_200 })),
    )
    socket.once('data', (answer) => done(answer[0] === CONNACK << 4 && answer[3] === 0))
    socket.once('error', () => done(false))
    socket.once('close', () => done(false))
  })
}
