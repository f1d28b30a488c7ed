// Which columns a kind's rows have: the known metrics of `contract/metrics.ts`, and what may come with an observation.
// A new row there is a new column here; metrics of unknown name are kept apart, one row a reading.

import { METRICS, metricOf } from '../../contract/metrics.ts'
import { KINDS, type Kind } from '../../contract/topics.ts'

/** Numbers that come with an observation and are no readings. `position_` keeps them apart from metrics such as `speed`. */
export const CONTEXT_NUMBERS = [
  'position_lat',
  'position_lon',
  'position_speed',
  'position_bearing',
  'position_accuracy',
  'direction',
] as const
export const CONTEXT_TEXTS = ['trip', 'route', 'occupancy'] as const

export type ContextNumber = (typeof CONTEXT_NUMBERS)[number]
export type ContextText = (typeof CONTEXT_TEXTS)[number]

/** Known metrics of each kind in the order of their columns. */
export const KNOWN_METRICS: Readonly<Record<Kind, readonly string[]>> = {
  hotspot: Object.keys(METRICS.hotspot),
  sensor: Object.keys(METRICS.sensor),
  vehicle: Object.keys(METRICS.vehicle),
}

/** Numeric columns of each kind: metrics first, then the context. */
export const NUMBER_COLUMNS: Readonly<Record<Kind, readonly string[]>> = {
  hotspot: [...KNOWN_METRICS.hotspot, ...CONTEXT_NUMBERS],
  sensor: [...KNOWN_METRICS.sensor, ...CONTEXT_NUMBERS],
  vehicle: [...KNOWN_METRICS.vehicle, ...CONTEXT_NUMBERS],
}

const indexes: Readonly<Record<Kind, ReadonlyMap<string, number>>> = {
  hotspot: indexOf('hotspot'),
  sensor: indexOf('sensor'),
  vehicle: indexOf('vehicle'),
}

function indexOf(kind: Kind): ReadonlyMap<string, number> {
  return new Map(KNOWN_METRICS[kind].map((metric, index) => [metric, index]))
}

/** Column of a known metric among `NUMBER_COLUMNS`; undefined for an unknown one. */
export function columnOf(kind: Kind, metric: string): number | undefined {
  return indexes[kind].get(metric)
}

/** Plausible range of a metric; null where none is known. */
export function rangeOf(kind: Kind, metric: string): readonly [number, number] | null {
  return metricOf(kind, metric)?.range ?? null
}

/** Changes when a known metric or a range does: hourly means made under other ranges are then made anew. */
export function rangesFingerprint(): string {
  return JSON.stringify(
    KINDS.map((kind) => KNOWN_METRICS[kind].map((metric) => [metric, rangeOf(kind, metric)])),
  )
}
