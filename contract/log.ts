// What the durable log between broker and ingest holds (design D2). The bytes on disk are in `runtime/log/`; here are
// the meanings, so that writer and reader agree.

import type { TimeMs } from './time.ts'

/** A place in the log: segment number, counting up from 1, and byte offset in its file. */
export interface LogPosition {
  readonly segment: number
  readonly offset: number
}

/** -1, 0 or 1 as `a` lies before, at or behind `b`. */
export function comparePositions(a: LogPosition, b: LogPosition): -1 | 0 | 1 {
  const difference = a.segment - b.segment || a.offset - b.offset
  return difference < 0 ? -1 : difference > 0 ? 1 : 0
}

export type LogRecord =
  /** A message that was admitted. `client` is null for a will published by the broker for a client that is gone. */
  | {
      readonly type: 'message'
      readonly arrival: TimeMs
      readonly client: string | null
      readonly topic: string
      readonly payload: Uint8Array
      readonly qos: 0 | 1 | 2
      readonly retain: boolean
      readonly dup: boolean
      /** True when a last will fired. */
      readonly will: boolean
      /** Of QoS 2 from a client that keeps its session: sent again under this id before a `released`, it is the same message. */
      readonly packetId?: number
    }
  /** The client's PUBREL came: what it publishes under that packet id from now on is new [MQTT-4.3.3-2]. */
  | {
      readonly type: 'released'
      readonly arrival: TimeMs
      readonly client: string
      readonly packetId: number
    }
  /** The broker began to listen: silence before it may be ours (domain B2). */
  | { readonly type: 'listening'; readonly arrival: TimeMs }
  /** The broker stopped cleanly. */
  | { readonly type: 'stopped'; readonly arrival: TimeMs }
