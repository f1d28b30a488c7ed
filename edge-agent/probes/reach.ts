// Whether the hotspot reaches the world, and how well: latency, jitter and loss to its targets, all at once.

import type { Echoes } from './echoes.ts'
import { linkValues } from './echoes.ts'
import { pingHost } from './ping.ts'
import type { Probe, ProbeContext } from './probe.ts'
import type { Target } from './target.ts'
import { tcpEchoes } from './tcp.ts'

/** Where a host answers that is asked without a port and without `ping`. */
const FALLBACK_PORT = 443

export const reach: Probe = {
  name: 'reach',
  measure: async (context) =>
    linkValues(await Promise.all(context.settings.targets.map((target) => echoesOf(target, context)))),
}

async function echoesOf(target: Target, context: ProbeContext): Promise<Echoes> {
  const { pingCount, answerTimeoutMs } = context.settings
  const byPing =
    target.port === null ? await pingHost(context.system, target.host, pingCount, answerTimeoutMs) : null
  const port = target.port ?? FALLBACK_PORT
  return (
    byPing ?? (await tcpEchoes(target.host, port, pingCount, answerTimeoutMs, context.clock, context.timers))
  )
}
