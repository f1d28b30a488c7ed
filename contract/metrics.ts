// One row a metric: unit and plausible range by kind (contract section 3). A new metric is a row here: the range
// flag, the unit in every answer and the axis of its chart follow from it.

import type { Kind } from './topics.ts'

export interface Metric {
  /** As written in answers; empty for a number without dimension. */
  readonly unit: string
  /** Plausible range, bounds inside; absent where none is known. */
  readonly range?: readonly [number, number]
}

const count = (most: number): Metric => ({ unit: 'count', range: [0, most] })
const percent: Metric = { unit: '%', range: [0, 100] }
const gas: Metric = { unit: 'ug/m3', range: [0, 5_000] }
const particles: Metric = { unit: 'ug/m3', range: [0, 2_000] }
const milliseconds: Metric = { unit: 'ms', range: [0, 60_000] }
const yesNo: Metric = { unit: '', range: [0, 1] }
const battery: Metric = { unit: 'V', range: [0, 100] }
const signal: Metric = { unit: 'dBm', range: [-120, 0] }
const celsius: Metric = { unit: 'degC', range: [-40, 85] }

export const METRICS = {
  hotspot: {
    up: yesNo,
    latency_ms: milliseconds,
    jitter_ms: milliseconds,
    loss_pct: percent,
    down_mbps: { unit: 'Mbit/s', range: [0, 100_000] },
    up_mbps: { unit: 'Mbit/s', range: [0, 100_000] },
    clients: count(10_000),
    rssi_dbm: signal,
    channel_util_pct: percent,
    dns_ms: milliseconds,
    http_ms: milliseconds,
    uptime_s: { unit: 's', range: [0, 4e9] },
    cpu_pct: percent,
    mem_pct: percent,
    temperature: celsius,
    battery_v: battery,
    queue: { unit: 'count', range: [0, 1e12] },
    lost: { unit: 'count', range: [0, 1e12] },
  },
  sensor: {
    pm1: particles,
    pm2_5: particles,
    pm10: particles,
    co: { unit: 'ug/m3', range: [0, 200_000] },
    no2: gas,
    so2: gas,
    o3: gas,
    hc: gas,
    co2: { unit: 'ppm', range: [200, 40_000] },
    voc_index: { unit: '', range: [0, 500] },
    temperature: celsius,
    humidity: { unit: '%RH', range: [0, 100] },
    pressure: { unit: 'hPa', range: [300, 1_100] },
    noise_dba: { unit: 'dB(A)', range: [0, 140] },
    rain_mm: { unit: 'mm', range: [0, 2_000] },
    water_level_cm: { unit: 'cm', range: [-100, 2_000] },
    wind_ms: { unit: 'm/s', range: [0, 75] },
    wind_dir: { unit: 'degrees', range: [0, 360] },
    battery_v: battery,
    rssi_dbm: signal,
  },
  vehicle: {
    speed: { unit: 'm/s', range: [0, 60] },
    passengers: count(1_000),
    door: yesNo,
    battery_v: battery,
  },
} as const satisfies Record<Kind, Record<string, Metric>>

export const METRIC_NAME = /^[a-z][a-z0-9_]{0,40}$/
export const METRIC_NAME_RULE = '1 to 41 of a-z, 0-9 and _, beginning with a letter'

/** The known metric of that name and kind; undefined when the name is not known (it is stored all the same). */
export function metricOf(kind: Kind, name: string): Metric | undefined {
  const metrics: Record<string, Metric> = METRICS[kind]
  return Object.hasOwn(metrics, name) ? metrics[name] : undefined
}

/** The unit as written in answers; null for a metric that is not known. */
export function unitOf(kind: Kind, name: string): string | null {
  return metricOf(kind, name)?.unit ?? null
}

/** True when the value lies outside the plausible range of a known metric: stored, flagged `range`, used in no index. */
export function isOutOfRange(kind: Kind, name: string, value: number): boolean {
  const range = metricOf(kind, name)?.range
  return range !== undefined && (value < range[0] || value > range[1])
}
