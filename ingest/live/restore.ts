// What the store knows of a device, put back into live state after a start or an import: its values, its place, and the state it was
// last seen in, so that the state goes on where it was.

import type { StateSpan } from '../../contract/feed.ts'
import type { TimeMs } from '../../contract/time.ts'
import { type Heartbeat, POOR_REPORTS } from '../../domain/connectivity/device-state.ts'
import type { LatestDevice } from '../store/store.ts'
import { shownValue, type TrackedDevice } from './device.ts'

/** `span`: the last one of the device. Both null: nothing changes. */
export function restoreDevice(
  device: TrackedDevice,
  stored: LatestDevice | null,
  span: StateSpan | null,
): void {
  if (stored !== null) restoreValues(device, stored)
  const open = span !== null && span.to === undefined && span.state !== 'maintenance' ? span : null
  const lastSign = stored?.lastArrival ?? (open === null ? null : signBefore(open, device.heartbeat.everyMs))
  if (lastSign === null) return
  device.heartbeat = {
    ...device.heartbeat,
    lastSign,
    ...restoredState(open, lastSign, device.values['up']?.value === 0),
  }
  if (open === null) return
  const { state, from, cause } = open
  device.span = { device: device.known.id, kind: device.known.kind, from, state: open.state, cause }
  if (state === 'maintenance') return
  device.shown = { state, since: from, cause }
  device.isDown = state === 'down' || cause?.startsWith('parent:') === true
  if (state !== 'unknown') device.told = state
}

function restoreValues(device: TrackedDevice, stored: LatestDevice): void {
  for (const [metric, { value, time }] of Object.entries(stored.values)) {
    device.values[metric] = shownValue(stored.kind, metric, value, time, false, device.flags)
  }
  device.conflicts = stored.conflicts
  if (stored.position === null || device.known.kind !== 'vehicle') return
  const { time, trip, route, direction, occupancy, ...position } = stored.position
  device.position = position
  device.trip = {
    time,
    trip,
    route: route ?? device.known.route,
    direction,
    occupancy,
    alongM: null,
    offsetM: null,
  }
}

/** The latest that a device that sent no reading can have been heard, by the state it was in. */
function signBefore({ state, cause, from }: StateSpan, everyMs: number): TimeMs {
  return state === 'down' && cause === 'silence' ? from - everyMs : from
}

type Restored = Pick<Heartbeat, 'upSince' | 'saidDown' | 'poorReports' | 'degradedSince'>

function restoredState(open: StateSpan | null, lastSign: TimeMs, saidNoUplink: boolean): Restored {
  const isDegraded = open?.state === 'degraded'
  const wasUp = open?.state === 'up' || isDegraded
  return {
    // Without a span it is known up since then at least.
    upSince: wasUp && open !== null ? open.from : lastSign,
    saidDown: saidDown(open, lastSign, saidNoUplink),
    poorReports: isDegraded ? POOR_REPORTS : 0,
    degradedSince: isDegraded && open !== null ? open.from : null,
  }
}

function saidDown(open: StateSpan | null, lastSign: TimeMs, saidNoUplink: boolean): Heartbeat['saidDown'] {
  if (open?.state === 'down' && (open.cause === 'last_will' || open.cause === 'probe')) {
    return { since: open.from, cause: open.cause }
  }
  // It hung below a parent while its own probe failed.
  return saidNoUplink && open?.state === 'unknown' ? { since: lastSign, cause: 'probe' } : null
}
