// Water levels, in centimetres on the post's own gauge.

import { measuresWater, WATER_METRIC } from '../device-layer.ts'
import { gaugeLayer } from './gauge-layer.ts'

export const water = gaugeLayer({
  id: 'water',
  title: 'water.title',
  icon: 'water',
  shape: 'water',
  metric: WATER_METRIC,
  legend: 'legend.water',
  holds: measuresWater,
})
