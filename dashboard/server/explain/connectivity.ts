// Explains the state of any device (domain B2, B7, B8), and of a hotspot its availability (B1), latency and loss (B5), and each value it sent.

import type { LiveDevice } from '../../../contract/feed.ts'
import type { Context } from '../context.ts'
import { type Audience, isTooFew } from '../public-view.ts'
import type { Explainer } from './explainer.ts'
import { explainAvailability, explainLatency, explainLoss } from './hotspot-period.ts'
import { explainReading } from './hotspot-reading.ts'
import { explainState } from './state.ts'

const OF_A_PERIOD = {
  availability: explainAvailability,
  latency_p50_ms: explainLatency,
  latency_p95_ms: explainLatency,
  loss_pct: explainLoss,
} as const

export const connectivity: Explainer = {
  valuesOf: (_context, device, audience) =>
    device.kind === 'hotspot'
      ? [...new Set(['state', ...Object.keys(OF_A_PERIOD), ...readingsOf(device, audience)])]
      : ['state'],
  explain: (context: Context, device, question) => {
    if (question.value === 'state') return explainState(context, device, question)
    // The name is a metric's too: without a period its latest value is meant.
    const isLatest = question.value === 'loss_pct' && question.from === null
    const ofPeriod = isOfPeriod(question.value) && !isLatest ? OF_A_PERIOD[question.value] : null
    return (ofPeriod ?? explainReading)(context, device, question)
  },
}

function isOfPeriod(value: string): value is keyof typeof OF_A_PERIOD {
  return Object.hasOwn(OF_A_PERIOD, value)
}

function readingsOf({ values }: LiveDevice, audience: Audience): readonly string[] {
  return Object.entries(values)
    .filter(([metric, { value }]) => audience === 'staff' || !isTooFew(metric, value))
    .map(([metric]) => metric)
}
