// Clients that come and go too often: one whose connections break off again and again, and two that push each other out under one id. They
// are told of and slowed down, never refused: a device on a bad link does the same as a broken one, and its readings are wanted.

import type { LogRecord } from '../contract/log.ts'
import { type Clock, formatTime, type TimeMs } from '../contract/time.ts'
import { buildTopic, type Kind } from '../contract/topics.ts'
import type { Logger } from '../runtime/logger.ts'

/** EMQX's figures for flapping (15 in 60 s, 5 min), here for connections that broke off alone. */
export const BROKEN_MOST = 15
/** One device that moves to a new link takes its own place over once or twice; two with one secret do so without end. */
export const TAKEN_OVER_MOST = 6
const WINDOW_MS = 60_000
const CALMING_MS = 300_000
/** What a CONNACK is held back for meanwhile: no client gives up in so short a time. */
export const HELD_BACK_MS = 1_000
/** Clients that are remembered; those that were quiet the longest go first. */
const REMEMBERED_MOST = 10_000

export interface UnrestPlan {
  readonly clock: Clock
  readonly logger: Logger
  /** Two are suspected behind one client id. */
  readonly onClone: (client: string, takeovers: number) => void
}

interface Restless {
  times: number[]
  /** Told of and slowed down until then; 0: not at all. */
  until: number
}

export class Unrest {
  readonly #plan: UnrestPlan
  readonly #clients = new Map<string, Restless>()

  constructor(plan: UnrestPlan) {
    this.#plan = plan
  }

  /** How long the client's CONNACK waits, in ms. Loopback stands for a whole machine of clients and is never slowed. */
  holdBackMs(address: string, client: string): number {
    if (isLoopback(address)) return 0
    const now = this.#plan.clock.monotonicMs()
    const isRestless = ['broken', 'taken over'].some(
      (what) => (this.#clients.get(keyOf(what, client, address))?.until ?? 0) > now,
    )
    return isRestless ? HELD_BACK_MS : 0
  }

  /** Its connection ended without DISCONNECT, and not by us. */
  brokeOff(address: string, client: string): void {
    const count = this.#count(keyOf('broken', client, address), BROKEN_MOST)
    if (count === null) return
    this.#plan.logger.warn({ client, address, count }, 'a client whose connection breaks off again and again')
  }

  /** Another one with its id and secret took its place. */
  takenOver(address: string, client: string): void {
    const count = this.#count(keyOf('taken over', client, address), TAKEN_OVER_MOST)
    if (count === null) return
    this.#plan.logger.warn({ client, address, count }, 'two clients seem to have one id and its secret')
    this.#plan.onClone(client, count)
  }

  /** How often within the window, once that is `most`; null while it is less, and while that was told already. */
  #count(key: string, most: number): number | null {
    const now = this.#plan.clock.monotonicMs()
    const restless = this.#clients.get(key) ?? { times: [], until: 0 }
    restless.times = [...restless.times.filter((time) => now - time < WINDOW_MS), now].slice(-most)
    // Behind the others: the first of the map were quiet the longest.
    this.#clients.delete(key)
    this.#clients.set(key, restless)
    for (const quiet of this.#clients.keys()) {
      if (this.#clients.size <= REMEMBERED_MOST) break
      this.#clients.delete(quiet)
    }
    if (restless.times.length < most || restless.until > now) return null
    restless.until = now + CALMING_MS
    return restless.times.length
  }
}

/** An event of the device, so that staff see it where they look for what happened to it. */
export function cloneEvent(clone: {
  readonly village: string
  readonly kind: Kind
  readonly device: string
  readonly client: string
  readonly takeovers: number
  readonly arrival: TimeMs
}): LogRecord {
  const { village, kind, device, client, takeovers, arrival } = clone
  const event = { time: formatTime(arrival), event: 'clone_suspected', detail: { client, takeovers } }
  return {
    type: 'message',
    arrival,
    client: null,
    topic: buildTopic({ village, kind, device, channel: 'event' }),
    payload: Buffer.from(JSON.stringify(event)),
    qos: 0,
    retain: false,
    dup: false,
    will: false,
  }
}

/** Take-overs come from two addresses as often as from one. */
const keyOf = (what: string, client: string, address: string): string =>
  what === 'broken' ? `${what} ${client} ${address}` : `${what} ${client}`

export function isLoopback(address: string): boolean {
  return address === '127.0.0.1' || address === '::1' || address === '::ffff:127.0.0.1'
}
