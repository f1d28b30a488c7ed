// Explains a device's state: since when, by which sign or which silence, and how long silence is borne (domain B2, B7, B8, maintenance B1).

import type { Explanation, ExplanationInput } from '../../../contract/explain.ts'
import type { LiveDevice, StateSpan } from '../../../contract/feed.ts'
import { unitOf } from '../../../contract/metrics.ts'
import { DAY, formatTime, SECOND, type TimeMs } from '../../../contract/time.ts'
import { PATIENCE, POOR_REPORTS, patienceMs } from '../../../domain/connectivity/device-state.ts'
import type { Context } from '../context.ts'
import { statesOf } from '../device-states.ts'
import type { Audience } from '../public-view.ts'
import { isPrivate } from '../shown-devices.ts'
import { oneOf, type Question, readingsPath } from './explainer.ts'
import { RULES } from './rules.ts'

/** So many intervals of readings around what decided are shown. */
const INTERVALS_SHOWN = 20

type Shown = Pick<LiveDevice, 'state' | 'since' | 'cause'>

export async function explainState(
  context: Context,
  device: LiveDevice,
  question: Question,
): Promise<Explanation> {
  const { at, isNow, value } = question
  const shown = isNow ? device : await stateThen(context, device.id, at)
  const decided =
    isNow && shown.state === 'down' ? (device.lastSeen ?? shown.since ?? at) : (shown.since ?? at)
  const everyMs = device.everyS * SECOND
  return {
    subject: { device: device.id, value },
    value: shown.state,
    time: formatTime(at),
    rule: RULES['device-state'],
    inputs: [
      ...timeInput('since', shown.since),
      ...(shown.cause === null ? [] : [{ name: 'cause', value: shown.cause }]),
      ...(isNow ? timeInput('last_sign', device.lastSeen) : []),
      ...evidenceOf(context, device, shown, question),
      { name: 'interval', value: device.everyS, unit: 's' },
      { name: 'missed_intervals', value: PATIENCE.missed, unit: 'count' },
      { name: 'grace', value: PATIENCE.graceMs / SECOND, unit: 's' },
      { name: 'silence_limit', value: patienceMs(everyMs) / SECOND, unit: 's' },
    ],
    // A state that is not known is one that no sign of life, and no end of one, tells.
    completeness: oneOf(shown.state !== 'unknown'),
    readings: readingsPath(
      device.id,
      device.kind === 'hotspot' ? ['up', 'latency_ms', 'loss_pct'] : [],
      Math.max(0, decided - INTERVALS_SHOWN * everyMs),
      Math.max(Math.min(at, decided + INTERVALS_SHOWN * everyMs), decided + 1),
    ),
  }
}

async function stateThen(context: Context, device: string, at: TimeMs): Promise<Shown> {
  const spans = await statesOf(context, device, { from: at - DAY, to: at + 1 })
  const span = spans.findLast(({ from, to }: StateSpan) => from <= at && (to === undefined || to > at))
  return span === undefined
    ? { state: 'unknown', since: null, cause: null }
    : { state: span.state, since: span.from, cause: span.cause }
}

/** What decided, by the cause. */
function evidenceOf(
  context: Context,
  device: LiveDevice,
  { state, since, cause }: Shown,
  question: Question,
): readonly ExplanationInput[] {
  if (state === 'maintenance') return maintenanceInputs(context, device.id, question)
  if (cause === null) return question.isNow ? readingInputs(device, ['up']) : []
  switch (cause) {
    case 'last_will':
      return timeInput('offline_message', since)
    case 'probe':
      return question.isNow
        ? [...timeInput('probe_failed', since), ...readingInputs(device, ['up'])]
        : timeInput('probe_failed', since)
    case 'silence': {
      const declared = question.isNow && device.lastSeen !== null
      const limitMs = patienceMs(device.everyS * SECOND)
      return [
        ...timeInput('first_missed', since),
        ...timeInput('silent_too_long', declared ? (device.lastSeen ?? 0) + limitMs : null),
      ]
    }
    case 'server_away':
      return timeInput('server_away', since)
    case 'poor':
      return [
        { name: 'poor_reports', value: POOR_REPORTS, unit: 'count' },
        ...(question.isNow ? readingInputs(device, ['loss_pct', 'latency_ms']) : []),
      ]
    case 'never_heard':
      return []
    default:
      return parentInputs(context, cause.slice('parent:'.length), question.audience)
  }
}

function maintenanceInputs(
  { maintenance }: Context,
  device: string,
  { at, audience }: Question,
): readonly ExplanationInput[] {
  const window = maintenance
    .windows()
    .find(({ devices, from, to }) => from <= at && at < to && (devices === 'all' || devices.includes(device)))
  if (window === undefined) return []
  const { from, to, reason, by } = window
  const told = [
    { name: 'maintenance_reason', value: reason },
    { name: 'announced_by', value: by },
  ]
  return [
    ...timeInput('maintenance_from', from),
    ...timeInput('maintenance_to', to),
    ...(audience === 'staff' ? told : []),
  ]
}

function parentInputs(context: Context, parent: string, audience: Audience): readonly ExplanationInput[] {
  const isUntold = audience === 'public' && isPrivate(context, parent)
  const above = isUntold ? undefined : context.mirror.device(parent)
  if (above === undefined) return [{ name: 'parent', value: parent }]
  return [
    { name: 'parent', value: above.name },
    { name: 'parent_state', value: above.state },
    ...timeInput('parent_since', above.since),
  ]
}

function readingInputs(
  { kind, values }: LiveDevice,
  metrics: readonly string[],
): readonly ExplanationInput[] {
  return metrics.flatMap((metric) => {
    const latest = values[metric]
    if (latest === undefined) return []
    const { value, time, flag } = latest
    return [
      {
        name: metric,
        value,
        unit: unitOf(kind, metric) ?? '',
        time: formatTime(time),
        ...(flag === undefined ? {} : { flag }),
      },
    ]
  })
}

export function timeInput(name: string, time: TimeMs | null): readonly ExplanationInput[] {
  return time === null ? [] : [{ name, value: formatTime(time), unit: 'time' }]
}
