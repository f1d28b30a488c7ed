// Outages with one cause as one: while a hotspot is down, what hangs below it cannot be reached and is no outage of its own (domain B7); it is
// told under the outage of the one above. A hotspot that fell silent a moment before the one above it did is folded there as well.

import type { HotspotStatesAnswer } from '../../../../contract/api.ts'
import type { OutageAnswer } from '../../../../contract/api-staff.ts'
import { groupBy } from '../../../../domain/transit/feed-tables.ts'

/** Since when, until when what hangs below could not be reached; an outage of its own begins with that. */
export interface Below {
  readonly hotspot: string
  readonly from: string
  readonly to?: string
}

export interface OutageGroup {
  readonly outage: OutageAnswer
  /** In the order of their begin. */
  readonly below: readonly Below[]
}

/** The parent that a cause names; null for any other cause. */
export function parentOf(cause: string | null | undefined): string | null {
  return /^parent:(.+)$/.exec(cause ?? '')?.[1] ?? null
}

/** In the order of `outages`. `states`: of all hotspots in that time. */
export function outageGroups(
  outages: readonly OutageAnswer[],
  states: readonly HotspotStatesAnswer['hotspots'][number][],
): readonly OutageGroup[] {
  const ofHotspot = groupBy(outages, ({ hotspot }) => hotspot)
  const folded = new Set<string>()
  const below = new Map<string, Map<string, Below>>()
  for (const { id: hotspot, spans } of states) {
    for (const span of spans) {
      const above = ofHotspot.get(parentOf(span.cause) ?? '')?.find((one) => doOverlap(one, span))
      if (above === undefined) continue
      const own = ofHotspot.get(hotspot)?.find((one) => doOverlap(one, span))
      if (own !== undefined) folded.add(own.id)
      const members = below.get(above.id) ?? new Map<string, Below>()
      const known = members.get(hotspot)
      members.set(hotspot, own ?? joined(known, { hotspot, from: span.from, ...endOf(span) }))
      below.set(above.id, members)
    }
  }
  return outages
    .filter(({ id }) => !folded.has(id))
    .map((outage) => ({
      outage,
      below: [...(below.get(outage.id)?.values() ?? [])].sort((a, b) => (a.from < b.from ? -1 : 1)),
    }))
}

function joined(before: Below | undefined, next: Below): Below {
  return before === undefined ? next : { hotspot: next.hotspot, from: before.from, ...endOf(next) }
}

const endOf = ({ to }: { readonly to?: string }): { readonly to?: string } => (to === undefined ? {} : { to })

type Lasting = Pick<Below, 'from' | 'to'>

function doOverlap(a: Lasting, b: Lasting): boolean {
  const end = ({ to }: Lasting): number => (to === undefined ? Number.POSITIVE_INFINITY : Date.parse(to))
  return Date.parse(a.from) <= end(b) && Date.parse(b.from) <= end(a)
}
