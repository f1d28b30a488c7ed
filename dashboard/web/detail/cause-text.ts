// Why a device is down, slow or unknown, in words.

import type { DeviceFeature } from '../../../contract/api.ts'
import { type TextKey, t } from '../text/texts.ts'

const CAUSES: Readonly<Record<string, TextKey>> = {
  last_will: 'cause.last_will',
  probe: 'cause.probe',
  silence: 'cause.silence',
  never_heard: 'cause.never_heard',
  server_away: 'cause.server_away',
  poor: 'cause.poor',
}

/** Null when there is none to tell. */
export function causeText(cause: string | null, devices: ReadonlyMap<string, DeviceFeature>): string | null {
  if (cause === null) return null
  const key = CAUSES[cause]
  if (key !== undefined) return t(key)
  if (!cause.startsWith('parent:')) return t('cause.other', { cause })
  const parent = cause.slice('parent:'.length)
  return t('cause.parent', { name: devices.get(parent)?.properties.name ?? parent })
}
