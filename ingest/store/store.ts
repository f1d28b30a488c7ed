// The store behind ingest: readings on one side; on the other the ledger of how far the log was taken, what was counted and
// what was set aside. One interface, one suite (`store.suite.ts`), one file an engine (design D3, D5).

import type {
  Aggregate,
  DeviceDistributions,
  DistributionForm,
  Every,
  PartHealth,
  QualityFlag,
  QuarantineRow,
  Series,
  StateSpan,
  TransferRow,
} from '../../contract/feed.ts'
import type { LogPosition } from '../../contract/log.ts'
import type {
  Observation,
  Occupancy,
  Position,
  Quarantined,
  QuarantineReason,
} from '../../contract/observation.ts'
import type { TimeMs } from '../../contract/time.ts'
import type { Kind } from '../../contract/topics.ts'

/**
 * The store does not answer, or not for now (429, 503, full cache): nothing of the call counts as done, the same call may be
 * made again later and has its effect once. `write` with it leaves position and counters as they were.
 */
export class StoreAwayError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'StoreAwayError'
  }
}

/** A state span with the kind of its device, so that spans can be asked for by kind. Identity: (device, from). */
export interface StoredSpan extends StateSpan {
  readonly kind: Kind
}

/** Hours of a sensor whose readings changed since they were judged. */
export interface UnjudgedDevice {
  readonly device: string
  /** What it was heard to measure. */
  readonly metrics: readonly string[]
  /** Start of each hour with the number of its last change: `judge` takes the mark away while that is still the last. */
  readonly hours: readonly (readonly [hour: TimeMs, change: number])[]
}

/** What the tests found on a stretch of a device's readings, in place of what they had found there before. */
export interface JudgedStretch {
  readonly device: string
  readonly metrics: readonly string[]
  /** The tests that were made, each with its version. */
  readonly versions: Readonly<Record<string, string>>
  readonly from: TimeMs
  readonly to: TimeMs
  /** All begin in [from, to). */
  readonly flags: readonly QualityFlag[]
  /** Marks that are settled by it. */
  readonly hours: UnjudgedDevice['hours']
  readonly at: TimeMs
}

export interface FlagChanges {
  readonly set: number
  /** Of the same version: the readings have changed. */
  readonly removed: number
  /** Of another version: kept, no longer in force. */
  readonly retired: number
  /** Hours whose means changed with it. */
  readonly hours: readonly TimeMs[]
}

export interface FlagFilter {
  readonly device?: string
  readonly metric?: string
  readonly from: TimeMs
  readonly to: TimeMs
  /** Of those that begin there: what the last page ended with. */
  readonly after?: { readonly from: TimeMs; readonly id: string }
  readonly limit: number
  /** Also those no longer in force: set by an older version of a rule, or taken back. */
  readonly withRetired?: boolean
}

export interface WriteBatch {
  /** In order of the log. */
  readonly observations: readonly Observation[]
  readonly quarantined: readonly Quarantined[]
  /** Spans begun, ended or changed: one of the same (device, from) is replaced. */
  readonly states: readonly StoredSpan[]
  /**
   * Added to the counters of those names (`retain_ignored`, `lost_by_device`…). The store counts observations, quarantine by
   * reason and readings itself, from what the batch holds.
   */
  readonly counters?: Readonly<Record<string, number>>
  /** Small texts that must agree with the position (what live state needs again after a restart); null removes one. */
  readonly notes?: Readonly<Record<string, string | null>>
  /** Up to where the log is taken with this batch; null leaves the position as it is. */
  readonly position: LogPosition | null
}

export interface WriteResult {
  /** Readings whose identity (device, metric, time) was new. */
  readonly stored: number
  /** Readings there already with the same value. */
  readonly duplicates: number
  /** Readings there already with another value: the later one stands. */
  readonly conflicts: number
  readonly conflictsByDevice: Readonly<Record<string, number>>
  /** Observations that the store refused for ever; they are in quarantine as `store_refused` and count as not taken. */
  readonly refused: number
}

/** What is known of a device without looking at its history. */
export interface LatestDevice {
  readonly kind: Kind
  readonly device: string
  /** Newest arrival of an observation. */
  readonly lastArrival: TimeMs
  /** Newest time of an observation. */
  readonly lastTime: TimeMs
  /** Newest value of each metric, by the device's time; an unflagged and a `range` one alike. */
  readonly values: Readonly<Record<string, { readonly value: number; readonly time: TimeMs }>>
  /** Newest position and what came with it; null when none was ever sent. */
  readonly position: LatestPosition | null
  readonly conflicts: number
}

export interface LatestPosition extends Position {
  readonly time: TimeMs
  readonly trip: string | null
  readonly route: string | null
  readonly direction: 0 | 1 | null
  readonly occupancy: Occupancy | null
}

/** Whole numbers since the data folder began. `received` = `taken` + all `quarantined`; imported rows are in none of them. */
export interface StoredCounters {
  readonly observations: {
    readonly received: number
    readonly taken: number
    readonly quarantined: Readonly<Partial<Record<QuarantineReason, number>>>
  }
  readonly readings: { readonly stored: number; readonly duplicates: number; readonly conflicts: number }
  /** How far back duplicates and conflicts are known, s of arrivals; absent when without limit. */
  readonly window_s?: number
  /** What batches added under `counters`. */
  readonly notes: Readonly<Record<string, number>>
}

/** A stretch of one device's time, `from` included, `to` not; without `metrics` all that it has. */
export interface DevicePeriod {
  readonly device: string
  readonly metrics?: readonly string[]
  readonly from: TimeMs
  readonly to: TimeMs
}

