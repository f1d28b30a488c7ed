// How long a name takes to resolve, asked of the server itself: no cache of this process lies between.

import { Resolver } from 'node:dns/promises'
import { type Probe, rounded } from './probe.ts'

export const dns: Probe = {
  name: 'dns',
  async measure({ settings, clock }) {
    if (settings.dnsName === null) return {}
    const resolver = new Resolver({ timeout: settings.answerTimeoutMs, tries: 1 })
    if (settings.dnsServer !== null) resolver.setServers([settings.dnsServer])
    const start = clock.monotonicMs()
    const answered = await resolver.resolve4(settings.dnsName).then(
      () => true,
      () => false,
    )
    return answered ? { dns_ms: rounded(clock.monotonicMs() - start) } : {}
  },
}
