// The broker wakes ingest over a Unix socket in the data folder: JSON lines, one after each synced group of the log and
// one a second. The log itself is the truth (design D2); a lost line costs a moment, nothing else.

import type { LogPosition } from './log.ts'
import type { TimeMs } from './time.ts'
import type { Vitals } from './vitals.ts'

export interface WakeLine {
  /** Everything before this position is on disk. */
  readonly end: LogPosition
  readonly time: TimeMs
  /** Sent once a second and at the start; whole numbers since the data folder began, as the broker knows them. */
  readonly broker?: BrokerStatus
}

export interface BrokerStatus {
  readonly since: TimeMs
  readonly clients: number
  readonly received: number
  readonly acknowledged: number
  readonly refused: Readonly<Record<string, number>>
  readonly logBytes: number
  readonly logSegments: number
  /** False while nothing is acknowledged, with the reason. */
  readonly accepting: boolean
  readonly detail: string
  readonly vitals?: Vitals
}

/** Ingest answers on the same socket: what the store has, so that the broker may remove segments before it. */
export interface StoredLine {
  readonly stored: LogPosition
}
