// Tells ingest how far the log is on disk, and hears from it how far the store is (contract/wake.ts).

import { createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { LogPosition } from '../contract/log.ts'
import type { Clock } from '../contract/time.ts'
import type { BrokerStatus, StoredLine, WakeLine } from '../contract/wake.ts'
import { listenOnSocket } from '../runtime/sockets.ts'

export interface WakeDoor {
  /** Sends the end of what is on disk, and the broker's status when it is given. */
  tell(end: LogPosition, status?: BrokerStatus): void
  close(): Promise<void>
}

export async function openWakeDoor(
  dataFolder: string,
  clock: Clock,
  onStored: (stored: LogPosition) => void,
  greet: () => { end: LogPosition; status: BrokerStatus },
): Promise<WakeDoor> {
  const listeners = new Set<Socket>()
  const line = (end: LogPosition, status?: BrokerStatus): string => {
    const wake: WakeLine = { end, time: clock.now(), ...(status === undefined ? {} : { broker: status }) }
    return `${JSON.stringify(wake)}\n`
  }
  const server = createServer((socket) => {
    listeners.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => listeners.delete(socket))
    createInterface({ input: socket }).on('line', (text) => {
      const { stored } = JSON.parse(text) as StoredLine
      onStored(stored)
    })
    const { end, status } = greet()
    socket.write(line(end, status))
  })
  await listenOnSocket(server, dataFolder, 'wake')
  return {
    tell(end, status) {
      const text = line(end, status)
      // Who does not read is behind already: the log is the truth, a later line says more.
      for (const socket of listeners) if (socket.writableLength < 65_536) socket.write(text)
    },
    async close() {
      const closed = new Promise((done) => server.close(done))
      for (const socket of listeners) socket.destroy()
      await closed
    },
  }
}