/** `metrics`: known ones of the kind, each with what is asked of it. */
export interface DistributionQuestion {
  readonly kind: Kind
  readonly devices: readonly string[]
  readonly metrics: Readonly<Record<string, DistributionForm>>
  readonly from: TimeMs
  readonly to: TimeMs
}

export interface RowFilter {
  readonly from: TimeMs
  readonly to: TimeMs
  readonly kind?: Kind
  readonly device?: string
}

export interface TrackPoint extends Position {
  readonly time: TimeMs
  readonly trip: string | null
}

/**
 * All times in ms. Any method may throw StoreAwayError when the engine is a server; what `duckdb` throws is a fault of ours or
 * of the disk. Calls may overlap; those that write take effect in the order of the calls.
 */
export interface Store {
  /** The scheme of `PANTAU_STORE`: `duckdb`, `influxdb1`, `influxdb2`. */
  readonly name: string

  /** Up to where the log is taken; null before the first batch with a position. */
  position(): Promise<LogPosition | null>

  /**
   * Takes a batch: all of it or, when it throws, nothing that a repetition would not repair. Identity of a reading is
   * (device, metric, time to the ms), inside one batch too. An observation with the device and time of another adds to it.
   */
  write(batch: WriteBatch): Promise<WriteResult>

  /** Rows of `npm run import` and of the simulators' history: as `write`, arrived at their time, in no counter, no position. */
  importRows(rows: readonly TransferRow[]): Promise<WriteResult>

  /**
   * Raw readings, oldest first, at most `limit` points a metric; `next` is the time to go on from, absent at the end. Flags:
   * `range`, else a bad one that is in force, else `arrival_time`, else a suspect one.
   */
  readings(period: DevicePeriod & { readonly limit: number }): Promise<{
    readonly series: readonly Series[]
    readonly next?: TimeMs
  }>

  /**
   * One point a bucket that has data, labelled by its start, cut in the village's time zone; a bucket on the edge holds what
   * lies in [from, to). Readings outside their plausible range, or flagged as bad by hand, are left out; with `good` also those that
   * a test calls bad, as long as raw readings are kept. p50 and p95 interpolate linearly between order
   * statistics (Hyndman and Fan 1996, type 7).
   */
  buckets(
    period: DevicePeriod & { readonly every: Every; readonly fn: Aggregate; readonly good?: boolean },
  ): Promise<readonly Series[]>

  /**
   * Distributions of the readings in [from, to) that `readings` shows without a flag: of the first devices, in their order, at least one;
   * the rest is asked for again. A device that is not known has none.
   */
  distributions(question: DistributionQuestion): Promise<readonly DeviceDistributions[]>

  /** Latest of every device that was heard since then, from a table kept with each batch: never a scan of history. */
  latest(kind: Kind | null, since: TimeMs): Promise<readonly LatestDevice[]>

  /** Spans that overlap [from, to), oldest first. */
  states(filter: {
    readonly device?: string
    readonly devices?: readonly string[]
    readonly kind?: Kind
    readonly from: TimeMs
    readonly to: TimeMs
  }): Promise<readonly StateSpan[]>

  /** As `states` of a batch, outside one (a sweep of silent devices). */
  putStates(spans: readonly StoredSpan[]): Promise<void>

  /**
   * Sensors with hours to be judged, those that were judged longest ago first. An hour is marked in the transaction that writes
   * to it, so that no crash loses one.
   */
  unjudged(limit: number): Promise<readonly UnjudgedDevice[]>

  /** Puts flags in place of others and settles marks, in one transaction; means follow. The same again changes nothing. */
  judge(judged: JudgedStretch): Promise<FlagChanges>

  /** Marks the hours of [from, to) that have raw readings of sensors, or of one, to be judged anew; returns how many. */
  judgeAgain(from: TimeMs, to: TimeMs, device?: string): Promise<number>

  /** Flags in force that overlap [from, to), by begin and id. */
  flags(filter: FlagFilter): Promise<readonly QualityFlag[]>

  /** Sets one by hand. */
  putFlag(flag: QualityFlag): Promise<void>

  /** Takes one out of force; null when none of that id is. */
  retireFlag(id: string, at: TimeMs): Promise<QualityFlag | null>

  /** What was not taken, newest first; `cursor` is `next` of the page before; null when it is none of ours. */
  quarantine(filter: {
    readonly reason?: QuarantineReason
    readonly limit: number
    readonly cursor?: string
  }): Promise<{ readonly rows: readonly QuarantineRow[]; readonly next?: string } | null>

  counters(): Promise<StoredCounters>

  notes(): Promise<Readonly<Record<string, string>>>

  /** Positions of a device, oldest first. */
  track(device: string, from: TimeMs, to: TimeMs): Promise<readonly TrackPoint[]>

  /** Observations as stored, by kind and oldest first, in bounded memory. */
  exportRows(filter: RowFilter): AsyncIterable<TransferRow>

  /** Removes devices with all that is known of them. */
  forget(devices: readonly string[]): Promise<void>

  /**
   * Removes raw readings before `raw`, hourly means and state spans before `hourly`, quarantine older than 30 days. Both are
   * rounded down to a full hour, whose means are brought up to date first, without what is bad by hand or by a test: of hours without raw
   * readings these are left out whether good ones are asked for or not.
   */
  dropBefore(raw: TimeMs, hourly: TimeMs): Promise<void>

  /** Bytes on disk; null when the engine does not say. */
  bytes(): Promise<number | null>

  /** Upkeep for a quiet moment, at least once a minute: hourly means of hours that changed, then a checkpoint when it pays. */
  checkpoint(): Promise<void>

  /** Never throws. */
  health(): Promise<PartHealth>

  close(): Promise<void>
}
