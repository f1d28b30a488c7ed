// Clients and channel use from `iw`, which asks the kernel (nl80211).

import type { System } from '../../system.ts'
import {
  ASK_TIMEOUT_MS,
  type Association,
  type AssociationSource,
  addAssociations,
  associationOf,
  type Client,
  INTERFACE_NAME,
} from './association.ts'

export const iw: AssociationSource = {
  name: 'iw',
  async read(system, wanted) {
    const interfaces = await accessPoints(system, wanted)
    if (interfaces.length === 0) return null
    const all: Association[] = []
    for (const name of interfaces) {
      const result = await system.run('iw', ['dev', name, 'station', 'dump'], ASK_TIMEOUT_MS)
      if (!result.ran || result.code !== 0) return null
      all.push(parseStationDump(result.stdout))
    }
    return addAssociations(all)
  },
}

/** The access point interfaces, or those that are wanted; empty without `iw`. */
export async function accessPoints(system: System, wanted: readonly string[]): Promise<readonly string[]> {
  if (wanted.length > 0) return wanted
  const result = await system.run('iw', ['dev'], ASK_TIMEOUT_MS)
  return result.ran && result.code === 0 ? parseAccessPoints(result.stdout) : []
}

/** Names of the interfaces of `iw dev` that are of type AP. */
export function parseAccessPoints(stdout: string): string[] {
  const names: string[] = []
  let current: string | null = null
  for (const line of stdout.split('\n')) {
    const named = /^\s+(?:Interface (\S+)|Unnamed\/non-netdev interface)\s*$/.exec(line)
    if (named !== null) current = named[1] ?? null
    else if (/^\s+type AP\s*$/.test(line) && current !== null && INTERFACE_NAME.test(current))
      names.push(current)
  }
  return names
}

/** Clients of one interface, from `iw dev IF station dump`. */
export function parseStationDump(stdout: string): Association {
  const clients: Client[] = []
  for (const block of stdout.split(/^Station /m).slice(1)) {
    // A multi-link client has its links listed below, each with a signal of its own.
    const [own = ''] = block.split(/^\s*Link \d+:/m)
    const signal = /^\s*signal avg:\s*(-?\d+)/m.exec(own) ?? /^\s*signal:\s*(-?\d+)/m.exec(own)
    clients.push({
      authorized: !/^\s*authorized:\s*no\b/m.test(own),
      signalDbm: signal === null ? null : Number(signal[1]),
    })
  }
  return associationOf(clients)
}

export interface ChannelTimes {
  readonly activeMs: number
  readonly busyMs: number
}

/** Times of the channel in use, since the radio started, from `iw dev IF survey dump`; null when the driver does not count. */
export function parseSurvey(stdout: string): ChannelTimes | null {
  for (const block of stdout.split(/^Survey data from /m).slice(1)) {
    if (!block.includes('[in use]')) continue
    const active = /channel active time:\s*(\d+) ms/.exec(block)
    const busy = /channel busy time:\s*(\d+) ms/.exec(block)
    if (active !== null && busy !== null) return { activeMs: Number(active[1]), busyMs: Number(busy[1]) }
  }
  return null
}
