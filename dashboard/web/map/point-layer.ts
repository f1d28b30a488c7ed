// All points of all kinds on one canvas of our own, between Leaflet's panes (design D10): sprites are copied, positions lie in
// typed arrays, and a frame is drawn only while something moves. Leaflet 1.9 conventions: own pane, `getEvents`, `onRemove`
// undoes all.

import {
  CRS,
  DomUtil,
  type LatLng,
  Layer,
  type LeafletEventHandlerFn,
  type Map as LeafletMap,
  latLng,
  type ZoomAnimEvent,
} from 'leaflet'
import type { Clock } from '../../../contract/time.ts'
import { type Camera, cameraOf } from './camera.ts'
import { type Cluster, Clusters } from './clusters.ts'
import { Dots } from './dots.ts'
import { MarkerGroups } from './marker-groups.ts'
import { paintPoints } from './point-painter.ts'
import { PointPlaces } from './point-places.ts'
import { type Point, PointTable } from './point-table.ts'
import type { Sprites } from './sprites.ts'

interface PointLayerOptions {
  readonly sprites: Sprites
  readonly clock: Clock
  /** False when motion is not wanted. */
  readonly mayGlide: () => boolean
}

const PANE = 'points'
const PANE_Z = '450'
export const UNCLUSTERED_ZOOM = 16
const REST_MS = 120

export class PointLayer extends Layer {
  readonly table = new PointTable()
  readonly groups = new MarkerGroups(this.table)
  /** Where everything was drawn last. */
  readonly places = new PointPlaces(this.table, this.groups)
  /** Frames drawn since the start, for measurements. */
  framesDrawn = 0
  readonly #options: PointLayerOptions
  readonly #clusters: Clusters
  readonly #dots = new Dots()
  #map: LeafletMap | null = null
  #canvas: HTMLCanvasElement | null = null
  #camera: Camera | null = null
  #topLeft: LatLng = latLng(0, 0)
  #frame: number | null = null
  #restTimer: number | null = null
  #isZooming = false
  /** False until it is known which of the first markers are drawn as one: till then they would lie in a pile. */
  #areGroupsKnown = false
  readonly #restListeners = new Set<() => void>()
  readonly #frameListeners = new Set<() => void>()

