// Which question a device answers: told from its kind and from what it measures.

import type { DeviceFeature } from '../../contract/api.ts'

export const WATER_METRIC = 'water_level_cm'
export const NOISE_METRIC = 'noise_dba'

export function measuresWater({ properties }: DeviceFeature): boolean {
  return properties.kind === 'sensor' && WATER_METRIC in properties.values
}

export function measuresNoise({ properties }: DeviceFeature): boolean {
  return properties.kind === 'sensor' && NOISE_METRIC in properties.values
}

/** A sensor that measures neither water nor noise is a station for air, with or without an index. */
export function measuresAir(feature: DeviceFeature): boolean {
  return feature.properties.kind === 'sensor' && !measuresWater(feature) && !measuresNoise(feature)
}

export function isHotspot({ properties }: DeviceFeature): boolean {
  return properties.kind === 'hotspot'
}
