// What devices were in through a period: ingest's spans with maintenance laid over (domain B1). Devices' states, strips, uptime, summary,
// outages and explanations are all made from these, so that they agree.

import type { StateSpan } from '../../contract/feed.ts'
import { DAY, type TimeMs } from '../../contract/time.ts'
import { type Availability, availability } from '../../domain/connectivity/availability.ts'
import { changesOf, layMaintenance, type Outage, outagesOf } from '../../domain/connectivity/state-history.ts'
import type { Context } from './context.ts'
import type { Period } from './parameters.ts'
import { partsOf } from './parts.ts'

/** Spans of one device that overlap the period, oldest first, not cut to it. */
export async function statesOf(
  context: Context,
  device: string,
  { from, to }: Period,
): Promise<readonly StateSpan[]> {
  const { spans } = await context.feed.call('states', { device, from, to })
  return laid(context, device, spans, { from, to })
}

/** Hotspots whose spans are asked for at once: of a quarter of a year each may have hundreds. */
const HOTSPOTS_AT_ONCE = 100

/** The same of each hotspot, in their order. */
export async function* hotspotStates(
  context: Context,
  hotspots: readonly string[],
  { from, to }: Period,
): AsyncIterable<readonly [id: string, spans: readonly StateSpan[]]> {
  for await (const devices of partsOf(hotspots, HOTSPOTS_AT_ONCE)) {
    const { spans } = await context.feed.call('states', { kind: 'hotspot', devices, from, to })
    const own = new Map<string, StateSpan[]>(devices.map((id) => [id, []]))
    for (const span of spans) own.get(span.device)?.push(span)
    for (const [id, ofHotspot] of own) yield [id, laid(context, id, ofHotspot, { from, to })]
  }
}

function laid(
  { maintenance, clock }: Context,
  device: string,
  spans: readonly StateSpan[],
  { from, to }: Period,
): readonly StateSpan[] {
  const windows = maintenance.windowsOf(device).filter(([begin, end]) => end > from && begin < to)
  return layMaintenance(device, spans, windows, clock.now())
}

/** Domain B1 in the period; what is to come is unknown. */
export function uptimeOf(spans: readonly StateSpan[], { from, to }: Period, now: TimeMs): Availability {
  return availability([from, to], changesOf(spans, now), [])
}

/** An outage may have begun before the period: so far back its begin is looked for. */
const LOOK_BACK_MS = 30 * DAY

export interface HotspotOutage extends Outage {
  /** `{hotspot}.{begin in ms}`. */
  readonly id: string
  readonly hotspot: string
}

/** Outages of the hotspots that touch the period, in order of their begin (domain B4). */
export async function outagesIn(
  context: Context,
  hotspots: readonly string[],
  { from, to }: Period,
): Promise<readonly HotspotOutage[]> {
  // Up to now, since one that lasted at the end of the period may have ended behind it.
  const until = Math.max(to, context.clock.now())
  const found: HotspotOutage[] = []
  const looked = { from: from - LOOK_BACK_MS, to: until }
  for await (const [hotspot, spans] of hotspotStates(context, hotspots, looked)) {
    for (const outage of outagesOf(spans)) {
      if (outage.from >= to || (outage.to !== undefined && outage.to <= from)) continue
      found.push({ id: `${hotspot}.${outage.from}`, hotspot, ...outage })
    }
  }
  return found.sort((a, b) => a.from - b.from || (a.id < b.id ? -1 : 1))
}
