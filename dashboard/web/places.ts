// The place that the answers are for: the village's centre, a public place that was picked, or where the reader is. A picked
// one is kept as its id in a cookie; where the reader is stays in the page.

import type { DeviceFeature, VillageAnswer } from '../../contract/api.ts'
import { t } from './text/texts.ts'
import { stops } from './transit-plan.ts'

export { byDistance, positionOf } from './by-distance.ts'

export interface Place {
  readonly type: 'center' | 'mine' | 'point' | 'picked'
  /** Of what was picked: `stop:ID` or the device's id. */
  readonly id: string | null
  readonly lat: number
  readonly lon: number
  /** As the server named it, until the page knows it itself. */
  readonly name?: string
}

const COOKIE = 'pantau_place'
const YEAR_S = 31_536_000

export function centerOf(village: VillageAnswer): Place {
  return { type: 'center', id: null, ...village.center }
}

/** The place of that id, among stops and devices; null when there is none. */
export function placeOfId(id: string, devices: ReadonlyMap<string, DeviceFeature>): Place | null {
  const stop = id.startsWith('stop:') ? stops.get(id.slice(5)) : undefined
  if (stop !== undefined) return { type: 'picked', id, ...stop.position }
  const [lon, lat] = devices.get(id)?.geometry?.coordinates ?? []
  return lat === undefined || lon === undefined ? null : { type: 'picked', id, lat, lon }
}

export function placeName(
  place: Place,
  village: VillageAnswer,
  devices: ReadonlyMap<string, DeviceFeature>,
): string {
  switch (place.type) {
    case 'center':
      return t('place.center', { village: village.name })
    case 'mine':
      return t('place.mine')
    case 'point':
      return t('place.point')
    case 'picked': {
      const id = place.id ?? ''
      const stop = id.startsWith('stop:') ? stops.get(id.slice(5)) : undefined
      return stop?.name ?? devices.get(id)?.properties.name ?? place.name ?? t('place.point')
    }
  }
}

export function keptPlaceId(): string | null {
  const found = /(?:^|; )pantau_place=([^;]*)/.exec(document.cookie)
  return found === null ? null : decodeURIComponent(found[1] ?? '')
}

/** Keeps a picked place, and forgets it for any other. */
export function keepPlace(place: Place): void {
  const isPicked = place.type === 'picked' && place.id !== null
  const value = isPicked ? encodeURIComponent(place.id ?? '') : ''
  // biome-ignore lint/suspicious/noDocumentCookie: the other way to set one is asynchronous and not in every browser
  document.cookie = `${COOKIE}=${value}; path=/; max-age=${isPicked ? YEAR_S : 0}; samesite=strict`
}

export type Located =
  | { readonly ok: true; readonly place: Place; readonly accuracyM: number }
  | { readonly ok: false; readonly reason: 'denied' | 'timeout' | 'unsupported' }

const LOCATE_MS = 10_000

/** Asks the device where it is. Browsers tell it to secure pages alone. */
export function locate(): Promise<Located> {
  if (!canLocate()) return Promise.resolve({ ok: false, reason: 'unsupported' })
  return new Promise((done) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) =>
        done({
          ok: true,
          place: { type: 'mine', id: null, lat: coords.latitude, lon: coords.longitude },
          accuracyM: coords.accuracy,
        }),
      ({ code }) => done({ ok: false, reason: code === 1 ? 'denied' : 'timeout' }),
      { timeout: LOCATE_MS, maximumAge: 60_000, enableHighAccuracy: true },
    )
  })
}

export function canLocate(): boolean {
  return window.isSecureContext && 'geolocation' in navigator
}
