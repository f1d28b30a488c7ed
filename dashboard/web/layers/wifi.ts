// Public Wi-Fi: hotspots by state.

import type { DeviceFeature } from '../../../contract/api.ts'
import { DEVICE_STATES, type DeviceState } from '../../../contract/device-state.ts'
import { fmt } from '../format.ts'
import type { Freshness } from '../freshness.ts'
import { type TextKey, t } from '../text/texts.ts'
import { clusterRow, type Layer } from './layer.ts'

/** The word for a state. */
export function stateWord(state: DeviceState): string {
  return t(`state.${state}` as const)
}

const COUNTS: Readonly<Record<DeviceState, TextKey>> = {
  up: 'layer.up',
  degraded: 'layer.degraded',
  down: 'layer.down',
  unknown: 'layer.unknown',
  maintenance: 'layer.maintenance',
}

/** `12 aktif, 2 gangguan`; states that nobody is in are left out. */
export function statesText(states: readonly DeviceState[]): string {
  const parts = DEVICE_STATES.flatMap((state) => {
    const n = states.filter((other) => other === state).length
    return n === 0 ? [] : [t(COUNTS[state], { n })]
  })
  return parts.join(', ')
}

/** What is said of a hotspot now: an old `up` is not an `up`. */
export function shownState(feature: DeviceFeature, freshness: Freshness): DeviceState {
  return freshness === 'unknown' ? 'unknown' : feature.properties.state
}

export const wifi: Layer = {
  id: 'wifi',
  title: 'wifi.title',
  icon: 'wifi',
  order: 2,
  isClustered: true,
  holds: ({ properties }) => properties.kind === 'hotspot',
  sprite: ({ properties }, freshness) => ({ shape: 'hotspot', state: properties.state, freshness }),
  clusterKey: (feature, freshness) => (freshness === 'stale' ? 'unknown' : shownState(feature, freshness)),
  stateText(feature, freshness, now) {
    const { since } = feature.properties
    const word = stateWord(shownState(feature, freshness))
    if (since === null || freshness === 'stale') return word
    return `${word} ${t('state.sinceShort', { time: fmt().when(Date.parse(since), now) })}`
  },
  countText: (features) =>
    `${t('layer.count', { n: features.length })}: ${statesText(features.map(([feature, fresh]) => shownState(feature, fresh)))}`,
  legend: () => [
    ...DEVICE_STATES.map((state) => ({
      sprite: { shape: 'hotspot' as const, state, freshness: 'live' as const },
      text: stateWord(state),
    })),
    { sprite: { shape: 'hotspot', state: 'up', freshness: 'stale' }, text: t('legend.stale') },
    clusterRow('wifi', ['down', 3], ['up', 9]),
  ],
}
