// Explains what is said of a hotspot for a period: availability (domain B1), percentiles of latency and mean loss (B5).

import type { Explanation } from '../../../contract/explain.ts'
import type { LiveDevice } from '../../../contract/feed.ts'
import { DAY, formatTime, SECOND } from '../../../contract/time.ts'
import type { Context } from '../context.ts'
import { statesOf, uptimeOf } from '../device-states.ts'
import type { Period } from '../parameters.ts'
import { wrongParameter } from '../refusal.ts'
import { measureHotspot } from '../uptime-measures.ts'
import { type Question, readingsPath } from './explainer.ts'
import { RULES } from './rules.ts'

/** Raw readings are gone through: who is not signed in may ask for so much at once. */
const LONGEST_PUBLIC_MS = 2 * DAY
const LONGEST_MS = 92 * DAY

function periodOf({ from, at, audience }: Question): Period {
  const period = { from: from ?? at - DAY, to: at }
  const longest = audience === 'public' ? LONGEST_PUBLIC_MS : LONGEST_MS
  if (period.to - period.from <= longest) return period
  throw wrongParameter('from', `from is more than ${longest / DAY} days before at; ask for less`)
}

const times = ({ from, to }: Period) => ({ from: formatTime(from), time: formatTime(to) })

export async function explainAvailability(
  context: Context,
  device: LiveDevice,
  question: Question,
): Promise<Explanation> {
  const period = periodOf(question)
  const uptime = uptimeOf(await statesOf(context, device.id, period), period, context.clock.now())
  const known = uptime.up_s + uptime.down_s
  return {
    subject: { device: device.id, value: question.value },
    value: uptime.availability === null ? null : 100 * uptime.availability,
    unit: '%',
    ...times(period),
    rule: RULES.availability,
    inputs: [
      { name: 'up_s', value: uptime.up_s, unit: 's' },
      { name: 'down_s', value: uptime.down_s, unit: 's' },
      { name: 'unknown_s', value: uptime.unknown_s, unit: 's' },
      { name: 'maintenance_s', value: uptime.maintenance_s, unit: 's' },
      { name: 'outages', value: uptime.outages, unit: 'count' },
      ...(uptime.mttr_s === null ? [] : [{ name: 'mttr_s', value: uptime.mttr_s, unit: 's' }]),
      ...(uptime.mtbf_s === null ? [] : [{ name: 'mtbf_s', value: uptime.mtbf_s, unit: 's' }]),
    ],
    // All of it maintenance: nothing is needed.
    completeness: { known, needed: known + uptime.unknown_s, share: uptime.knownShare ?? 1, unit: 's' },
    ...(uptime.availability === null ? { reason: 'nothing_known' } : {}),
    readings: readingsPath(device.id, ['up'], period.from, period.to),
  }
}

export async function explainLatency(
  context: Context,
  device: LiveDevice,
  question: Question,
): Promise<Explanation> {
  const period = periodOf(question)
  const measured = await measureHotspot(context.feed, device.id, period)
  const isMedian = question.value === 'latency_p50_ms'
  const value = isMedian ? measured.latency_p50_ms : measured.latency_p95_ms
  return {
    subject: { device: device.id, value: question.value },
    value,
    unit: 'ms',
    ...times(period),
    rule: measured.latency_error === 0 ? RULES.percentile : RULES['percentile-sketch'],
    inputs: [
      { name: 'percentile', value: isMedian ? 50 : 95, unit: '%' },
      { name: 'readings_used', value: measured.latencies, unit: 'count' },
      { name: 'error_at_most', value: 100 * measured.latency_error, unit: '%' },
    ],
    ...completenessOf(measured.latencies, device, period),
    ...(value === null ? { reason: 'no_readings' } : {}),
    readings: readingsPath(device.id, ['latency_ms'], period.from, period.to),
  }
}

export async function explainLoss(
  context: Context,
  device: LiveDevice,
  question: Question,
): Promise<Explanation> {
  const period = periodOf(question)
  const { loss_pct: value, losses } = await measureHotspot(context.feed, device.id, period)
  return {
    subject: { device: device.id, value: question.value },
    value,
    unit: '%',
    ...times(period),
    rule: RULES['mean-loss'],
    inputs: [{ name: 'readings_used', value: losses, unit: 'count' }],
    ...completenessOf(losses, device, period),
    ...(value === null ? { reason: 'no_readings' } : {}),
    readings: readingsPath(device.id, ['loss_pct'], period.from, period.to),
  }
}

/** Readings that came, of those that the hotspot's interval lets expect. */
function completenessOf(
  known: number,
  { everyS }: LiveDevice,
  { from, to }: Period,
): Pick<Explanation, 'completeness'> {
  const needed = Math.max(1, Math.floor((to - from) / (everyS * SECOND)))
  return { completeness: { known, needed, share: Math.min(1, known / needed) } }
}
