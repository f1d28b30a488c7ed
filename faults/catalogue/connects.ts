// 5,000 devices connect at once with real credentials while others publish (reliability row 26): all are let in, and nothing is lost.

import { connect } from 'node:net'
import { connectPacket } from '../../broker/test/raw-client.ts'
import { registerSimulated } from '../../runtime/devices.ts'
import type { Fault } from '../fault.ts'

const CONNECTS = 5_000
const WITHIN_MS = 60_000
const CONNACK_ACCEPTED = Buffer.from([0x20, 2, 0, 0])

export const connects: Fault = {
  name: 'connects',
  what: `${CONNECTS} CONNECTs at once`,
  async inject({ village, clock }) {
    const devices = Array.from({ length: CONNECTS }, (_, index) => {
      const id = `c-${index}`
      return { id, kind: 'sensor', name: id, lat: -6.17, lon: 106.807 } as const
    })
    const credentials = await registerSimulated(village.dataFolder, 'cideng', devices, clock.now())
    const port = Number(new URL(village.mqtt).port)
    const sockets = credentials.map(({ username, password }) => {
      const socket = connect({ port, host: '127.0.0.1' })
      const answered = new Promise<boolean>((done) => {
        socket.once('data', (bytes) => done(bytes.equals(CONNACK_ACCEPTED)))
        socket.once('close', () => done(false))
        setTimeout(() => done(false), WITHIN_MS).unref()
      })
      socket.on('error', () => undefined)
      socket.write(connectPacket({ clientId: username, username, password, keepalive: 600 }))
      return { socket, answered }
    })
    const accepted = await Promise.all(sockets.map(({ answered }) => answered))
    for (const { socket } of sockets) socket.destroy()
    const refused = accepted.filter((isAccepted) => !isAccepted).length
    if (refused > 0) throw new Error(`${refused} of ${CONNECTS} CONNECTs were not let in`)
    return clock.monotonicMs()
  },
}
