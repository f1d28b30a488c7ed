// How much of the village its hotspots reach: an estimate from circles of `radius_m`, not a measurement (domain B12). Computed anew only when
// another set of hotspots is up.

import type { DeviceFeature } from '../../../../contract/api.ts'
import {
  type CoverageGrid,
  coverageGrid,
  type ReachingPlace,
} from '../../../../domain/connectivity/coverage-grid.ts'
import type { GeoArea } from '../../../../domain/geo/polygon.ts'
import { getJson } from '../../api.ts'

/** As it is now, or as if all hotspots were up. */
export const COVERAGE_MODES = ['now', 'planned'] as const
export type CoverageMode = (typeof COVERAGE_MODES)[number]

interface Boundary {
  readonly features: readonly { readonly geometry: GeoArea | null }[]
}

export class Coverage {
  readonly #onChange: () => void
  #area: GeoArea | null = null
  readonly #kept = new Map<
    string,
    { readonly places: readonly ReachingPlace[]; readonly grid: CoverageGrid }
  >()

  /** `boundary`: path of the village's boundary, GeoJSON. */
  constructor(boundary: string, onChange: () => void) {
    this.#onChange = onChange
    void this.#load(boundary)
  }

  async #load(path: string): Promise<void> {
    const answer = await getJson<Boundary>(path)
    if (!answer.ok) return
    this.#area = answer.value.features.find(({ geometry }) => geometry !== null)?.geometry ?? null
    this.#onChange()
  }

  /** Of the village; null until its boundary is there, and where no hotspot says how far it reaches. */
  of(hotspots: readonly DeviceFeature[], mode: CoverageMode): CoverageGrid | null {
    return this.#area === null ? null : this.ofArea('', this.#area, hotspots, mode)
  }

  /** Of a part of it, kept under its name. */
  ofArea(
    name: string,
    area: GeoArea,
    hotspots: readonly DeviceFeature[],
    mode: CoverageMode,
  ): CoverageGrid | null {
    const places = placesOf(hotspots, mode)
    if (places.length === 0) return null
    const part = `${mode} ${name}`
    const kept = this.#kept.get(part)
    if (kept !== undefined && areSame(kept.places, places)) return kept.grid
    const grid = coverageGrid(area, places)
    this.#kept.set(part, { places, grid })
    return grid
  }
}

/** Asked with each drawing. */
function areSame(a: readonly ReachingPlace[], b: readonly ReachingPlace[]): boolean {
  return (
    a.length === b.length &&
    a.every((one, place) => {
      const other = b[place]
      return (
        one.id === other?.id &&
        one.isUp === other.isUp &&
        one.lat === other.lat &&
        one.lon === other.lon &&
        one.radiusM === other.radiusM
      )
    })
  )
}

/** Hotspots that say where they are and how far they reach. Under maintenance it is not known whether one does. */
export function placesOf(hotspots: readonly DeviceFeature[], mode: CoverageMode): readonly ReachingPlace[] {
  return hotspots.flatMap(({ id, geometry, properties }) => {
    const [lon, lat] = geometry?.coordinates ?? []
    const { radius_m: radiusM, state } = properties
    if (lon === undefined || lat === undefined || radiusM === null) return []
    const isKnown = state !== 'unknown' && state !== 'maintenance'
    const isUp = mode === 'planned' ? true : isKnown ? state !== 'down' : null
    return [{ id, lat, lon, radiusM, isUp }]
  })
}
