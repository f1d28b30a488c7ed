// A decoder makes of a message what was measured. It is a function from bytes to values: it never throws, and what it cannot
// take comes back as a quarantine entry that names field, value and rule.

import type { DeviceEvent, Observation, Quarantined, StatusChange } from '../../contract/observation.ts'
import type { TimeMs } from '../../contract/time.ts'
import type { Topic } from '../../contract/topics.ts'

export interface Message {
  /** As it was sent. */
  readonly topic: string
  readonly parsed: Topic
  readonly payload: Uint8Array
  readonly arrival: TimeMs
}

export interface DecodeLimits {
  /** PANTAU_MAX_AGE and PANTAU_MAX_AHEAD, ms. */
  readonly maxAgeMs: number
  readonly maxAheadMs: number
  /** PANTAU_LIMIT_PAYLOAD. */
  readonly maxPayloadBytes: number
}

export interface Decoded {
  readonly observations: readonly Observation[]
  readonly status: StatusChange | null
  readonly event: DeviceEvent | null
  readonly quarantined: readonly Quarantined[]
  /** What was odd and taken all the same, by name: `unknown_member`, `byte_order_mark`, `leap_second`. */
  readonly notes: Readonly<Record<string, number>>
  /** Device times that were refused for their age: they tell how wrong the device's clock is. */
  readonly refusedTimes: readonly TimeMs[]
}

export interface Decoder {
  readonly name: string
  accepts(topic: Topic): boolean
  decode(message: Message, limits: DecodeLimits): Decoded
}

export const NOTHING: Decoded = {
  observations: [],
  status: null,
  event: null,
  quarantined: [],
  notes: {},
  refusedTimes: [],
}
