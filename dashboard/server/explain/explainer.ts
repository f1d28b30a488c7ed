// What one subject (connectivity, air, transit) gives so that its numbers can be explained.

import type { Explanation } from '../../../contract/explain.ts'
import type { LiveDevice } from '../../../contract/feed.ts'
import type { Metric } from '../../../contract/metrics.ts'
import { formatTime, type TimeMs } from '../../../contract/time.ts'
import type { Context } from '../context.ts'
import type { Audience } from '../public-view.ts'

export interface Question {
  /** Name of what is asked for: `state`, `availability`, a metric, `ispu`… */
  readonly value: string
  /** The value as it was then; of a period its end, not included. */
  readonly at: TimeMs
  /** True when no time was asked for: the value as it is shown now. */
  readonly isNow: boolean
  /** Begin of a period, when the asker gave one. */
  readonly from: TimeMs | null
  /** Of a stop: whose arrival. */
  readonly route: string | null
  readonly audience: Audience
}

export interface Explainer {
  /** Values of the device, as it is now, that this explains to the audience; they become the device's `explain` links. */
  valuesOf(context: Context, device: LiveDevice, audience: Audience): readonly string[]
  /** Called for values that `valuesOf` names. */
  explain(context: Context, device: LiveDevice, question: Question): Promise<Explanation>
  /** Of a stop; null when this does not explain the value, or does not know the stop. Absent: it explains no stops. */
  explainStop?(context: Context, stop: string, question: Question): Promise<Explanation | null>
}

/** Of a value that rests on one thing, such as a reading as it was sent: whether that is there. */
export function oneOf(isThere: boolean): Explanation['completeness'] {
  const known = isThere ? 1 : 0
  return { known, needed: 1, share: known }
}

/** The address of a device's raw readings of these metrics in [from, to). */
export function readingsPath(device: string, metrics: readonly string[], from: TimeMs, to: TimeMs): string {
  const metric = metrics.length === 0 ? '' : `metric=${metrics.join(',')}&`
  return `/api/v1/devices/${encodeURIComponent(device)}/readings?${metric}from=${formatTime(from)}&to=${formatTime(to)}`
}

/** The plausible range of a metric, where one is known. */
export function rangeInputs(metric: Metric | undefined): Explanation['inputs'] {
  if (metric?.range === undefined) return []
  const { unit, range } = metric
  const [from, to] = range
  return [
    { name: 'range_from', value: from, unit },
    { name: 'range_to', value: to, unit },
  ]
}
