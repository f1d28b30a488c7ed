// What part of the world map is seen: from units of the world at zoom 0 to pixels of the map's box.

import type { Map as LeafletMap } from 'leaflet'

export interface Camera {
  readonly zoom: number
  readonly scale: number
  /** Pixels of the world at this zoom that lie left of and above the box. */
  readonly originX: number
  readonly originY: number
  readonly width: number
  readonly height: number
}

export function cameraOf(map: LeafletMap): Camera {
  const { min } = map.getPixelBounds()
  const size = map.getSize()
  const zoom = map.getZoom()
  return { zoom, scale: 2 ** zoom, originX: min?.x ?? 0, originY: min?.y ?? 0, width: size.x, height: size.y }
}

export function pixelX(camera: Camera, worldX: number): number {
  return worldX * camera.scale - camera.originX
}

export function pixelY(camera: Camera, worldY: number): number {
  return worldY * camera.scale - camera.originY
}

export function isInBox(camera: Camera, x: number, y: number, margin: number): boolean {
  return x > -margin && y > -margin && x < camera.width + margin && y < camera.height + margin
}
