// Availability of a device in a period (domain B1): each moment is exactly one of up, down, unknown and maintenance, so what is not
// known never counts as either, and every answer says how much of the time is known.

import type { DeviceState } from '../../contract/device-state.ts'
import { SECOND, type TimeMs } from '../../contract/time.ts'
import { truncate } from '../rounding.ts'

/** [from, to) */
export type Span = readonly [from: TimeMs, to: TimeMs]

/** The device is in `state` from then on, until the next change. */
export interface StateChange {
  readonly time: TimeMs
  readonly state: DeviceState
}

export interface Availability {
  readonly up_s: number
  readonly down_s: number
  readonly unknown_s: number
  readonly maintenance_s: number
  /** up / (up + down); null when nothing is known. */
  readonly availability: number | null
  /** (up + down) / (up + down + unknown); null when all of the period is maintenance. */
  readonly knownShare: number | null
  /** Begun by down and ended by up alone: unknown or maintenance in between splits none. Those open at an end of the period count. */
  readonly outages: number
  /** Seconds up by outage, seconds down by outage; null without outages. */
  readonly mtbf_s: number | null
  readonly mttr_s: number | null
}

/** Availability in [from, to). `changes` and `maintenance` in any order; degraded is up; before the first change nothing is known. */
export function availability(
  period: Span,
  changes: readonly StateChange[],
  maintenance: readonly Span[],
): Availability {
  const ms = { up: 0, down: 0, unknown: 0, maintenance: 0 }
  let outages = 0
  let isOut = false
  for (const { state, lengthMs } of stretches(period, changes, maintenance)) {
    ms[state] += lengthMs
    if (state === 'down' && !isOut) outages += 1
    if (state === 'down') isOut = true
    if (state === 'up') isOut = false
  }
  const known = ms.up + ms.down
  return {
    up_s: ms.up / SECOND,
    down_s: ms.down / SECOND,
    unknown_s: ms.unknown / SECOND,
    maintenance_s: ms.maintenance / SECOND,
    availability: known === 0 ? null : ms.up / known,
    knownShare: known + ms.unknown === 0 ? null : known / (known + ms.unknown),
    outages,
    mtbf_s: outages === 0 ? null : ms.up / SECOND / outages,
    mttr_s: outages === 0 ? null : ms.down / SECOND / outages,
  }
}

/** Percent with two decimals, cut and not rounded: 99.999 shows 99.99, and 100 only when nothing was down. */
export function shownPercent(share: number): number {
  return truncate(100 * share, 2)
}

interface Stretch {
  readonly state: 'up' | 'down' | 'unknown' | 'maintenance'
  readonly lengthMs: number
}

/** The period cut at everything that changes in it. */
function stretches(
  [from, to]: Span,
  changes: readonly StateChange[],
  maintenance: readonly Span[],
): readonly Stretch[] {
  const events = [
    ...changes.map(({ time, state }) => ({ time, state, depth: 0 })),
    ...maintenance
      .filter(([begin, end]) => begin < end)
      .flatMap(([begin, end]) => [
        { time: begin, state: null, depth: 1 },
        { time: end, state: null, depth: -1 },
      ]),
  ].sort((a, b) => a.time - b.time)
  const cut: Stretch[] = []
  let state: DeviceState = 'unknown'
  let windows = 0
  let at = from
  for (const event of [...events, { time: to, state: null, depth: 0 }]) {
    const end = Math.min(Math.max(event.time, from), to)
    if (end > at) cut.push({ state: effective(state, windows), lengthMs: end - at })
    at = Math.max(at, end)
    state = event.state ?? state
    windows += event.depth
  }
  return cut
}

function effective(state: DeviceState, maintenanceWindows: number): Stretch['state'] {
  if (maintenanceWindows > 0) return 'maintenance'
  return state === 'degraded' ? 'up' : state
}
