// How long a small page takes, from the name to the last byte: what a resident at the hotspot waits for.

import { fetchOnce } from './fetch.ts'
import { type Probe, rounded } from './probe.ts'

const MAX_BYTES = 262_144

export const http: Probe = {
  name: 'http',
  async measure({ settings, clock }) {
    if (settings.httpUrl === null) return {}
    const limits = { maxBytes: MAX_BYTES, maxMs: 5 * settings.answerTimeoutMs }
    const exchange = await fetchOnce(settings.httpUrl, limits, clock)
    // An error page, or one that was cut, is not the page whose time is asked for.
    if (exchange === null || exchange.cut || exchange.status < 200 || exchange.status > 399) return {}
    return { http_ms: rounded(exchange.totalMs) }
  },
}
