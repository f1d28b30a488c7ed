// Outages out of spans of state (domain B1): one begins with down and only up, or degraded, ends it; unknown and
// maintenance in between do not split it.

import type { StateSpan } from '../../contract/feed.ts'
import type { TimeMs } from '../../contract/time.ts'

export interface Outage {
  /** `{hotspot}.{begin in ms}`. */
  readonly id: string
  readonly hotspot: string
  readonly from: TimeMs
  /** Absent while it lasts. */
  readonly to?: TimeMs
  readonly cause: string | null
}

/** Outages of each device, in order of their begin. `spans` are whole, of any devices, oldest first within a device. */
export function outagesOf(spans: readonly StateSpan[]): readonly Outage[] {
  const open = new Map<string, StateSpan>()
  const outages: Outage[] = []
  const close = (begun: StateSpan, to?: TimeMs): void => {
    const { device, from, cause } = begun
    outages.push({
      id: `${device}.${from}`,
      hotspot: device,
      from,
      ...(to === undefined ? {} : { to }),
      cause,
    })
  }
  for (const span of spans) {
    const begun = open.get(span.device)
    if (span.state === 'down' && begun === undefined) open.set(span.device, span)
    if ((span.state === 'up' || span.state === 'degraded') && begun !== undefined) {
      close(begun, span.from)
      open.delete(span.device)
    }
  }
  for (const begun of open.values()) close(begun)
  return outages.sort((a, b) => a.from - b.from || (a.id < b.id ? -1 : 1))
}
