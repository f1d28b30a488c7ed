// How old what is said of a device is, in words, by its freshness (reference/ui 2.2).

import type { DeviceFeature } from '../../contract/api.ts'
import type { TimeMs } from '../../contract/time.ts'
import { fmt } from './format.ts'
import { type Freshness, seenAt } from './freshness.ts'
import { t } from './text/texts.ts'

/** When the device was last heard: `12 detik yang lalu`. */
export function ageText(feature: DeviceFeature, now: TimeMs): string {
  const seen = seenAt(feature)
  return seen === null ? t('fresh.never') : fmt().relative(Math.min(0, seen - now))
}

/** The same, but of what is old the clock: nobody reckons back from `47 menit yang lalu`. */
export function freshText(feature: DeviceFeature, freshness: Freshness, now: TimeMs): string {
  const seen = seenAt(feature)
  if (seen === null) return t('fresh.never')
  if (freshness !== 'stale' && freshness !== 'unknown') return ageText(feature, now)
  const time = fmt().when(seen, now)
  return feature.properties.kind === 'vehicle' ? t('bus.lastseen', { time }) : t('fresh.stale', { time })
}
