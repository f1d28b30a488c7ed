// What every simulated device is to the rest of the simulators: a function of time. Models keep nothing between two calls,
// so the past week and the live hour come out of the same model.

import type { TransferRow } from '../contract/feed.ts'
import type { TimeMs } from '../contract/time.ts'
import type { Kind } from '../contract/topics.ts'

/** An observation as the device makes it; kind and device are the model's. */
export type Sample = Omit<TransferRow, 'kind' | 'device' | 'time'>

export interface DeviceModel {
  readonly id: string
  readonly kind: Kind
  readonly everyMs: number
  /** This device's ticks lie at whole multiples of `everyMs` after it, so that not all send at once. */
  readonly phaseMs: number
  /** False while nothing of the device reaches the broker. */
  isReachable(time: TimeMs): boolean
  /** What it measures at a tick; null when it measures nothing then. */
  sampleAt(time: TimeMs): Sample | null
  /** Time that the device believes it is. */
  deviceTime(time: TimeMs): TimeMs
  /** What really happens and begins in [from, to): for the truth file. */
  truth(from: TimeMs, to: TimeMs): readonly Truth[]
}

/** A line of the truth file; times are formatted when written. */
export type Truth =
  | {
      readonly type: 'outage'
      readonly device: string
      readonly cause: 'power' | 'uplink' | 'upstream' | 'flapping'
      readonly parent?: string
      readonly from: TimeMs
      readonly to: TimeMs
    }
  | {
      readonly type: 'fault'
      readonly device: string
      readonly metric: string
      readonly fault: SensorFaultKind
      readonly from: TimeMs
      readonly to: TimeMs
    }
  | {
      readonly type: 'arrival'
      readonly vehicle: string
      readonly route: string
      readonly trip: string
      readonly stop: string
      readonly from: TimeMs
      /** Departure. */
      readonly to: TimeMs
    }

export const SENSOR_FAULTS = ['stuck', 'spike', 'drift', 'drop_out', 'humidity_bias', 'clock'] as const
export type SensorFaultKind = (typeof SENSOR_FAULTS)[number]

/** A span [from, to). */
export interface Span {
  readonly from: TimeMs
  readonly to: TimeMs
}

export function covers(span: Span, time: TimeMs): boolean {
  return time >= span.from && time < span.to
}

/** Days since 1970 in the village's clock. */
export function localDay(time: TimeMs, utcOffsetMs: number): number {
  return Math.floor((time + utcOffsetMs) / 86_400_000)
}

/** Hour of the village's day, 0 to 24, with its fraction. */
export function localHour(time: TimeMs, utcOffsetMs: number): number {
  return ((((time + utcOffsetMs) % 86_400_000) + 86_400_000) % 86_400_000) / 3_600_000
}
