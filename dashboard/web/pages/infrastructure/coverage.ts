// How much of the village its hotspots reach: an estimate from circles of `radius_m`, not a measurement (domain B12). Computed anew only when
// another set of hotspots is up.

import type { DeviceFeature } from '../../../../contract/api.ts'
import { type CoveredPlace, coveredShareOf } from '../../../../domain/connectivity/coverage.ts'
import type { GeoArea } from '../../../../domain/geo/polygon.ts'
import { getJson } from '../../api.ts'

export interface CoverageNow {
  /** Share of the village's area that hotspots reach that are up; null when nothing is known of any. */
  readonly now: number | null
  /** The same if all were up. */
  readonly planned: number
  /** Share of the hotspots of which it is known whether they are up. */
  readonly knownShare: number
}

interface Boundary {
  readonly features: readonly { readonly geometry: GeoArea | null }[]
}

export class Coverage {
  readonly #onChange: () => void
  #area: GeoArea | null = null
  #key = ''
  #computed: CoverageNow | null = null

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

  /** Null until the boundary is there, and where no hotspot says how far it reaches. */
  of(hotspots: readonly DeviceFeature[]): CoverageNow | null {
    if (this.#area === null) return null
    const placed = hotspots.flatMap((hotspot) => {
      const place = placeOf(hotspot)
      return place === null ? [] : [{ place, state: hotspot.properties.state }]
    })
    if (placed.length === 0) return null
    const known = placed.filter(({ state }) => state !== 'unknown' && state !== 'maintenance')
    const up = known.filter(({ state }) => state !== 'down').map(({ place }) => place)
    const key = [up, placed.map(({ place }) => place), known.length]
      .map((part) => JSON.stringify(part))
      .join()
    if (key !== this.#key) {
      this.#key = key
      const all = placed.map(({ place }) => place)
      const planned = coveredShareOf(this.#area, all)
      this.#computed =
        planned === null
          ? null
          : {
              now: known.length === 0 ? null : coveredShareOf(this.#area, up),
              planned,
              knownShare: known.length / placed.length,
            }
    }
    return this.#computed
  }
}

function placeOf({ geometry, properties }: DeviceFeature): CoveredPlace | null {
  const [lon, lat] = geometry?.coordinates ?? []
  const { radius_m: radiusM } = properties
  return lon === undefined || lat === undefined || radiusM === null ? null : { lat, lon, radiusM }
}
