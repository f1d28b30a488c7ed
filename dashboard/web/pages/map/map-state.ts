// What the views of the map page are made from.

import type { DeviceFeature, VillageAnswer } from '../../../../contract/api.ts'
import type { TimeMs } from '../../../../contract/time.ts'
import type { Arrivals } from '../../arrivals.ts'
import type { StateStrips } from '../../detail/state-strip.ts'
import { type Freshness, freshnessOf } from '../../freshness.ts'
import type { LayerId } from '../../layers/index.ts'
import type { LinkState } from '../../live/connection.ts'
import type { DeviceStore } from '../../live/device-store.ts'
import type { Sprites } from '../../map/sprites.ts'
import { type Place, placeName } from '../../places.ts'
import type { Selection } from '../../shell/url-state.ts'
import type { StartData } from '../../start-data.ts'

export interface MapState {
  readonly village: VillageAnswer
  /** What came with the page; null when it came without. */
  readonly start: StartData | null
  readonly store: DeviceStore
  readonly arrivals: Arrivals
  readonly strips: StateStrips
  readonly sprites: Sprites
  readonly now: () => TimeMs
  /** Somebody is signed in. */
  readonly isStaff: boolean
  place: Place
  /** Layers that are shown. */
  layers: ReadonlySet<string>
  /** The one layer that the list is narrowed to; null for all that are shown. */
  listLayer: LayerId | null
  listMost: number
  selection: Selection | null
  link: LinkState
  /** False while a file of the base map could not be had. */
  isMapWhole: boolean
  /** Routes and stops were heard. */
  isPlanKnown: boolean
}

/** The feed's clock, or now before it was heard. */
export function feedTime(state: MapState): TimeMs {
  return state.store.feedTime ?? state.now()
}

/** The feed's clock for freshness: null while what is shown was kept from an earlier visit. */
export function heardTime(state: MapState): TimeMs | null {
  return state.store.isKept ? null : feedTime(state)
}

export function freshness(state: MapState, feature: DeviceFeature): Freshness {
  return freshnessOf(feature, state.now(), heardTime(state))
}

export function shownPlaceName(state: MapState): string {
  return placeName(state.place, state.village, state.store.devices)
}
