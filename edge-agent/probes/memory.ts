// How much memory is in use, from /proc/meminfo (proc(5)): all but MemAvailable, or, before Linux 3.14, all but what is free,
// buffered or cached.

import { type Probe, rounded } from './probe.ts'

export const memory: Probe = {
  name: 'memory',
  async measure({ system }) {
    const percent = parseMemoryPct((await system.readText('/proc/meminfo')) ?? '')
    return percent === null ? {} : { mem_pct: rounded(percent) }
  },
}

/** Percent in use; null when the text does not say. */
export function parseMemoryPct(text: string): number | null {
  const kib = new Map<string, number>()
  for (const [, name, value] of text.matchAll(/^(\w+): +(\d+) kB$/gm)) kib.set(name ?? '', Number(value))
  const total = kib.get('MemTotal') ?? 0
  const free = kib.get('MemFree')
  const available =
    kib.get('MemAvailable') ??
    (free === undefined ? undefined : free + (kib.get('Buffers') ?? 0) + (kib.get('Cached') ?? 0))
  if (total <= 0 || available === undefined) return null
  return Math.min(100, Math.max(0, 100 * (1 - available / total)))
}
