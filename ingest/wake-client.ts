// Hears from the broker how far the log is on disk, and tells it how far the store is. When the broker is away the log is read up
// to its last known end, and its absence is told.

import { createConnection, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { LogPosition } from '../contract/log.ts'
import type { Clock, TimeMs } from '../contract/time.ts'
import type { BrokerStatus, StoredLine, WakeLine } from '../contract/wake.ts'

export interface WakeClient {
  tellStored(stored: LogPosition): void
  /** Null while the broker is away. */
  status(): BrokerStatus | null
  /** As last heard, whether it is there or not. */
  lastStatus(): BrokerStatus | null
  close(): void
}

const RETRY_MS = 200
/** A broker that says nothing for longer is away: it sends a line a second. */
const SILENT_MS = 5_000

export interface WakePlan {
  readonly path: string
  readonly clock: Clock
  readonly onEnd: (end: LogPosition) => void
  /** Came, with its first status. */
  readonly onThere: (status: BrokerStatus) => void
  /** Went, or never came; it was last heard, or first looked for, at that time. */
  readonly onAway: (since: TimeMs) => void
}

export function openWakeClient({ path, clock, onEnd, onThere, onAway }: WakePlan): WakeClient {
  let socket: Socket | null = null
  let last: BrokerStatus | null = null
  let isThere = false
  let heard = clock.now()
  let closed = false
  let retry: NodeJS.Timeout | null = null
  const firstWait = setTimeout(() => {
    if (!isThere) onAway(heard)
  }, SILENT_MS)

  function connect(): void {
    const opened = createConnection(path)
    socket = opened
    opened.setTimeout(SILENT_MS, () => opened.destroy())
    opened.on('error', () => opened.destroy())
    const lines = createInterface({ input: opened })
    // It says the socket's errors again, which have been met above.
    lines.on('error', () => undefined)
    lines.on('line', (text) => {
      const line = wakeLineOf(text)
      if (line === null) return
      heard = clock.now()
      clearTimeout(firstWait)
      if (line.broker !== undefined) {
        last = line.broker
        if (!isThere) {
          isThere = true
          onThere(line.broker)
        }
      }
      onEnd(line.end)
    })
    opened.once('close', () => {
      if (closed) return
      if (isThere) {
        isThere = false
        onAway(heard)
      }
      retry = setTimeout(connect, RETRY_MS)
    })
  }

  connect()
  return {
    tellStored(stored) {
      const line: StoredLine = { stored }
      if (isThere) socket?.write(`${JSON.stringify(line)}\n`)
    },
    status: () => (isThere ? last : null),
    lastStatus: () => last,
    close() {
      closed = true
      clearTimeout(firstWait)
      if (retry !== null) clearTimeout(retry)
      socket?.destroy()
    },
  }
}

/** A broker that dies may leave half a line; null for that. */
function wakeLineOf(text: string): WakeLine | null {
  try {
    return JSON.parse(text) as WakeLine
  } catch {
    return null
  }
}
