// Tells ingest how far the log is on disk, and hears from it how far the store is (contract/wake.ts).

import { createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { LogPosition } from '../contract/log.ts'
import type { Clock } from '../contract/time.ts'
import type { BrokerStatus, WakeLine } from '../contract/wake.ts'
import { listenOnSocket } from '../runtime/sockets.ts'

export interface WakeDoor {
  /** Greets those who listen, now and from now on, and hears what they say. */
  serve(
    onStored: (stored: LogPosition) => void,
    greet: () => { end: LogPosition; status: BrokerStatus },
  ): void
  /** Sends the end of what is on disk, soon: what comes within the same moment goes in one line. */
  tell(end: LogPosition): void
  /** Sends the broker's status with it, at once. */
  tellStatus(end: LogPosition, status: BrokerStatus): void
  close(): Promise<void>
}

/** A group takes a fraction of a millisecond where one device publishes alone; a line for each would cost more than the group. */
const TOGETHER_MS = 2
/** Who leaves more unread is behind anyway: the log is the truth, a later line says more. */
const UNREAD_BYTES = 65_536

/**
 * Listens before anything of the log is touched: of two brokers on one data folder the second fails here. Throws `data_in_use`.
 */
export async function openWakeDoor(dataFolder: string, clock: Clock): Promise<WakeDoor> {
  const listeners = new Set<Socket>()
  let latest: LogPosition | null = null
  let greetOne: ((socket: Socket) => void) | null = null

  const line = (wake: Omit<WakeLine, 'time'>): string =>
    `${JSON.stringify({ ...wake, time: clock.now() } satisfies WakeLine)}\n`

  function send(text: string): void {
    for (const socket of listeners) if (socket.writableLength < UNREAD_BYTES) socket.write(text)
  }

  const server = createServer((socket) => {
    listeners.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => listeners.delete(socket))
    greetOne?.(socket)
  })
  await listenOnSocket(server, dataFolder, 'wake')
  return {
    serve(onStored, greet) {
      greetOne = (socket) => {
        hear(socket, onStored)
        const { end, status } = greet()
        socket.write(line({ end, broker: status }))
      }
      listeners.forEach(greetOne)
    },
    tell(end) {
      if (latest === null) {
        setTimeout(() => {
          if (latest !== null) send(line({ end: latest }))
          latest = null
        }, TOGETHER_MS)
      }
      latest = end
    },
    tellStatus(end, status) {
      send(line({ end, broker: status }))
    },
    async close() {
      const closed = new Promise((done) => server.close(done))
      for (const socket of listeners) socket.destroy()
      await closed
    },
  }
}

function hear(socket: Socket, onStored: (stored: LogPosition) => void): void {
  const lines = createInterface({ input: socket })
  // It passes on the socket's errors.
  lines.on('error', () => undefined)
  lines.on('line', (text) => {
    const stored = storedOf(text)
    if (stored === null) socket.destroy()
    else onStored(stored)
  })
}

/** The position in a `StoredLine`; null when the line is none. */
function storedOf(text: string): LogPosition | null {
  try {
    const parsed = JSON.parse(text) as { stored?: Partial<LogPosition> } | null
    const { segment, offset } = parsed?.stored ?? {}
    return typeof segment === 'number' && typeof offset === 'number' ? { segment, offset } : null
  } catch {
    return null
  }
}
