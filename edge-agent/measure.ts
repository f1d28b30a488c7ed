// One round of measurements: every probe at once, and one that fails takes no other with it.

import type { Log } from './log.ts'
import type { Probe, ProbeContext, Values } from './probes/probe.ts'

export async function measure(probes: readonly Probe[], context: ProbeContext, log: Log): Promise<Values> {
  const results = await Promise.allSettled(probes.map((probe) => probe.measure(context)))
  const values: Values = {}
  for (const [index, result] of results.entries()) {
    if (result.status === 'fulfilled') Object.assign(values, result.value)
    // A fault of ours in one probe; the hotspot's other readings are worth more than a restart.
    else log.error(`probe ${probes[index]?.name} failed: ${String(result.reason)}`)
  }
  return values
}
