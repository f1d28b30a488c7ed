// The list of measurements: a new one is a file beside this and a line here.

import { channel } from './channel.ts'
import { clients } from './clients.ts'
import { cpu } from './cpu.ts'
import { dns } from './dns.ts'
import { http } from './http.ts'
import { memory } from './memory.ts'
import type { Probe } from './probe.ts'
import { reach } from './reach.ts'
import { temperature } from './temperature.ts'
import { uptime } from './uptime.ts'

/** New probes: some remember the round before. */
export function createProbes(): readonly Probe[] {
  return [reach, dns, http, clients, channel(), uptime, cpu(), memory, temperature]
}
