// Readings on their way: a new one goes out at once when the broker is there, and waits in the queue until it is acknowledged.
// What has gathered follows oldest first, filled into arrays, at most five a second, so that live readings keep their room.

import type { Log } from './log.ts'
import type { DiskQueue, Part } from './queue/disk-queue.ts'
import type { Cancel, Timers } from './timers.ts'

export interface DeliveryOptions {
  readonly queue: DiskQueue
  /** Sends a message; false when it could not. `acknowledged` is called when the broker has it. */
  readonly send: (payload: Buffer, acknowledged: () => void) => boolean
  readonly timers: Timers
  readonly log: Log
}

/** Messages unacknowledged at most, and the part of them that the backlog may have. */
const MAX_MESSAGES = 100
const MAX_BACKLOG_MESSAGES = 80
/** What one message may hold (contract section 3). */
const MAX_OBSERVATIONS = 1_000
const MAX_BYTES = 65_536
const BACKLOG_SPACING_MS = 200
const FLUSH_MS = 1_000

export class Delivery {
  readonly #options: DeliveryOptions
  #isConnected = false
  #messages = 0
  #cancelPump: Cancel | null = null
  #cancelFlush: Cancel | null = null
  #diskFault = ''

  constructor(options: DeliveryOptions) {
    this.#options = options
    this.#flushLater()
  }

  /** Takes a reading in, as the JSON of one observation. */
  add(observation: Buffer): void {
    const part = this.#options.queue.append(observation)
    if (this.#isConnected && this.#messages < MAX_MESSAGES) {
      this.#options.queue.markInFlight(part)
      this.#send(observation, [part])
    }
    this.#flushLater()
  }

  connected(): void {
    // What is in memory only is written first: a live reading is not to overtake it.
    this.#flush()
    this.#isConnected = true
    this.#pump()
  }

  disconnected(): void {
    this.#isConnected = false
    this.#messages = 0
    this.#cancelPump?.()
    this.#cancelPump = null
    this.#options.queue.release()
    this.#flushLater()
  }

  /** Writes all down; nothing is sent any more. */
  close(): void {
    this.#isConnected = false
    this.#cancelPump?.()
    this.#cancelFlush?.()
    const result = this.#options.queue.close()
    if (!result.ok) this.#options.log.error(`readings are lost: ${result.detail}`)
  }

  #pump(): void {
    this.#cancelPump = null
    if (!this.#isConnected || this.#messages >= MAX_BACKLOG_MESSAGES) return
    const batch = this.#options.queue.next(MAX_OBSERVATIONS, MAX_BYTES)
    if (batch === null) return
    this.#send(batch.message, batch.parts)
    this.#pumpLater()
  }

  #pumpLater(): void {
    if (this.#isConnected) {
      this.#cancelPump ??= this.#options.timers.after(BACKLOG_SPACING_MS, () => this.#pump())
    }
  }

  #send(payload: Buffer, parts: readonly Part[]): void {
    const { queue, send } = this.#options
    const sent = send(payload, () => {
      this.#messages -= 1
      queue.acknowledge(parts)
      this.#pumpLater()
      this.#flushLater()
    })
    // The uplink is gone, and says so next: `disconnected` releases what is marked here.
    if (sent) this.#messages += 1
  }

  #flushLater(): void {
    if (!this.#options.queue.isDirty) return
    this.#cancelFlush ??= this.#options.timers.after(FLUSH_MS, () => {
      this.#cancelFlush = null
      this.#flush()
      // What could not go out as a live reading is in the backlog now.
      this.#pumpLater()
      this.#flushLater()
    })
  }

  #flush(): void {
    const result = this.#options.queue.flush()
    this.#tell(result.ok ? '' : result.detail)
  }

  /** One line when the disk begins to refuse, one when it takes again. */
  #tell(fault: string): void {
    if (fault === this.#diskFault) return
    this.#diskFault = fault
    if (fault === '') this.#options.log.info('the queue is on disk again')
    else this.#options.log.error(`${fault}; readings that cannot be sent are in memory only`)
  }
}
