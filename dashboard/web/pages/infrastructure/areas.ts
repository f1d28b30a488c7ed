// The areas by which a village sums up, its RW: features of class `rw` in the files of its base map. A village that has none is summed up as a
// whole.

import type { DeviceFeature } from '../../../../contract/api.ts'
import { type GeoArea, isInArea } from '../../../../domain/geo/polygon.ts'
import { getJson } from '../../api.ts'

export interface Area {
  readonly name: string
  readonly geometry: GeoArea
}

interface BaseMapFile {
  readonly features: readonly {
    readonly geometry: GeoArea | { readonly type: 'Point' | 'LineString' | 'MultiLineString' } | null
    readonly properties: Readonly<Record<string, unknown>> | null
  }[]
}

export class Areas {
  readonly #files: readonly string[]
  readonly #onChange: () => void
  #list: readonly Area[] | null = null
  #isAsked = false

  /** `files`: paths of the base map. */
  constructor(files: readonly string[], onChange: () => void) {
    this.#files = files
    this.#onChange = onChange
  }

  /** By name, as people count; fetched when they are first asked for, null until they are there. */
  list(): readonly Area[] | null {
    if (!this.#isAsked) {
      this.#isAsked = true
      void this.#load()
    }
    return this.#list
  }

  /** The area that the device stands in; null outside of all. */
  of({ geometry }: DeviceFeature): Area | null {
    const [lon, lat] = geometry?.coordinates ?? []
    if (lon === undefined || lat === undefined) return null
    return this.#list?.find((area) => isInArea({ lat, lon }, area.geometry)) ?? null
  }

  async #load(): Promise<void> {
    const answers = await Promise.all(this.#files.map((path) => getJson<BaseMapFile>(path)))
    // A file that did not come: asked for again when somebody looks again.
    this.#isAsked = answers.every(({ ok }) => ok)
    this.#list = answers
      .flatMap((answer) => (answer.ok ? answer.value.features : []))
      .flatMap(({ geometry, properties }): readonly Area[] => {
        const name = properties?.['name']
        const isArea = geometry?.type === 'Polygon' || geometry?.type === 'MultiPolygon'
        return properties?.['class'] === 'rw' && isArea && typeof name === 'string'
          ? [{ name, geometry }]
          : []
      })
      .sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))
    this.#onChange()
  }
}
