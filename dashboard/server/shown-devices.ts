// Simulated devices are shown to everybody while there is no real one; once there is, the public and every summary and
// report go without them, unless PANTAU_SIMULATE is `on` (contract section 2). Staff see them, marked. A device that stands on
// private ground is staff's to see alone (reliability 7).

import { createHash } from 'node:crypto'
import type { LiveDevice } from '../../contract/feed.ts'
import type { Registry } from '../../contract/registry.ts'
import type { Context } from './context.ts'
import type { Audience } from './public-view.ts'

type Source = Pick<Context, 'settings' | 'registry'>
type Shown = Source & Pick<Context, 'parked'>

/** True when simulated devices count in what everybody sees. */
export function simulatedCount({ settings, registry }: Source): boolean {
  return settings.PANTAU_SIMULATE === 'on' || !registry().everReal
}

/** A vehicle that is parked where its driver lives is staff's to see as well. */
export function isShown(source: Shown, device: LiveDevice, audience: Audience): boolean {
  if (audience === 'staff') return true
  return isCounted(source, device) && !isPrivate(source, device.id) && !source.parked.isHidden(device)
}

/** True when the device belongs in summaries and reports, whoever asks. */
export function isCounted(source: Source, device: Pick<LiveDevice, 'simulated'>): boolean {
  return !device.simulated || simulatedCount(source)
}

/** True when the public is not told of the device of that id: `public` is false in the registry. */
export function isPrivate({ registry }: Pick<Source, 'registry'>, id: string): boolean {
  return privateDevices(registry()).ids.has(id)
}

/** Another text whenever `isShown` may have come to another answer about a device that has not changed itself. */
export function shownVersion(source: Shown): string {
  const simulated = simulatedCount(source) ? 1 : 0
  return `${simulated}.${source.parked.version()}.${privateDevices(source.registry()).digest}`
}

interface PrivateDevices {
  readonly ids: ReadonlySet<string>
  /** Everybody gets it in an ETag, so it is not the ids. */
  readonly digest: string
}

const kept = new WeakMap<Registry, PrivateDevices>()

function privateDevices(registry: Registry): PrivateDevices {
  const known = kept.get(registry)
  if (known !== undefined) return known
  const ids = registry.devices.filter((device) => device.public === false).map(({ id }) => id)
  const digest = createHash('sha256').update(ids.join(' ')).digest('base64url').slice(0, 12)
  const made = { ids: new Set(ids), digest }
  kept.set(registry, made)
  return made
}
