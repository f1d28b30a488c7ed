// The store behind ingest: readings on one side; on the other the ledger of how far the log was taken, what was counted and
// what was set aside. One interface, one suite (`store.suite.ts`), one file an engine (design D3, D5).

import type {
  Aggregate,
  Every,
  PartHealth,
  QuarantineRow,
  Series,
  StateSpan,
  TransferRow,
} from '../../contract/feed.ts'
import type { LogPosition } from '../../contract/log.ts'
import type {
  Flag,
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

/** A quality flag over [from, to) of one metric of a device, and the rule that set it (design D4). Identity: all but `to`. */
export interface FlagSpan {
  readonly device: string
  readonly metric: string
  readonly from: TimeMs
  readonly to: TimeMs
  readonly flag: Flag
  /** Name and version of the rule, or the account that set it by hand. */
  readonly rule: string
}

export interface WriteBatch {
  /** In order of the log. */
  readonly observations: readonly Observation[]
  readonly quarantined: readonly Quarantined[]
  /** Spans begun, ended or changed: one of the same (device, from) is replaced. */
  readonly states: readonly StoredSpan[]
  readonly flags?: readonly FlagSpan[]
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
   * `range`, else `arrival_time`, else one put by `flags`.
   */
  readings(period: DevicePeriod & { readonly limit: number }): Promise<{
    readonly series: readonly Series[]
    readonly next?: TimeMs
  }>

  /**
   * One point a bucket that has data, labelled by its start, cut in the village's time zone; a bucket on the edge holds what
   * lies in [from, to). Readings outside their plausible range are left out. p50 and p95 interpolate linearly between order
   * statistics (Hyndman and Fan 1996, type 7).
   */
  buckets(
    period: DevicePeriod & { readonly every: Every; readonly fn: Aggregate },
  ): Promise<readonly Series[]>

  /** Latest of every device that was heard since then, from a table kept with each batch: never a scan of history. */
  latest(kind: Kind | null, since: TimeMs): Promise<readonly LatestDevice[]>

  /** Spans that overlap [from, to), oldest first. */
  states(filter: {
    readonly device?: string
    readonly kind?: Kind
    readonly from: TimeMs
    readonly to: TimeMs
  }): Promise<readonly StateSpan[]>

  /** As `states` of a batch, outside one (a sweep of silent devices). */
  putStates(spans: readonly StoredSpan[]): Promise<void>

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
   * rounded down to a full hour, whose means are brought up to date first.
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
