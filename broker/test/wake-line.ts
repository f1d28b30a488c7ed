// Listens on the wake socket as ingest does.

import { createConnection } from 'node:net'
import { createInterface } from 'node:readline'
import type { WakeLine } from '../../contract/wake.ts'
import { socketPath } from '../../runtime/sockets.ts'

/** The first line for which `holds` is true, of a new connection. */
export function nextLine(dataFolder: string, holds: (line: WakeLine) => boolean): Promise<WakeLine> {
  return new Promise((done, fail) => {
    const socket = createConnection(socketPath(dataFolder, 'wake'))
    socket.once('error', fail)
    createInterface({ input: socket }).on('line', (text) => {
      const line = JSON.parse(text) as WakeLine
      if (!holds(line)) return
      socket.destroy()
      done(line)
    })
  })
}
