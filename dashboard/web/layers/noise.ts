// Noise, in dB(A).

import type { DeviceFeature } from '../../../contract/api.ts'
import { gaugeLayer } from './gauge-layer.ts'

const METRIC = 'noise_dba'

export function measuresNoise({ properties }: DeviceFeature): boolean {
  return properties.kind === 'sensor' && METRIC in properties.values
}

export const noise = gaugeLayer({
  id: 'noise',
  title: 'noise.title',
  icon: 'noise',
  shape: 'noise',
  metric: METRIC,
  legend: 'legend.noise',
  holds: measuresNoise,
})
