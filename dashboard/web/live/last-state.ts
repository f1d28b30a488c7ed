// What the page last knew, kept in this browser for the next time it opens without a network (reference/ui 2.13): with its time, from
// which freshness is reckoned anew. Only what everybody may see is kept, and only where the browser offers a cache (secure contexts).

import type { DeviceFeature } from '../../../contract/api.ts'
import type { TimeMs } from '../../../contract/time.ts'

export interface LastState {
  readonly time: TimeMs
  readonly devices: readonly DeviceFeature[]
}

const CACHE = 'pantau-last-state'
const KEY = '/last-state'
const MOST_BYTES = 2 * 1024 * 1024

export async function keepLastState(state: LastState): Promise<void> {
  if (!('caches' in window)) return
  const text = JSON.stringify(state)
  if (text.length > MOST_BYTES) return
  const cache = await caches.open(CACHE)
  await cache.put(KEY, new Response(text, { headers: { 'content-type': 'application/json' } }))
}

/** Null when nothing was kept. */
export async function readLastState(): Promise<LastState | null> {
  if (!('caches' in window)) return null
  const kept = await caches.match(KEY, { cacheName: CACHE })
  // Written by `keepLastState` alone.
  return kept === undefined ? null : ((await kept.json()) as LastState)
}
