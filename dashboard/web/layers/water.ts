// Water levels, in centimetres on the post's own gauge.

import type { DeviceFeature } from '../../../contract/api.ts'
import { gaugeLayer } from './gauge-layer.ts'

const METRIC = 'water_level_cm'

export function measuresWater({ properties }: DeviceFeature): boolean {
  return properties.kind === 'sensor' && METRIC in properties.values
}

export const water = gaugeLayer({
  id: 'water',
  title: 'water.title',
  icon: 'water',
  shape: 'water',
  metric: METRIC,
  legend: 'legend.water',
  holds: measuresWater,
})
