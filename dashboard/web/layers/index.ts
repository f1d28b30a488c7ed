// The layers of the map. A new one is a file and a line here: legend, list and switch follow.

import type { DeviceFeature } from '../../../contract/api.ts'
import { air } from './air.ts'
import { bus } from './bus.ts'
import type { Layer } from './layer.ts'
import { noise } from './noise.ts'
import { water } from './water.ts'
import { wifi } from './wifi.ts'

export type { Layer, LayerId, LegendRow } from './layer.ts'

export const LAYERS: readonly Layer[] = [wifi, air, bus, water, noise]

/** The layer that shows the device. */
export function layerOf(feature: DeviceFeature): Layer | null {
  return LAYERS.find((layer) => layer.holds(feature)) ?? null
}
