// Buses and angkot: vehicles that glide, each with its route's name and colour.

import type { DeviceFeature } from '../../../contract/api.ts'
import type { Occupancy } from '../../../contract/observation.ts'
import { HEADINGS } from '../map/sprite-vehicle.ts'
import { type TextKey, t } from '../text/texts.ts'
import { routes } from '../transit-plan.ts'
import type { Layer } from './layer.ts'

const PLAIN_FILL = '#2B3A49'
const SLOWEST_WITH_BEARING_M_PER_S = 1

/** What the pill of a vehicle says: the route's short name. */
export function routeName(feature: DeviceFeature): string {
  const route = feature.properties.transit?.route
  if (route == null) return '–'
  return routes.get(route)?.shortName ?? route
}

export function headsignOf(feature: DeviceFeature): string | null {
  const { transit } = feature.properties
  if (transit?.route == null || transit.direction === null) return null
  return (
    routes.get(transit.route)?.directions.find(({ direction }) => direction === transit.direction)
      ?.headsign ?? null
  )
}

const OCCUPANCY_WORDS: Readonly<Partial<Record<Occupancy, TextKey>>> = {
  EMPTY: 'bus.space',
  MANY_SEATS_AVAILABLE: 'bus.space',
  FEW_SEATS_AVAILABLE: 'bus.space',
  STANDING_ROOM_ONLY: 'bus.nearlyFull',
  CRUSHED_STANDING_ROOM_ONLY: 'bus.full',
  FULL: 'bus.full',
  NOT_ACCEPTING_PASSENGERS: 'bus.full',
}

/** In words; null where nothing is known. */
export function occupancyText(occupancy: Occupancy | null | undefined): string | null {
  const key = occupancy == null ? undefined : OCCUPANCY_WORDS[occupancy]
  return key === undefined ? null : t(key)
}

/** Headings while a vehicle stands: the last one stays. */
const lastHeadings = new Map<string, number>()

function headingOf(feature: DeviceFeature): number | null {
  const { transit } = feature.properties
  const last = lastHeadings.get(feature.id) ?? null
  if (transit?.bearing == null) return last
  if (transit.speed !== null && transit.speed < SLOWEST_WITH_BEARING_M_PER_S && last !== null) return last
  const heading = Math.round(transit.bearing / (360 / HEADINGS)) % HEADINGS
  lastHeadings.set(feature.id, heading)
  return heading
}

export const bus: Layer = {
  id: 'bus',
  title: 'bus.title',
  icon: 'bus',
  order: 9,
  isClustered: false,
  holds: ({ properties }) => properties.kind === 'vehicle',
  sprite: (feature, freshness) => ({
    shape: 'vehicle',
    text: routeName(feature),
    fill: routes.get(feature.properties.transit?.route ?? '')?.color ?? PLAIN_FILL,
    heading: headingOf(feature),
    freshness,
  }),
  clusterKey: () => 'up',
  stateText(feature) {
    const headsign = headsignOf(feature)
    const parts = [
      headsign === null ? t('bus.route', { route: routeName(feature) }) : t('bus.toward', { headsign }),
      occupancyText(feature.properties.transit?.occupancy),
    ]
    return parts.filter((part) => part !== null).join(', ')
  },
  countText(features) {
    const silent = features.filter(([, freshness]) => freshness === 'stale' || freshness === 'unknown').length
    const all = t('layer.vehicles', { n: features.length })
    return silent === 0 ? all : `${all}: ${t('layer.stale', { n: silent })}`
  },
  legend: () => [
    {
      sprite: { shape: 'vehicle', text: '8M', fill: PLAIN_FILL, heading: 6, freshness: 'live' },
      text: t('legend.vehicle'),
    },
    {
      sprite: { shape: 'vehicle', text: '8M', fill: PLAIN_FILL, heading: null, freshness: 'stale' },
      text: t('legend.silent'),
    },
    { sprite: { shape: 'stop' }, text: t('legend.stop') },
  ],
}
