// The door between ingest and dashboard (design D6): HTTP over a Unix socket in the data folder. Ingest owns history
// and live state; the dashboard asks by `POST /call/{method}` and follows `GET /live`, a stream of JSON lines.

import type { DeviceState, StateCause } from './device-state.ts'
import type { Flag, Occupancy, Position, QuarantineReason } from './observation.ts'
import type { TimeMs } from './time.ts'
import type { Kind } from './topics.ts'
import type { Vitals } from './vitals.ts'

export interface LiveValue {
  readonly value: number
  readonly time: TimeMs
  readonly flag?: Flag
}

/** Index of a station now; `value` null with `reason` when data do not suffice. */
export interface AirIndex {
  readonly index: 'ispu' | 'us-aqi' | 'eaqi'
  readonly value: number | null
  readonly category: string | null
  readonly dominant: string | null
  /** End of the last full hour used. */
  readonly time: TimeMs
  /** Share 0 to 1 of the hours that the index needs. */
  readonly completeness: number
  /** `not_computed_yet`, `no_pollutant_measured`, `not_enough_hours:HAVE/NEED`. */
  readonly reason?: string
  readonly parts: readonly {
    readonly metric: string
    readonly concentration: number | null
    readonly unit: string
    /** `24h`, `8h`, `1h`, `nowcast`, `nowcast-surrogate`. */
    readonly averaging: string
    readonly value: number | null
  }[]
}

export interface LiveTransit {
  readonly route: string | null
  readonly trip: string | null
  readonly direction: 0 | 1 | null
  readonly occupancy: Occupancy | null
  /** m/s. */
  readonly speed: number | null
  readonly bearing: number | null
  /** Metres along the trip's shape; null when the position matches none. */
  readonly alongM: number | null
  /** Metres from that shape; null or absent where there is none. */
  readonly offsetM?: number | null
  /** Time of the last position. */
  readonly time: TimeMs
  readonly stale: boolean
  /** Seconds late by the timetable, early negative; absent without one (domain C3, C7). The dashboard knows it, not ingest. */
  readonly delayS?: number
}

/** Two seem to use the credentials of one device: they pushed each other out under its client id. */
export interface CloneSuspicion {
  /** When the broker said so last. */
  readonly time: TimeMs
  /** How often one took the other's place within the minute before. */
  readonly takeovers: number
}

/** All that is known of a device now. The dashboard cuts it down to what the asker may see. */
export interface LiveDevice {
  readonly id: string
  readonly kind: Kind
  readonly name: string
  readonly simulated: boolean
  readonly position: Position | null
  readonly state: DeviceState
  readonly since: TimeMs | null
  readonly cause: StateCause | null
  /** Arrival of the last sign of life. */
  readonly lastSeen: TimeMs | null
  /** It goes up and down again and again (domain B3), and raises one alert until it has calmed. Absent: it does not. */
  readonly flapping?: true
  readonly everyS: number
  readonly parent: string | null
  readonly radiusM: number | null
  readonly values: Readonly<Record<string, LiveValue>>
  readonly air?: Readonly<Record<AirIndex['index'], AirIndex>>
  readonly transit?: LiveTransit
  /** Arrival minus device time of the least delayed of the last messages, ms; null when unknown (domain B13). */
  readonly clockOffsetMs: number | null
  readonly conflicts: number
  /** Absent: not within a week, or its credentials were made anew since. */
  readonly cloneSuspected?: CloneSuspicion
}

/** Lines of `GET /live`: first a snapshot, then at most one delta a second, `seq` counting up by one. */
export type LiveLine =
  | {
      readonly type: 'snapshot'
      readonly seq: number
      readonly time: TimeMs
      readonly devices: readonly LiveDevice[]
    }
  | {
      readonly type: 'delta'
      readonly seq: number
      readonly time: TimeMs
      readonly changed: readonly LiveDevice[]
      readonly removed: readonly string[]
    }
  /** Sent each second without change, so that a dead link is noticed. */
  | { readonly type: 'beat'; readonly time: TimeMs }
  /** A state change for those on duty. */
  | {
      readonly type: 'alert'
      readonly time: TimeMs
      readonly device: string
      readonly from: DeviceState
      readonly to: DeviceState
      readonly cause: StateCause | null
    }

