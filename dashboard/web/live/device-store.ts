// The devices as the live feed tells them: a snapshot, then numbered deltas. A missing number is a gap, after which only a
// new snapshot helps. While updates are paused, what comes is kept aside, so that nothing shown changes.

import type { DeviceFeature } from '../../../contract/api.ts'
import type { LiveDelta, LiveSnapshot } from '../../../contract/live.ts'
import type { TimeMs } from '../../../contract/time.ts'

export interface Change {
  /** True when everything is to be looked at anew. */
  readonly all: boolean
  readonly changed: readonly DeviceFeature[]
  readonly removed: readonly string[]
}

export type Applied = 'applied' | 'gap'

export class DeviceStore {
  /** What is shown. */
  readonly devices = new Map<string, DeviceFeature>()
  /** The server's clock at the last word of it; null before the first. */
  feedTime: TimeMs | null = null
  /** True while what is shown was kept from an earlier visit. */
  isKept = false
  /** False while the server itself shows the last state it knows. */
  isFeedFresh = true
  #seq: number | null = null
  #isPaused = false
  /** The server's clock at the last word that came during a pause. */
  #asideTime: TimeMs | null = null
  /** What came during a pause: null for removed. */
  readonly #aside = new Map<string, DeviceFeature | null>()
  readonly #listeners = new Set<(change: Change) => void>()

  onChange(listener: (change: Change) => void): void {
    this.#listeners.add(listener)
  }

  applySnapshot({ seq, time, devices, fresh }: LiveSnapshot): void {
    this.#seq = seq
    this.#heard(Date.parse(time))
    this.isKept = false
    this.isFeedFresh = fresh
    const known = new Set(devices.map(({ id }) => id))
    if (this.#isPaused) {
      for (const id of this.devices.keys()) if (!known.has(id)) this.#aside.set(id, null)
      for (const feature of devices) this.#aside.set(feature.id, feature)
      return
    }
    for (const id of this.devices.keys()) if (!known.has(id)) this.devices.delete(id)
    for (const feature of devices) this.devices.set(feature.id, feature)
    this.#tell({ all: true, changed: devices, removed: [] })
  }

  /** What was known at an earlier visit, while nothing newer is: as old as it is. */
  applyLast(time: TimeMs, devices: readonly DeviceFeature[]): void {
    if (this.feedTime !== null) return
    this.feedTime = time
    this.isKept = true
    this.isFeedFresh = false
    for (const feature of devices) this.devices.set(feature.id, feature)
    this.#tell({ all: true, changed: devices, removed: [] })
  }

  /** `gap` when a frame is missing: ask for a snapshot. */
  applyDelta({ seq, time, changed, removed }: LiveDelta): Applied {
    if (this.#seq === null || seq > this.#seq + 1) {
      this.#seq = null
      return 'gap'
    }
    // The frame that a snapshot already holds.
    if (seq <= this.#seq) return 'applied'
    this.#seq = seq
    this.#heard(Date.parse(time))
    this.#take(changed, removed)
    return 'applied'
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  pause(): void {
    this.#isPaused = true
  }

  /** Shows what came meanwhile. */
  resume(): void {
    this.#isPaused = false
    this.feedTime = this.#asideTime ?? this.feedTime
    this.#asideTime = null
    const changed = [...this.#aside.values()].filter((feature) => feature !== null)
    const removed = [...this.#aside].flatMap(([id, feature]) => (feature === null ? [id] : []))
    this.#aside.clear()
    this.#take(changed, removed)
  }

  /** What is shown during a pause is as old as the pause. */
  #heard(time: TimeMs): void {
    if (this.#isPaused) this.#asideTime = time
    else this.feedTime = time
  }

  #take(changed: readonly DeviceFeature[], removed: readonly string[]): void {
    if (this.#isPaused) {
      for (const feature of changed) this.#aside.set(feature.id, feature)
      for (const id of removed) this.#aside.set(id, null)
      return
    }
    for (const feature of changed) this.devices.set(feature.id, feature)
    for (const id of removed) this.devices.delete(id)
    this.#tell({ all: false, changed, removed })
  }

  #tell(change: Change): void {
    for (const listener of this.#listeners) listener(change)
  }
}
