// Who explains what: a subject is a file here and a line. The first that knows a value explains it.

import type { LiveDevice } from '../../../contract/feed.ts'
import type { Context } from '../context.ts'
import type { Audience } from '../public-view.ts'
import { air } from './air.ts'
import { connectivity } from './connectivity.ts'
import type { Explainer } from './explainer.ts'
import { transit } from './transit.ts'
import { vehicle } from './vehicle.ts'

export const EXPLAINERS: readonly Explainer[] = [vehicle, connectivity, air, transit]

/** Names of the device's values that can be explained to the audience, each with the address of its explanation. */
export function explainLinks(
  context: Context,
  device: LiveDevice,
  audience: Audience,
): Record<string, string> {
  const values = EXPLAINERS.flatMap((explainer) => explainer.valuesOf(context, device, audience))
  const id = encodeURIComponent(device.id)
  return Object.fromEntries(
    values.map((value) => [value, `/api/v1/explain?device=${id}&value=${encodeURIComponent(value)}`]),
  )
}
