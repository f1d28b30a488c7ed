// The map itself: Leaflet with the base map, the points, the labels and the rings, and how devices become points.

import {
  CRS,
  canvas,
  Map as LeafletMap,
  latLng,
  latLngBounds,
  type Polyline,
  polyline,
  tileLayer,
} from 'leaflet'
import type { DeviceFeature, VillageAnswer } from '../../../../contract/api.ts'
import type { Clock, TimeMs } from '../../../../contract/time.ts'
import { fmt } from '../../format.ts'
import { type Freshness, seenAt } from '../../freshness.ts'
import { type Layer, layerOf } from '../../layers/index.ts'
import type { Box } from '../../live/watch-box.ts'
import { addBaseMap, type BaseMap } from '../../map/base-map.ts'
import { LabelLayer } from '../../map/label-layer.ts'
import { palette } from '../../map/palette.ts'
import { PointLayer, UNCLUSTERED_ZOOM } from '../../map/point-layer.ts'
import { Rings } from '../../map/rings.ts'
import { Sprites } from '../../map/sprites.ts'
import { areColoursForced, onTheme, shownTheme } from '../../shell/theme.ts'
import type { View } from '../../shell/url-state.ts'
import { lineOf, type Route, routes, stops } from '../../transit-plan.ts'

export const reducedMotion = window.matchMedia('(prefers-reduced-motion: reduce)')
const STOP_ZOOM = 16
/** A silent vehicle leaves the map after this; the list keeps it. */
const GONE_MS = 10 * 60_000
const BADGE_AFTER_MS = 30_000
const PLACE_ID = 'place'
export const STOP_PREFIX = 'stop:'

interface StageOptions {
  readonly element: HTMLElement
  readonly village: VillageAnswer
  readonly clock: Clock
  readonly view: View | null
}

export class Stage {
  readonly map: LeafletMap
  readonly sprites: Sprites
  readonly points: PointLayer
  readonly rings: Rings
  readonly labels: LabelLayer
  base: BaseMap | null = null
  readonly #village: VillageAnswer
  #route: Polyline | null = null
  #routeKey = ''
  #areStopsShown = false
  /** How each device was last put on the map: what has not changed is left alone. */
  readonly #shown = new Map<
    string,
    {
      readonly feature: DeviceFeature
      readonly freshness: Freshness
      readonly badge: string | null
      /** Routes known then: names and colours follow from them. */
      readonly plan: number
    }
  >()