  constructor(options: PointLayerOptions) {
    super()
    this.#options = options
    this.#clusters = new Clusters(
      () => this.groups.places(),
      (clusters) => {
        if (this.groups.hasPlaces()) this.#areGroupsKnown = true
        this.#show(clusters)
      },
    )
  }

  override getEvents(): Record<string, LeafletEventHandlerFn> {
    return {
      move: () => this.#moved(),
      moveend: () => this.#cameToRest(),
      zoomanim: (event) => this.#animateZoom(event as ZoomAnimEvent), // what Leaflet fires by that name
      zoomend: () => {
        this.#isZooming = false
        this.#cameToRest()
      },
      viewreset: () => this.#moved(),
      resize: () => this.#cameToRest(),
    }
  }

  override onAdd(map: LeafletMap): this {
    this.#map = map
    const pane = map.getPane(PANE) ?? map.createPane(PANE)
    pane.style.zIndex = PANE_Z
    pane.style.pointerEvents = 'none'
    this.#canvas = document.createElement('canvas')
    this.#canvas.className = 'point-canvas leaflet-zoom-animated'
    pane.append(this.#canvas)
    this.#clusters.start()
    document.addEventListener('visibilitychange', this.#visibilityChanged)
    this.#cameToRest()
    return this
  }

  override onRemove(): this {
    this.#clusters.stop()
    document.removeEventListener('visibilitychange', this.#visibilityChanged)
    if (this.#frame !== null) cancelAnimationFrame(this.#frame)
    if (this.#restTimer !== null) clearTimeout(this.#restTimer)
    this.#canvas?.remove()
    this.#canvas = null
    this.#map = null
    return this
  }

  /** Called when the map has come to rest and all markers have their places. */
  onRest(listener: () => void): void {
    this.#restListeners.add(listener)
  }

  /** Called after each frame: what follows a point moves with it. */
  onFrame(listener: () => void): void {
    this.#frameListeners.add(listener)
  }

  put(point: Point): void {
    const slot = this.table.slotOf(point.id)
    const before = slot === undefined ? null : (this.table.points[slot] ?? null)
    const world = CRS.EPSG3857.latLngToPoint(latLng(point.lat, point.lon), 0)
    const mayGlide = this.#options.mayGlide() && !document.hidden
    this.table.put(point, world, this.#options.clock.monotonicMs(), mayGlide)
    if (before === null && point.clusterLayer !== null && !this.#areGroupsKnown) this.#hideForNow(point.id)
    this.requestFrame()
    if (point.clusterLayer === null && before?.clusterLayer == null) return
    const isSamePlace = before?.lat === point.lat && before.lon === point.lon
    if (!isSamePlace || before.clusterLayer !== point.clusterLayer) this.#placesChanged()
    else if (before.clusterKey !== point.clusterKey) this.groups.restyle()
  }

  #hideForNow(id: string): void {
    const slot = this.table.slotOf(id)
    if (slot !== undefined && this.#map !== null && this.#map.getZoom() < UNCLUSTERED_ZOOM)
      this.table.hidden[slot] = 1
  }

  take(id: string): void {
    const slot = this.table.slotOf(id)
    if (slot === undefined) return
    const wasClustered = this.table.points[slot]?.clusterLayer != null
    this.table.remove(id)
    if (wasClustered) this.#placesChanged()
    this.requestFrame()
  }

  /** Everything looks different: another theme. */
  restyle(): void {
    this.groups.restyle()
    this.requestFrame()
  }

  /** Ends all motion where it leads to. */
  settle(): void {
    this.table.settle()
    this.requestFrame()
  }

  requestFrame(): void {
    if (this.#frame !== null || document.hidden || this.#map === null) return
    this.#frame = requestAnimationFrame(() => {
      this.#frame = null
      this.#draw()
      if (this.table.isAnyGliding()) this.requestFrame()
    })
  }

  readonly #visibilityChanged = (): void => {
    if (!document.hidden) this.settle()
  }

  #draw(): void {
    const map = this.#map
    const canvas = this.#canvas
    const context = canvas?.getContext('2d') ?? null
    if (map === null || canvas === null || context === null || this.#isZooming) return
    const camera = cameraOf(map)
    this.#camera = camera
    this.#topLeft = map.containerPointToLatLng([0, 0])
    fitCanvas(canvas, camera, this.#options.sprites.ratio)
    DomUtil.setPosition(canvas, map.containerPointToLayerPoint([0, 0]))
    this.table.advance(this.#options.clock.monotonicMs())
    this.places.drawn(camera)
    paintPoints(context, camera, {
      table: this.table,
      groups: this.groups,
      sprites: this.#options.sprites,
      dots: this.#dots,
    })
    this.framesDrawn += 1
    for (const listener of this.#frameListeners) listener()
  }

  #moved(): void {
    if (!this.#isZooming) this.requestFrame()
  }

  #cameToRest(): void {
    this.requestFrame()
    this.#restSoon()
  }

  #restSoon(): void {
    if (this.#restTimer !== null) clearTimeout(this.#restTimer)
    this.#restTimer = window.setTimeout(() => {
      this.#restTimer = null
      const map = this.#map
      if (map === null) return
      if (map.getZoom() >= UNCLUSTERED_ZOOM) {
        this.#show([])
        return
      }
      const bounds = map.getBounds().pad(0.3)
      const box = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()] as const
      this.#clusters.ask(box, Math.floor(map.getZoom()))
    }, REST_MS)
  }

  #placesChanged(): void {
    this.#clusters.changed()
    // The first points are to be seen at once, not in five seconds.
    if (this.groups.clusters.length === 0) this.#restSoon()
  }

  #show(clusters: readonly Cluster[]): void {
    const map = this.#map
    if (map === null) return
    this.groups.show(map.getZoom() < UNCLUSTERED_ZOOM ? clusters : [], cameraOf(map))
    this.requestFrame()
    requestAnimationFrame(() => {
      for (const listener of this.#restListeners) listener()
    })
  }

  /** Keeps the last frame in place under the zoom's animation; it is drawn anew at its end. */
  #animateZoom({ center, zoom }: ZoomAnimEvent): void {
    const map = this.#map
    const pane = map?.getPane('mapPane')
    if (map === null || pane === undefined || this.#canvas === null || this.#camera === null) return
    this.#isZooming = true
    const origin = map
      .project(center, zoom)
      .subtract(map.getSize().divideBy(2))
      .add(DomUtil.getPosition(pane))
    const scale = map.getZoomScale(zoom, this.#camera.zoom)
    DomUtil.setTransform(this.#canvas, map.project(this.#topLeft, zoom).subtract(origin), scale)
  }
}

function fitCanvas(canvas: HTMLCanvasElement, { width, height }: Camera, ratio: number): void {
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)]
  if (canvas.width === wide && canvas.height === high) return
  canvas.width = wide
  canvas.height = high
  canvas.style.width = `${width}px`
  canvas.style.height = `${height}px`
}
