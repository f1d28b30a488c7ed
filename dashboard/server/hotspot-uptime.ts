// Uptime of one hotspot in a period by domain B1: each moment is up, down, unknown or maintenance, and exactly one.

import type { StateSpan } from '../../contract/feed.ts'
import { SECOND, type TimeMs } from '../../contract/time.ts'
import type { Period } from './parameters.ts'

export interface Uptime {
  /** up / (up + down); null when nothing is known. */
  readonly availability: number | null
  /** (up + down) / (up + down + unknown); null when all of it is maintenance. */
  readonly knownShare: number | null
  readonly up_s: number
  readonly down_s: number
  readonly unknown_s: number
  readonly maintenance_s: number
  readonly outages: number
  readonly mtbf_s: number | null
  readonly mttr_s: number | null
}

/** `spans` of one device, oldest first; where there is none, nothing is known. `maintenance` as [from, to). */
export function uptimeOf(
  spans: readonly StateSpan[],
  maintenance: readonly (readonly [TimeMs, TimeMs])[],
  period: Period,
): Uptime {
  const totals = { up: 0, down: 0, unknown: 0, maintenance: 0 }
  let outages = 0
  let isOut = false
  const cuts = boundaries(spans, maintenance, period)
  cuts.slice(0, -1).forEach((from, index) => {
    const state = stateAt(spans, maintenance, from)
    totals[state] += ((cuts[index + 1] ?? from) - from) / SECOND
    if (state === 'down' && !isOut) outages += 1
    if (state === 'down') isOut = true
    if (state === 'up') isOut = false
  })
  const known = totals.up + totals.down
  return {
    availability: known === 0 ? null : totals.up / known,
    knownShare: known + totals.unknown === 0 ? null : known / (known + totals.unknown),
    up_s: totals.up,
    down_s: totals.down,
    unknown_s: totals.unknown,
    maintenance_s: totals.maintenance,
    outages,
    mtbf_s: outages === 0 ? null : totals.up / outages,
    mttr_s: outages === 0 ? null : totals.down / outages,
  }
}

/** Every moment of the period at which something may change, its begin and end among them. */
function boundaries(
  spans: readonly StateSpan[],
  maintenance: readonly (readonly [TimeMs, TimeMs])[],
  { from, to }: Period,
): readonly TimeMs[] {
  const times = [...spans.flatMap((span) => [span.from, span.to ?? to]), ...maintenance.flat()]
  const inside = times.filter((time) => time > from && time < to)
  return [...new Set([from, ...inside, to])].sort((a, b) => a - b)
}

function stateAt(
  spans: readonly StateSpan[],
  maintenance: readonly (readonly [TimeMs, TimeMs])[],
  time: TimeMs,
): 'up' | 'down' | 'unknown' | 'maintenance' {
  if (maintenance.some(([from, to]) => from <= time && time < to)) return 'maintenance'
  const span = spans.find(({ from, to }) => from <= time && (to === undefined || time < to))
  if (span === undefined) return 'unknown'
  return span.state === 'degraded' ? 'up' : span.state
}
