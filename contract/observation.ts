// What a decoder makes of a message: observations, a status or an event, and for each part that could not be taken
// a quarantine reason. Wire names end here; inside, a reading is (device, metric, time) -> value.

import type { TimeMs } from './time.ts'
import type { Kind } from './topics.ts'

/** Why something sent was not taken: counted by these names, readable at `/api/v1/quarantine`. */
export const QUARANTINE_REASONS = {
  not_utf8: 'the payload is not UTF-8',
  not_json: 'the payload is not JSON',
  too_deep: 'the JSON is nested deeper than 16',
  too_large: 'the payload is larger than PANTAU_LIMIT_PAYLOAD',
  not_object: 'an observation is not a JSON object',
  batch_size: 'an array holds no observation or more than 1,000',
  time: 'the time is neither RFC 3339 with offset nor milliseconds since 1970',
  time_too_old: 'the time is older than PANTAU_MAX_AGE',
  time_ahead: 'the time is further ahead than PANTAU_MAX_AHEAD',
  seq: 'seq is not a whole number from 0 to 2^53-1',
  values_type: 'values is absent or not an object',
  values_count: 'values holds no metric or more than 64',
  metric_name: "a metric's name is not of the allowed form",
  value_type: 'a value is neither a number nor true or false',
  not_finite: 'a value is not finite',
  position: 'the position is absent, of the wrong type or out of range',
  trip: 'trip or route is not text of 1 to 128 letters',
  direction: 'direction is neither 0 nor 1',
  occupancy: 'occupancy is no OccupancyStatus of GTFS-realtime',
  status: 'a status is neither online nor offline',
  event: 'an event is not of the form {"time","event","detail"}',
  unknown_device: 'no device of that name and kind is known',
  store_refused: 'the store refused the reading for ever',
  damaged: 'a part of the log was damaged on disk and set aside',
} as const satisfies Record<string, string>

export type QuarantineReason = keyof typeof QUARANTINE_REASONS

/** Quality flags kept beside a reading; the reading itself is never altered (design D4). */
export const FLAGS = [
  'range',
  'stuck',
  'spike',
  'rate',
  'neighbour',
  'clock',
  'arrival_time',
  'clock_step',
  'manual',
] as const
export type Flag = (typeof FLAGS)[number]

export interface Position {
  readonly lat: number
  readonly lon: number
  /** m/s over ground. */
  readonly speed?: number
  /** Degrees from true north, 0 to 360. */
  readonly bearing?: number
  /** Metres. */
  readonly accuracy?: number
}

export const OCCUPANCY = [
  'EMPTY',
  'MANY_SEATS_AVAILABLE',
  'FEW_SEATS_AVAILABLE',
  'STANDING_ROOM_ONLY',
  'CRUSHED_STANDING_ROOM_ONLY',
  'FULL',
  'NOT_ACCEPTING_PASSENGERS',
  'NO_DATA_AVAILABLE',
  'NOT_BOARDABLE',
] as const
export type Occupancy = (typeof OCCUPANCY)[number]

/** What a device measured at one time. `values` holds numbers only: true and false arrive as 1 and 0. */
export interface Observation {
  readonly kind: Kind
  readonly device: string
  readonly time: TimeMs
  /** Arrival at the broker. */
  readonly arrival: TimeMs
  /** True when the device sent no time and `time` is the arrival. */
  readonly timeIsArrival: boolean
  readonly seq?: number
  readonly values: Readonly<Record<string, number>>
  readonly position?: Position
  readonly trip?: string
  readonly route?: string
  readonly direction?: 0 | 1
  readonly occupancy?: Occupancy
}

export interface StatusChange {
  readonly kind: Kind
  readonly device: string
  readonly arrival: TimeMs
  readonly online: boolean
}

export interface DeviceEvent {
  readonly kind: Kind
  readonly device: string
  readonly time: TimeMs
  readonly arrival: TimeMs
  readonly event: string
  readonly detail: unknown
}

/** A message, or one observation of it, that was acknowledged and not taken. */
export interface Quarantined {
  readonly reason: QuarantineReason
  /** Field, value, rule. */
  readonly detail: string
  readonly topic: string
  readonly device: string | null
  readonly arrival: TimeMs
  /** The first 4 KiB of what was sent. */
  readonly payload: string
}
