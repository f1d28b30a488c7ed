// How busy the air was since the round before on the busiest of the hotspot's channels, from the radio's own counters.

import type { System } from '../system.ts'
import { type Probe, rounded } from './probe.ts'
import { ASK_TIMEOUT_MS } from './wifi/association.ts'
import { accessPoints, type ChannelTimes, parseSurvey } from './wifi/iw.ts'

export function channel(): Probe {
  const before = new Map<string, ChannelTimes>()
  return {
    name: 'channel',
    async measure({ system, settings }) {
      const shares: number[] = []
      for (const name of await accessPoints(system, settings.wifi)) {
        const now = await readTimes(system, name)
        if (now === null) continue
        const share = busyShare(before.get(name), now)
        before.set(name, now)
        if (share !== null) shares.push(share)
      }
      return shares.length === 0 ? {} : { channel_util_pct: rounded(100 * Math.max(...shares)) }
    },
  }
}

async function readTimes(system: System, name: string): Promise<ChannelTimes | null> {
  const result = await system.run('iw', ['dev', name, 'survey', 'dump'], ASK_TIMEOUT_MS)
  return result.ran && result.code === 0 ? parseSurvey(result.stdout) : null
}

/** Busy part of the time between, 0 to 1; null at first, and when the counters began anew or stood still. */
export function busyShare(before: ChannelTimes | undefined, now: ChannelTimes): number | null {
  if (before === undefined || now.activeMs <= before.activeMs || now.busyMs < before.busyMs) return null
  return Math.min(1, (now.busyMs - before.busyMs) / (now.activeMs - before.activeMs))
}
