// Events wait in memory until the broker has them: few, and of use only while fresh.

import { type Clock, formatTime } from '../contract/time.ts'
import { type Stamp, stamp, timeOf } from './stamp.ts'

interface Event {
  readonly stamp: Stamp
  readonly name: string
  readonly detail: Readonly<Record<string, unknown>>
}

/** The oldest is given up for the newest beyond this. */
const MOST = 100

export class EventOutbox {
  readonly #clock: Clock
  readonly #send: (payload: string, acknowledged: () => void) => boolean
  #waiting: Event[] = []
  /** Sent on this connection. */
  readonly #sent = new Set<Event>()

  constructor(clock: Clock, send: (payload: string, acknowledged: () => void) => boolean) {
    this.#clock = clock
    this.#send = send
  }

  add(name: string, detail: Readonly<Record<string, unknown>> = {}): void {
    this.#waiting.push({ stamp: stamp(this.#clock), name, detail })
    this.#waiting = this.#waiting.slice(-MOST)
    this.sendWaiting()
  }

  /** A new connection: all that is not acknowledged goes out again. */
  connected(): void {
    this.#sent.clear()
    this.sendWaiting()
  }

  /** Sends what was not sent on this connection and whose time is known. */
  sendWaiting(): void {
    for (const event of this.#waiting) {
      const time = timeOf(event.stamp, this.#clock)
      if (time === null || this.#sent.has(event)) continue
      const { name, detail } = event
      const isSent = this.#send(JSON.stringify({ time: formatTime(time), event: name, detail }), () => {
        this.#waiting = this.#waiting.filter((one) => one !== event)
        this.#sent.delete(event)
      })
      if (isSent) this.#sent.add(event)
    }
  }
}
