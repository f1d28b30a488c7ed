// Noise, in dB(A).

import { measuresNoise, NOISE_METRIC } from '../device-layer.ts'
import { gaugeLayer } from './gauge-layer.ts'

export const noise = gaugeLayer({
  id: 'noise',
  title: 'noise.title',
  icon: 'noise',
  shape: 'noise',
  metric: NOISE_METRIC,
  legend: 'legend.noise',
  holds: measuresNoise,
})