export const EVERY = ['1m', '5m', '15m', '1h', '1d'] as const
export type Every = (typeof EVERY)[number]
export const AGGREGATES = ['mean', 'min', 'max', 'count', 'p50', 'p95'] as const
export type Aggregate = (typeof AGGREGATES)[number]

/** [time in ms, value, flag?] */
export type Point = readonly [TimeMs, number] | readonly [TimeMs, number, Flag]

export interface Series {
  readonly metric: string
  readonly unit: string | null
  readonly points: readonly Point[]
}

export interface StateSpan {
  readonly device: string
  readonly from: TimeMs
  /** Absent while it lasts. */
  readonly to?: TimeMs
  readonly state: DeviceState
  readonly cause: StateCause | null
}

/** What is asked of a metric's readings without their times: their mean alone, each value, or how many lie in each bucket of a sketch. */
export const DISTRIBUTION_FORMS = ['mean', 'values', 'sketch'] as const
export type DistributionForm = (typeof DISTRIBUTION_FORMS)[number]

/** The readings of one metric that no flag stands on. */
export interface Distribution {
  readonly count: number
  /** Null when there are none. */
  readonly mean: number | null
  /** In no order; when `values` were asked for. */
  readonly values?: readonly number[]
  /** [bucket, count] of `QuantileSketch` (domain B5), in no order; when a `sketch` was asked for. A value below 0 counts as 0. */
  readonly buckets?: readonly (readonly [number, number])[]
}

export interface DeviceDistributions {
  readonly device: string
  readonly metrics: Readonly<Record<string, Distribution>>
}

/** What is thought of the readings of one metric in [from, to), kept beside them and never in them (design D4). */
export interface QualityFlag {
  readonly id: string
  readonly device: string
  readonly metric: string
  readonly from: TimeMs
  readonly to: TimeMs
  readonly flag: Flag
  /** QARTOD: 3 suspect, kept in means; 4 bad, left out of every mean, index and colour. */
  readonly quality: 3 | 4
  /** Name of the test; `hand` for a person. */
  readonly rule: string
  /** Of the test; of a person the account's name. */
  readonly version: string
  readonly note: string | null
  /** When it was set. */
  readonly made: TimeMs
}

/** How far the judging of readings has come since the start: whole numbers. */
export interface Derivation {
  /** Hours of sensors that are over and wait to be judged. */
  readonly left: number
  readonly judged: number
  readonly set: number
  /** Flags that the readings no longer give. */
  readonly removed: number
  /** Flags of older versions of a rule: kept, out of force. */
  readonly retired: number
}

export interface Counters {
  readonly messages: {
    readonly received: number
    readonly acknowledged: number
    readonly refused: Readonly<Record<string, number>>
  }
  readonly observations: {
    readonly received: number
    readonly taken: number
    readonly quarantined: Readonly<Partial<Record<QuarantineReason, number>>>
  }
  readonly readings: { readonly stored: number; readonly duplicates: number; readonly conflicts: number }
  /** Arrival of the newest log record minus arrival of the last stored one, ms. */
  readonly lag_ms: number
  readonly logBytes: number
  /** With an InfluxDB store: how far back duplicates and conflicts are known. */
  readonly window_s?: number
  /** Beyond the contract: what was odd but taken (`retain_ignored`, `unknown_member`, `lost_by_device`…). */
  readonly notes?: Readonly<Record<string, number>>
}

export interface QuarantineRow {
  readonly id: number
  readonly time: TimeMs
  readonly reason: QuarantineReason
  readonly detail: string
  readonly topic: string
  readonly device: string | null
  readonly payload: string
}

export interface PartHealth {
  readonly ok: boolean
  readonly detail: string
}

/** Health as ingest sees it; the dashboard adds its own view of the broker. */
export interface IngestHealth {
  readonly broker: PartHealth
  readonly ingest: PartHealth
  readonly store: PartHealth
  readonly storeName: string
  readonly storeBytes: number | null
  readonly logBytes: number
  readonly logSegments: number
  readonly lagMs: number
  readonly messagesPerS: number
  readonly readingsPerS: number
  /** Of each part that is there. */
  readonly vitals: Readonly<Record<string, Vitals>>
}

export interface Page<T> {
  readonly rows: readonly T[]
  /** Opaque; absent on the last page. */
  readonly next?: string
}