  constructor({ element, village, clock, view }: StageOptions) {
    this.#village = village
    const moves = !reducedMotion.matches
    this.map = new LeafletMap(element, {
      zoomControl: false,
      attributionControl: false,
      minZoom: 10,
      maxZoom: 19,
      zoomSnap: 0.5,
      zoomAnimation: moves,
      fadeAnimation: false,
      markerZoomAnimation: moves,
      inertia: moves,
      keyboardPanDelta: 80,
    })
    this.sprites = new Sprites(palette(shownTheme(), areColoursForced()), window.devicePixelRatio)
    this.points = new PointLayer({ sprites: this.sprites, clock, mayGlide: () => !reducedMotion.matches })
    this.labels = new LabelLayer({
      palette: () => this.sprites.palette,
      ratio: this.sprites.ratio,
      markers: () => this.points.places.placed(),
    })
    if (view === null) this.showAll()
    else this.map.setView([view.lat, view.lon], view.zoom, { animate: false })
    this.points.addTo(this.map)
    this.labels.addTo(this.map)
    this.rings = new Rings(this.map, this.points)
    this.points.onRest(() => this.labels.redrawSoon())
    this.map.on('zoomend', () => this.#syncStops())
    onTheme(() => this.#restyle())
    // The box of the map follows its element: the sheet opens, the window turns.
    new ResizeObserver(() => this.map.invalidateSize({ pan: false, animate: false })).observe(element)
  }

  /** Fetches and draws the base map, in place of one that was drawn before with a part missing; true when all of it is there. */
  async loadBase(): Promise<boolean> {
    const { tiles } = this.#village
    if (tiles !== null && this.base === null)
      tileLayer(tiles.url, { maxZoom: 19, pane: 'tilePane' }).addTo(this.map)
    const before = this.base
    this.base = await addBaseMap(this.map, this.#village, this.sprites.palette)
    before?.remove()
    this.labels.setNamed(this.base.named)
    this.points.requestFrame()
    return this.base.isWhole
  }

  showAll(): void {
    const [west = 0, south = 0, east = 0, north = 0] = this.#village.bounds
    const bounds = latLngBounds([south, west], [north, east])
    // On a desk the legend stands open at the right.
    const right = this.map.getSize().x > 800 ? 340 : 4
    this.map.fitBounds(bounds, {
      animate: !reducedMotion.matches,
      paddingTopLeft: [4, right > 4 ? 4 : 52],
      paddingBottomRight: [right, 4],
    })
  }

  /** What is seen, in degrees. */
  box(): Box {
    const bounds = this.map.getBounds()
    return {
      west: bounds.getWest(),
      south: bounds.getSouth(),
      east: bounds.getEast(),
      north: bounds.getNorth(),
    }
  }

  view(): View {
    const { lat, lng } = this.map.getCenter()
    return { zoom: this.map.getZoom(), lat, lon: lng }
  }

  /** Moves to a view; at once when motion is not wanted. */
  goTo(lat: number, lon: number, zoom = this.map.getZoom()): void {
    this.map.setView([lat, lon], zoom, { animate: !reducedMotion.matches })
  }

  /** Close enough that the device stands for itself. */
  goToDevice(feature: DeviceFeature): void {
    const [lon, lat] = feature.geometry?.coordinates ?? []
    if (lat === undefined || lon === undefined) return
    const isClustered = layerOf(feature)?.isClustered === true
    const zoom = isClustered
      ? Math.max(this.map.getZoom(), UNCLUSTERED_ZOOM + 1)
      : Math.max(this.map.getZoom(), 15)
    this.goTo(lat, lon, zoom)
  }

  /** Puts a device on the map as it is now, or takes it off when its layer is not shown or it is silent for too long. */
  show(feature: DeviceFeature, freshness: Freshness, now: TimeMs, shown: ReadonlySet<string>): void {
    const layer = layerOf(feature)
    const [lon, lat] = feature.geometry?.coordinates ?? []
    const { transit } = feature.properties
    const fixTime = transit === undefined ? null : seenAt(feature)
    const isGone = fixTime !== null && now - fixTime > GONE_MS
    if (layer === null || lat === undefined || lon === undefined || isGone || !shown.has(layer.id)) {
      this.take(feature.id)
      return
    }
    const badge = badgeOf(feature, layer, freshness, now)
    const last = this.#shown.get(feature.id)
    const isSame = last?.feature === feature && last.freshness === freshness && last.badge === badge
    if (isSame && last.plan === routes.size) return
    this.#shown.set(feature.id, { feature, freshness, badge, plan: routes.size })
    this.points.put({
      id: feature.id,
      lat,
      lon,
      spec: layer.sprite(feature, freshness),
      order: layer.order,
      clusterLayer: layer.isClustered ? layer.id : null,
      clusterKey: layer.clusterKey(feature, freshness),
      badge,
      fixTime,
      route: transit === undefined ? null : lineOf(transit.route, transit.direction, project),
      label: transit === undefined ? feature.properties.name : null,
    })
  }

  take(id: string): void {
    this.#shown.delete(id)
    this.points.take(id)
  }

  /** Marks the place that the answers are for; null for none. */
  showPlace(place: { readonly lat: number; readonly lon: number } | null): void {
    if (place === null) this.points.take(PLACE_ID)
    else this.points.put({ ...still(PLACE_ID, place.lat, place.lon), spec: { shape: 'place' }, order: 1 })
  }

  /** Draws a route's way in both or one direction; null takes it away. */
  showRoute(route: Route | null, direction: number | null): void {
    const key = route === null ? '' : `${route.id} ${direction} ${this.sprites.palette.name}`
    if (key === this.#routeKey) return
    this.#routeKey = key
    this.#route?.remove()
    this.#route = null
    if (route === null) return
    const shapes = route.directions
      .filter((one) => direction === null || one.direction === direction)
      .map(({ shape }) => shape.map(([lon = 0, lat = 0]) => latLng(lat, lon)))
    const pane = this.map.getPane('route') ?? this.map.createPane('route')
    pane.style.zIndex = '400'
    pane.style.pointerEvents = 'none'
    const color = this.sprites.palette.accent
    this.#route = polyline(shapes, {
      renderer: canvas({ pane: 'route', padding: 0.3 }),
      pane: 'route',
      color,
      weight: 5,
      opacity: 0.85,
      interactive: false,
    })
    this.#route.addTo(this.map)
  }

  /** Stops are shown close up, with their layer. */
  setStopsShown(areShown: boolean): void {
    this.#areStopsShown = areShown
    this.#syncStops()
  }

  #syncStops(): void {
    const areShown = this.#areStopsShown && this.map.getZoom() >= STOP_ZOOM
    for (const stop of stops.values()) {
      const id = STOP_PREFIX + stop.id
      if (!areShown) this.points.take(id)
      else if (this.points.table.slotOf(id) === undefined) {
        const { lat, lon } = stop.position
        this.points.put({ ...still(id, lat, lon), spec: { shape: 'stop' }, order: 0, label: stop.name })
      }
    }
  }

  #restyle(): void {
    const next = palette(shownTheme(), areColoursForced())
    this.sprites.setPalette(next)
    this.base?.restyle(next)
    this.labels.redrawSoon()
    this.points.restyle()
  }
}

/** Units of the world map at zoom 0. */
export function project(lat: number, lon: number): { readonly x: number; readonly y: number } {
  return CRS.EPSG3857.latLngToPoint(latLng(lat, lon), 0)
}

function still(id: string, lat: number, lon: number) {
  return {
    id,
    lat,
    lon,
    clusterLayer: null,
    clusterKey: 'up',
    badge: null,
    fixTime: null,
    route: null,
    label: null,
  }
}

function badgeOf(feature: DeviceFeature, layer: Layer, freshness: Freshness, now: TimeMs): string | null {
  const seen = seenAt(feature)
  if (seen === null) return null
  const age = now - seen
  if (layer.id === 'bus') return age >= BADGE_AFTER_MS ? fmt().span(age) : null
  return freshness === 'late' ? fmt().span(age) : null
}
