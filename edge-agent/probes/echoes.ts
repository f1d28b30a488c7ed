// What a series of echoes says of a link, whatever carried them: latency, jitter and loss.

import { rounded, type Values } from './probe.ts'

export interface Echoes {
  readonly sent: number
  /** Round trip times in the order the echoes were sent; an echo without an answer is not here. */
  readonly rttsMs: readonly number[]
}

/**
 * Mean round trip, jitter as the mean difference of one answer to the next (RFC 3550 section 6.4.1 before smoothing, null with
 * fewer than two), loss in percent. Latency is null without any answer: a time-out is loss, not latency.
 */
export function summarise(echoes: Echoes): {
  latencyMs: number | null
  jitterMs: number | null
  lossPct: number
} {
  const { rttsMs } = echoes
  const sent = Math.max(1, echoes.sent, rttsMs.length)
  const steps = rttsMs.slice(1).map((rtt, index) => Math.abs(rtt - (rttsMs[index] ?? rtt)))
  return { latencyMs: mean(rttsMs), jitterMs: mean(steps), lossPct: (100 * (sent - rttsMs.length)) / sent }
}

/**
 * The link as the best of its targets sees it, least loss and then least latency: a far server that is down is no fault of the
 * link. `up` is 1 when any target answered; when none did, 0 and all lost, without latency. Empty without targets.
 */
export function linkValues(targets: readonly Echoes[]): Values {
  const [best] = targets
    .map(summarise)
    .sort(
      (one, other) =>
        one.lossPct - other.lossPct ||
        (one.latencyMs ?? Number.MAX_VALUE) - (other.latencyMs ?? Number.MAX_VALUE),
    )
  if (best === undefined) return {}
  if (best.latencyMs === null) return { up: 0, loss_pct: 100 }
  return {
    up: 1,
    latency_ms: rounded(best.latencyMs),
    ...(best.jitterMs === null ? {} : { jitter_ms: rounded(best.jitterMs) }),
    loss_pct: rounded(best.lossPct),
  }
}

function mean(values: readonly number[]): number | null {
  if (values.length === 0) return null
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
