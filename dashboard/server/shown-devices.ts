// Simulated devices are shown to everybody while there is no real one; once there is, the public and every summary and
// report go without them, unless PANTAU_SIMULATE is `on` (contract section 2). Staff see them, marked.

import type { LiveDevice } from '../../contract/feed.ts'
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
  return audience === 'staff' || (isCounted(source, device) && !source.parked.isHidden(device))
}

/** True when the device belongs in summaries and reports, whoever asks. */
export function isCounted(source: Source, device: Pick<LiveDevice, 'simulated'>): boolean {
  return !device.simulated || simulatedCount(source)
}
