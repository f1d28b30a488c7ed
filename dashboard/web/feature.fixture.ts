// For tests: a device as the API tells it, with what a test wants of it.

import type { DeviceFeature, DeviceProperties } from '../../contract/api.ts'

export function feature(
  properties: Partial<DeviceProperties> = {},
  id = 'hs-1',
  [lon, lat]: readonly [number, number] = [106.807, -6.17],
): DeviceFeature {
  return {
    type: 'Feature',
    id,
    geometry: { type: 'Point', coordinates: [lon, lat] },
    properties: {
      kind: 'hotspot',
      name: id,
      simulated: false,
      state: 'up',
      since: null,
      cause: null,
      lastSeen: '2026-11-24T08:00:00.000Z',
      expect_every_s: 60,
      parent: null,
      radius_m: null,
      values: {},
      ...properties,
    },
  }
}
