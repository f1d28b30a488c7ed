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

/** Looked up once: a feature never changes, what is new is another object. */
const layers = new WeakMap<DeviceFeature, Layer | null>()

/** The layer that shows the device. */
export function layerOf(feature: DeviceFeature): Layer | null {
  const kept = layers.get(feature)
  if (kept !== undefined) return kept
  const layer = LAYERS.find((one) => one.holds(feature)) ?? null
  layers.set(feature, layer)
  return layer
}
