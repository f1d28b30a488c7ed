// Seconds since the hotspot started, from /proc/uptime: `803211.42 1578032.10`.

import type { Probe } from './probe.ts'

export const uptime: Probe = {
  name: 'uptime',
  async measure({ system }) {
    const seconds = parseUptime((await system.readText('/proc/uptime')) ?? '')
    return seconds === null ? {} : { uptime_s: seconds }
  },
}

/** Null when the text is not of the form. */
export function parseUptime(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s/.exec(text)
  return match === null ? null : Number(match[1])
}
