// What a simulated device does at each of its ticks: connects, loses its link, or sends what it measures. The same decisions serve the
// live simulators, which carry them out on real links, and the measurements of `bench/truth/`, which run a week in a minute.

import { formatTime, type TimeMs } from '../contract/time.ts'
import type { DeviceModel } from './device-model.ts'

/**
 * As the edge agent's. A link that dies without a goodbye is given up 1.5 keep-alives after its last packet (MQTT 3.1.1, section 3.1.2.10),
 * so this decides how soon a power cut is known: 45 s at most.
 */
export const KEEP_ALIVE_S = 30

export type Step =
  | { readonly type: 'connect' }
  /** The link is gone without a goodbye. */
  | { readonly type: 'cut' }
  | { readonly type: 'reading'; readonly payload: string }

export class DeviceSession {
  readonly model: DeviceModel
  #isConnected = false
  #seq = 0

  constructor(model: DeviceModel) {
    this.model = model
  }

  /** Its step at a tick; null when nothing of it is to be seen. A device that comes back connects and measures from its next tick on. */
  at(time: TimeMs): Step | null {
    if (!this.model.isReachable(time)) {
      if (!this.#isConnected) return null
      this.#isConnected = false
      return { type: 'cut' }
    }
    if (!this.#isConnected) return this.connect(time)
    const sample = this.model.sampleAt(time)
    if (sample === null) return null
    const reading = { time: formatTime(this.model.deviceTime(time)), seq: this.#seq, ...sample }
    this.#seq += 1
    return { type: 'reading', payload: JSON.stringify(reading) }
  }

  /** Connects, at a tick or between two; null when it is connected, or cannot be reached. */
  connect(time: TimeMs): Step | null {
    if (this.#isConnected || !this.model.isReachable(time)) return null
    this.#isConnected = true
    return { type: 'connect' }
  }
}
