// The order of the infrastructure desk (reference/ui 4): what needs somebody first. Pure, so that the rule can be read and tested.

import type { DeviceState } from '../../../../contract/device-state.ts'
import type { TimeMs } from '../../../../contract/time.ts'

/** Kept: `localeCompare` makes one anew for each pair. */
const { compare: byName } = new Intl.Collator()

export interface Ranked {
  readonly id: string
  readonly name: string
  readonly state: DeviceState
  readonly since: TimeMs | null
  readonly isAcknowledged: boolean
  readonly lossPct: number | null
  readonly latencyP95Ms: number | null
  readonly availability: number | null
}

/**
 * 1 down and not acknowledged, longest first; 2 down and acknowledged, longest first; 3 degraded by loss, then p95 latency;
 * 4 unknown, longest first; 5 maintenance; 6 up by lowest availability. Ties by name.
 */
export function worstFirst<T extends Ranked>(hotspots: readonly T[]): readonly T[] {
  return hotspots.toSorted(
    (a, b) =>
      groupOf(a) - groupOf(b) || withinGroup(a, b) || byName(a.name, b.name) || (a.id < b.id ? -1 : 1),
  )
}

function groupOf({ state, isAcknowledged }: Ranked): number {
  if (state === 'down') return isAcknowledged ? 2 : 1
  return { degraded: 3, unknown: 4, maintenance: 5, up: 6 }[state]
}

function withinGroup(a: Ranked, b: Ranked): number {
  switch (a.state) {
    case 'down':
    case 'unknown':
      // Since when is not known: longer than anything that is.
      return compare(a.since ?? Number.NEGATIVE_INFINITY, b.since ?? Number.NEGATIVE_INFINITY)
    case 'degraded':
      return compare(b.lossPct ?? -1, a.lossPct ?? -1) || compare(b.latencyP95Ms ?? -1, a.latencyP95Ms ?? -1)
    case 'maintenance':
      return 0
    case 'up':
      return compare(a.availability ?? 2, b.availability ?? 2)
  }
}

/** Of equals 0, the infinite ones too. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1
}
