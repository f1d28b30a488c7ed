// State of a device from its signs of life (domain B2) and the quality it reports (B8). What is kept of a device is a few numbers;
// its state at any time is a function of them, so that a timer decides nothing: it only asks again.

import type { DeviceState, StateCause } from '../../contract/device-state.ts'
import type { TimeMs } from '../../contract/time.ts'

/** Of the rule (B2, B7, B8): it stands in each stored span. Raised with every change that may give another state for the same signs. */
export const STATE_VERSION = '1'

/** How long silence is borne. */
export interface Patience {
  /** Intervals without a sign. */
  readonly missed: number
  /** On top of them. */
  readonly graceMs: number
}

export const PATIENCE: Patience = { missed: 3, graceMs: 10_000 }

/** Poor reports in a row after which a device that is up is degraded (B8). */
export const POOR_REPORTS = 3

/** A device that reports every `everyMs`. */
export interface Heartbeat {
  readonly everyMs: number
  readonly patience: Patience
  /** Arrival of the last sign of life; null when it was never heard. */
  readonly lastSign: TimeMs | null
  /** Since when signs have come without a break. */
  readonly upSince: TimeMs | null
  /** It said, or its own agent measured, that it is down. */
  readonly saidDown: { readonly since: TimeMs; readonly cause: 'last_will' | 'probe' } | null
  /** Since when our own broker has been listening; null while it is not. */
  readonly listeningSince: TimeMs | null
  /** Since when it has not, while it does not. */
  readonly awaySince: TimeMs | null
  readonly poorReports: number
  readonly degradedSince: TimeMs | null
}

export type Sign =
  /** `up`: the metric of that name; `isPoor`: its grade by B8, null when it says none. */
  | { readonly type: 'reading'; readonly up: boolean; readonly isPoor: boolean | null }
  | { readonly type: 'online' }
  | { readonly type: 'offline' }

export interface StateNow {
  readonly state: Exclude<DeviceState, 'maintenance'>
  /** Null when it is not known since when. */
  readonly since: TimeMs | null
  readonly cause: StateCause | null
}

/** A device of which nothing is known yet. */
export function unheard(
  everyMs: number,
  listeningSince: TimeMs | null,
  patience: Patience = PATIENCE,
): Heartbeat {
  return {
    everyMs,
    patience,
    lastSign: null,
    upSince: null,
    saidDown: null,
    listeningSince,
    awaySince: null,
    poorReports: 0,
    degradedSince: null,
  }
}

/** Silence longer than this, in ms, means down; exactly this does not yet. */
export const patienceMs = (everyMs: number, { missed, graceMs }: Patience = PATIENCE): number =>
  missed * everyMs + graceMs

/** The device's state at `now` by B2. A degraded device counts as up everywhere but in what people see. */
export function stateAt(heartbeat: Heartbeat, now: TimeMs): StateNow {
  const { everyMs, lastSign, upSince, saidDown, listeningSince, awaySince } = heartbeat
  if (lastSign === null) return { state: 'unknown', since: null, cause: 'never_heard' }
  if (awaySince !== null) return { state: 'unknown', since: awaySince, cause: 'server_away' }
  const patience = patienceMs(everyMs, heartbeat.patience)
  if (listeningSince !== null && lastSign < listeningSince) {
    return now <= listeningSince + patience
      ? { state: 'unknown', since: listeningSince, cause: 'server_away' }
      : { state: 'down', since: Math.max(lastSign + everyMs, listeningSince), cause: 'silence' }
  }
  if (saidDown !== null) return { state: 'down', since: saidDown.since, cause: saidDown.cause }
  if (now > lastSign + patience) return { state: 'down', since: lastSign + everyMs, cause: 'silence' }
  return heartbeat.degradedSince === null
    ? { state: 'up', since: upSince, cause: null }
    : { state: 'degraded', since: heartbeat.degradedSince, cause: 'poor' }
}

/** When `stateAt` may give another answer without a sign coming; null when only a sign changes it. */
export function nextChange(heartbeat: Heartbeat, now: TimeMs): TimeMs | null {
  const { everyMs, patience, lastSign, saidDown, listeningSince, awaySince } = heartbeat
  if (lastSign === null || awaySince !== null) return null
  const isBefore = listeningSince !== null && lastSign < listeningSince
  if (saidDown !== null && !isBefore) return null
  const change = (isBefore ? listeningSince : lastSign) + patienceMs(everyMs, patience) + 1
  return change > now ? change : null
}

/** The heartbeat after a sign that arrived at `arrival`. */
export function onSign(heartbeat: Heartbeat, sign: Sign, arrival: TimeMs): Heartbeat {
  const before = stateAt(heartbeat, arrival)
  const isOffline = sign.type === 'offline'
  const isDown = isOffline || (sign.type === 'reading' && !sign.up)
  const heard = { ...heartbeat, lastSign: Math.max(heartbeat.lastSign ?? arrival, arrival) }
  if (isDown) {
    const cause = isOffline ? ('last_will' as const) : ('probe' as const)
    // What said it first stands, as long as nothing said otherwise in between.
    const saidDown =
      heartbeat.saidDown?.cause === cause && before.state === 'down'
        ? heartbeat.saidDown
        : { since: arrival, cause }
    return { ...heard, upSince: null, saidDown, poorReports: 0, degradedSince: null }
  }
  const wasUp = before.state === 'up' || before.state === 'degraded'
  // `online` says that the link is there; that the agent's probe failed stands until a reading says otherwise.
  if (sign.type === 'online' && heartbeat.saidDown?.cause === 'probe' && before.state === 'down') return heard
  // Poor reports from before an outage are of another link; our own absence breaks no row of them.
  const counted = before.state === 'down' ? { ...heard, poorReports: 0, degradedSince: null } : heard
  const quality = sign.type === 'reading' ? onQuality(counted, sign.isPoor, arrival) : {}
  return { ...counted, upSince: wasUp ? heartbeat.upSince : arrival, saidDown: null, ...quality }
}

function onQuality(
  heartbeat: Heartbeat,
  isPoor: boolean | null,
  arrival: TimeMs,
): Pick<Heartbeat, 'poorReports' | 'degradedSince'> {
  if (isPoor === null) return { poorReports: heartbeat.poorReports, degradedSince: heartbeat.degradedSince }
  if (!isPoor) return { poorReports: 0, degradedSince: null }
  const poorReports = heartbeat.poorReports + 1
  const degradedSince = poorReports >= POOR_REPORTS ? (heartbeat.degradedSince ?? arrival) : null
  return { poorReports, degradedSince }
}

/** Our broker listens again, or for the first time. */
export function onListening(heartbeat: Heartbeat, at: TimeMs): Heartbeat {
  return { ...heartbeat, listeningSince: at, awaySince: null }
}

/** Our broker was found not to listen. */
export function onAway(heartbeat: Heartbeat, at: TimeMs): Heartbeat {
  return heartbeat.awaySince === null ? { ...heartbeat, awaySince: at } : heartbeat
}
