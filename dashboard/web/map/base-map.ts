// The base map out of the village's own files: no tile, font or search of anybody else (reference/ui 2.14). One canvas
// renderer in its own pane; a feature is styled by its `class` and `rank`.

import type { Feature, FeatureCollection } from 'geojson'
import { canvas, type GeoJSON, geoJSON, type Map as LeafletMap, type PathOptions } from 'leaflet'
import { getJson } from '../api.ts'
import type { Palette } from './palette.ts'

export interface BaseMapFiles {
  readonly boundary: string
  /** The lowest first. */
  readonly basemap: readonly string[]
}

export interface BaseMap {
  /** Everything with a name, for labels and search. */
  readonly named: readonly Feature[]
  readonly boundary: FeatureCollection | null
  /** False when a file could not be fetched. */
  readonly isWhole: boolean
  restyle(palette: Palette): void
  remove(): void
}

const PANE = 'base'
const PANE_Z = '200'

/** Fetches the files and draws them; what does not come is left out. */
export async function addBaseMap(map: LeafletMap, files: BaseMapFiles, palette: Palette): Promise<BaseMap> {
  const answers = await Promise.all(
    [...files.basemap, files.boundary].map((path) => getJson<FeatureCollection>(path)),
  )
  const collections = answers.flatMap((answer) => (answer.ok ? [answer.value] : []))
  const last = answers.at(-1)
  const boundary = last?.ok === true ? last.value : null
  const features = collections.flatMap((collection) => collection.features)
  const pane = map.getPane(PANE) ?? map.createPane(PANE)
  pane.style.zIndex = PANE_Z
  pane.style.pointerEvents = 'none'
  const renderer = canvas({ pane: PANE, padding: 0.35 })
  let colours = palette
  const layers: readonly (readonly [GeoJSON, Drawing])[] = DRAWINGS.map((drawing) => [
    geoJSON(
      features.filter((feature) => drawing.draws(classOf(feature), rankOf(feature)) && !isPoint(feature)),
      {
        interactive: false,
        pane: PANE,
        style: (feature) => ({ renderer, ...drawing.style(colours, map.getZoom(), rankOf(feature)) }),
      },
    ).addTo(map),
    drawing,
  ])
  const restyle = (): void => {
    for (const [layer, drawing] of layers) {
      layer.setStyle((feature) => drawing.style(colours, map.getZoom(), rankOf(feature)))
    }
  }
  map.on('zoomend', restyle)
  return {
    named: features.filter((feature) => nameOf(feature) !== null),
    boundary,
    isWhole: answers.every(({ ok }) => ok),
    restyle(next) {
      colours = next
      restyle()
    },
    remove() {
      map.off('zoomend', restyle)
      for (const [layer] of layers) layer.remove()
      renderer.remove()
    },
  }
}

export function nameOf(feature: Feature): string | null {
  const name: unknown = feature.properties?.['name']
  return typeof name === 'string' && name !== '' ? name : null
}

export function classOf(feature: Feature): string {
  return String(feature.properties?.['class'] ?? '')
}

export function rankOf(feature: Feature | undefined): string {
  return String(feature?.properties?.['rank'] ?? 'minor')
}

function isPoint({ geometry }: Feature): boolean {
  return geometry.type === 'Point' || geometry.type === 'MultiPoint'
}

interface Drawing {
  draws(name: string, rank: string): boolean
  style(palette: Palette, zoom: number, rank: string): PathOptions
}

/** Width of a street in px: doubles about every one and a half zooms. */
function streetWidth(zoom: number, rank: string): number {
  const base = rank === 'major' ? 4.2 : 2.4
  return Math.max(rank === 'major' ? 1.6 : 1, base * 2 ** ((zoom - 15) / 1.5))
}

const line = (color: string, weight: number, dashArray?: string): PathOptions => ({
  stroke: true,
  fill: false,
  color,
  weight,
  opacity: 1,
  lineCap: 'round',
  lineJoin: 'round',
  ...(dashArray === undefined ? {} : { dashArray }),
})
const area = (fillColor: string): PathOptions => ({ stroke: false, fill: true, fillColor, fillOpacity: 1 })

/** From the lowest to the topmost, whatever file a feature comes from. */
const DRAWINGS: readonly Drawing[] = [
  { draws: (name) => name === 'boundary', style: (palette) => area(palette.land) },
  { draws: (name) => name === 'park', style: (palette) => area(palette.park) },
  {
    draws: (name) => name === 'building',
    style: (palette, zoom) => (zoom >= 16 ? area(palette.building) : { stroke: false, fill: false }),
  },
  { draws: (name) => name === 'water', style: (palette) => area(palette.water) },
  {
    draws: (name) => name === 'waterway',
    style: (palette, zoom, rank) =>
      line(palette.water, Math.max(1.5, (rank === 'major' ? 7 : 3) * 2 ** ((zoom - 15) / 1.5))),
  },
  {
    draws: (name) => name === 'kelurahan',
    style: (palette) => line(palette.roadCasing, 1, '2 4'),
  },
  {
    draws: (name) => name === 'street' || name === 'rail',
    style: (palette, zoom, rank) => line(palette.roadCasing, streetWidth(zoom, rank) + 1.6),
  },
  {
    draws: (name, rank) => name === 'street' && rank !== 'major',
    style: (palette, zoom, rank) => line(palette.roadMinor, streetWidth(zoom, rank)),
  },
  {
    draws: (name, rank) => name === 'street' && rank === 'major',
    style: (palette, zoom, rank) => line(palette.roadMajor, streetWidth(zoom, rank)),
  },
  {
    draws: (name) => name === 'rail',
    style: (palette) => line(palette.border, 1.6, '6 5'),
  },
  {
    draws: (name) => name === 'boundary',
    style: (palette) => line(palette.accent, 2, '7 5'),
  },
]
