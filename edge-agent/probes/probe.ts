// A probe measures one thing of the hotspot. What it cannot measure it leaves out: absent is not zero.

import type { METRICS } from '../../contract/metrics.ts'
import type { Clock } from '../../contract/time.ts'
import type { System } from '../system.ts'
import type { Timers } from '../timers.ts'
import type { Target } from './target.ts'

export type HotspotMetric = keyof (typeof METRICS)['hotspot']

/** Metrics in the units of the contract. */
export type Values = Partial<Record<HotspotMetric, number>>

/** What is measured, and against what. */
export interface MeasureSettings {
  readonly targets: readonly Target[]
  /** Echoes sent to each target. */
  readonly pingCount: number
  /** How long one answer is waited for. */
  readonly answerTimeoutMs: number
  /** Name whose address is asked for; null measures no DNS. */
  readonly dnsName: string | null
  /** Address of the server to ask; null asks the system's. */
  readonly dnsServer: string | null
  /** Page that is fetched; null measures no HTTP. */
  readonly httpUrl: string | null
  /** Access point interfaces; empty finds them. */
  readonly wifi: readonly string[]
}

export interface ProbeContext {
  readonly settings: MeasureSettings
  readonly system: System
  readonly clock: Clock
  readonly timers: Timers
}

export interface Probe {
  readonly name: string
  measure(context: ProbeContext): Promise<Values>
}

/** Three decimals: a microsecond of a millisecond, and no endless digits on the wire. */
export function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000
}
