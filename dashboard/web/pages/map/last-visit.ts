// What a resident saw last, kept for a visit without a network, and shown until something newer is known.

import { keepLastState, readLastState } from '../../live/last-state.ts'
import type { MapState } from './map-state.ts'

/** Without a live word for so long, what was kept is shown. */
const LAST_AFTER_MS = 3_000
const KEEP_EVERY_MS = 30_000

/** Keeps what is live as soon as there is any, then every half minute and whenever the page is left. Not for staff: what they see is not everybody's. */
export function keepForLater(state: MapState): void {
  const keep = (): void => {
    const { store, link } = state
    if (link !== 'live' || store.feedTime === null || store.isPaused) return
    void keepLastState({ time: store.feedTime, devices: [...store.devices.values()] })
  }
  setInterval(keep, KEEP_EVERY_MS)
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) keep()
  })
  window.addEventListener('pagehide', keep)
  // The first word may come late on a thin network, and leaving is too late on a phone that ends the page at once.
  const first = setInterval(() => {
    if (state.link !== 'live') return
    clearInterval(first)
    keep()
  }, LAST_AFTER_MS)
}

/** Shows what was kept: at once without a network, else when the feed keeps one waiting. */
export function showLastSoon({ store }: MapState): void {
  const show = async (): Promise<void> => {
    if (store.feedTime !== null) return
    const last = await readLastState()
    if (last !== null) store.applyLast(last.time, last.devices)
  }
  setTimeout(() => void show(), navigator.onLine ? LAST_AFTER_MS : 0)
}
