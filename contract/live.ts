// socket.io, namespace `/live` (contract section 5): events and what they carry. The browser imports the types and the
// names; schemas for what a client sends are checked by the server.

import type { About } from './about.ts'
import type { DeviceFeature } from './api.ts'
import type { DeviceState } from './device-state.ts'
import type { Kind } from './topics.ts'

export const LIVE_NAMESPACE = '/live'

/** What a client sends by `watch`. Without `layers` all three. */
export interface Watch {
  readonly layers?: readonly Kind[]
  /** west, south, east, north. */
  readonly bbox?: readonly [number, number, number, number]
}

/** Units and rules are those of the deltas that follow, too. */
export interface LiveSnapshot extends Partial<About> {
  readonly seq: number
  /** The server's clock, RFC 3339. */
  readonly time: string
  readonly devices: readonly DeviceFeature[]
  /** Addition: false while ingest is away and this is the last state known. */
  readonly fresh: boolean
}

export interface LiveDelta {
  readonly seq: number
  readonly time: string
  readonly changed: readonly DeviceFeature[]
  readonly removed: readonly string[]
}

/** For signed-in clients. */
export interface LiveAlert {
  readonly time: string
  readonly device: string
  readonly name: string
  readonly kind: Kind
  readonly from: DeviceState
  readonly to: DeviceState
  readonly cause: string | null
}

/** Addition: ingest is away (`fresh` false) or back; until then nothing new comes. */
export interface LiveFreshness {
  readonly fresh: boolean
  readonly time: string
}

/** What is wrong with what a client sent; nothing else happens. */
export interface LiveRefusal {
  readonly event: string
  readonly detail: string
}

export interface ServerToClient {
  snapshot: (snapshot: LiveSnapshot) => void
  delta: (delta: LiveDelta) => void
  alert: (alert: LiveAlert) => void
  freshness: (freshness: LiveFreshness) => void
  error: (refusal: LiveRefusal) => void
}

export interface ClientToServer {
  watch: (watch: Watch) => void
}