/** Methods of `POST /call/{method}`: argument and answer. */
export interface FeedMethods {
  health: { argument: Record<string, never>; answer: IngestHealth }
  counters: { argument: Record<string, never>; answer: Counters }
  /** Raw readings of one device, oldest first, at most `limit` points a metric; `next` is the time to go on from. */
  readings: {
    argument: { device: string; metrics?: readonly string[]; from: TimeMs; to: TimeMs; limit: number }
    answer: { series: readonly Series[]; next?: TimeMs }
  }
  /**
   * Buckets in the village's time zone, labelled by their start; empty ones absent. Readings outside their plausible range or flagged
   * as bad by hand are left out; with `good` also those that a test calls bad.
   */
  buckets: {
    argument: {
      device: string
      metrics?: readonly string[]
      from: TimeMs
      to: TimeMs
      every: Every
      fn: Aggregate
      good?: boolean
    }
    answer: { series: readonly Series[] }
  }
  /**
   * Distributions of known metrics of many devices of a kind in [from, to): of the first of the devices, in their order, and of as many as
   * the store can read in one go, at least one; the rest is asked for again.
   */
  distributions: {
    argument: {
      kind: Kind
      devices: readonly string[]
      metrics: Readonly<Record<string, DistributionForm>>
      from: TimeMs
      to: TimeMs
    }
    answer: { devices: readonly DeviceDistributions[] }
  }
  /** State spans that overlap [from, to), oldest first; `devices`: of these alone. */
  states: {
    argument: { device?: string; devices?: readonly string[]; kind?: Kind; from: TimeMs; to: TimeMs }
    answer: { spans: readonly StateSpan[] }
  }
  quarantine: {
    argument: { reason?: QuarantineReason; limit: number; cursor?: string }
    answer: Page<QuarantineRow>
  }
  /** Positions of a vehicle, oldest first. */
  track: {
    argument: { device: string; from: TimeMs; to: TimeMs }
    answer: { positions: readonly (Position & { readonly time: TimeMs; readonly trip: string | null })[] }
  }
  /** Quality flags in force that overlap [from, to), by begin and id. */
  flags: {
    argument: {
      device?: string
      metric?: string
      from: TimeMs
      to: TimeMs
      limit: number
      after?: { readonly from: TimeMs; readonly id: string }
      withRetired?: boolean
    }
    answer: { flags: readonly QualityFlag[] }
  }
  /** Sets a flag by hand: means, indices and live values follow at once. */
  setFlag: {
    argument: {
      device: string
      metric: string
      from: TimeMs
      to: TimeMs
      flag: Flag
      note: string | null
      by: string
    }
    answer: { flag: QualityFlag }
  }
  /** Takes back one that was set by hand; null when none of that id is in force, `byTest` when a test set it. */
  unsetFlag: { argument: { id: string }; answer: { flag: QualityFlag | null; byTest: boolean } }
  /** Judges the sensors' readings of [from, to) anew, in the background; answers how many hours. */
  judgeAgain: { argument: { from: TimeMs; to: TimeMs }; answer: { hours: number } }
  derivation: { argument: Record<string, never>; answer: Derivation }
  /** Removes devices with all that is stored of them. */
  forget: { argument: { devices: readonly string[] }; answer: Record<string, never> }
  /** Tells ingest that the registry file changed (it also looks by itself). */
  registryChanged: { argument: Record<string, never>; answer: Record<string, never> }
}

export type FeedMethod = keyof FeedMethods

export type FeedAnswer<M extends FeedMethod> =
  | { readonly ok: true; readonly value: FeedMethods[M]['answer'] }
  | {
      readonly ok: false
      readonly code: 'bad_argument' | 'unknown_device' | 'store_away' | 'failed'
      readonly message: string
    }

/**
 * A row of `POST /import` (JSON lines in) and `POST /export` (JSON lines out): one observation as stored.
 * `time` in ms; an imported row has no arrival of its own and counts as arrived at its time.
 */
export interface TransferRow {
  readonly kind: Kind
  readonly device: string
  readonly time: TimeMs
  readonly values: Readonly<Record<string, number>>
  readonly position?: Position
  readonly trip?: string
  readonly route?: string
  readonly direction?: 0 | 1
  readonly occupancy?: Occupancy
}
