// Connections go silent without a FIN, as behind a router that lost its power (reliability row 29): bytes go neither way any more, and
// neither side is told. The devices notice by their keep-alive and come back.

import type { AddressInfo } from 'node:net'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { type Fault, WRITERS } from '../fault.ts'

export const halfOpen: Fault = {
  name: 'half-open',
  what: 'connections go silent both ways without being closed',
  // The round's own writers come later, through a way that can go silent.
  writers: 0,
  async inject(scene) {
    const way = await openWay(Number(new URL(scene.village.mqtt).port))
    try {
      await scene.beginWriters(WRITERS, { url: `mqtt://127.0.0.1:${way.port}`, keepaliveS: 1 })
      await scene.moment()
      way.goSilent()
      const since = scene.clock.monotonicMs()
      await Promise.all(scene.writers.map((writer) => writer.acknowledgedAfter(since)))
      await scene.finishWriters()
      return since
    } finally {
      way.close()
    }
  },
}

interface Way {
  readonly port: number
  /** Connections that are there now carry nothing any more; later ones do. */
  goSilent(): void
  close(): void
}

async function openWay(port: number): Promise<Way> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('data', (bytes) => to.write(bytes))
      from.on('error', () => undefined)
      from.on('close', () => {
        sockets.delete(from)
        // Of a silent connection nobody is told.
        if (!from.isPaused()) to.destroy()
      })
    }
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    port: (server.address() as AddressInfo).port,
    goSilent() {
      for (const socket of sockets) {
        socket.removeAllListeners('data')
        socket.pause()
      }
    },
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
