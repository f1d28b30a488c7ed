// What `npm run bench -- map` opens: many points that all move once a second, drawn by our own layer or by Leaflet's circle markers on
// canvas, on the same places. Built by the benchmark, no part of the pages.

import { type CircleMarker, canvas, circleMarker, Map as LeafletMap } from 'leaflet'
import { systemClock } from '../../../contract/time.ts'
import { palette } from '../map/palette.ts'
import { PointLayer } from '../map/point-layer.ts'
import { Sprites } from '../map/sprites.ts'

export type Way = 'own' | 'circles'

interface Measured {
  /** Frames in each whole second. */
  readonly frames: readonly number[]
  /** Tasks over 50 ms, and the longest, in milliseconds. */
  readonly longTasks: number
  readonly longestMs: number
  readonly nodes: number
}

type Move = (second: number) => void

const CENTER = [-6.17, 106.807] as const
const ZOOM = 13
/** Degrees from the centre, so that all points are in view. */
const SPREAD = { lat: 0.06, lon: 0.1 } as const
/** A step of about 15 m: a bus in a street. */
const STEP = 0.00014

declare global {
  interface Window {
    begin(way: Way, count: number): void
    measure(seconds: number): Promise<Measured>
  }
}

window.begin = (way, count) => {
  const element = document.getElementById('map')
  if (element === null) throw new Error('the page has no map')
  const map = new LeafletMap(element, { zoomControl: false, attributionControl: false, fadeAnimation: false })
  map.setView([...CENTER], ZOOM)
  const move = way === 'own' ? ownLayer(map, count) : circles(map, count)
  let second = 0
  setInterval(() => {
    second += 1
    move(second)
  }, 1_000)
}

/** Places out of a seed: the same for both ways. */
function placeOf(index: number, second: number): readonly [number, number] {
  const noise = (salt: number): number => {
    const value = Math.sin(index * 12.9898 + salt) * 43_758.5453
    return value - Math.floor(value)
  }
  const angle = noise(3) * 2 * Math.PI
  return [
    CENTER[0] + (noise(1) - 0.5) * 2 * SPREAD.lat + Math.sin(angle) * STEP * second,
    CENTER[1] + (noise(2) - 0.5) * 2 * SPREAD.lon + Math.cos(angle) * STEP * second,
  ]
}

function ownLayer(map: LeafletMap, count: number): Move {
  const sprites = new Sprites(palette('light', false), window.devicePixelRatio)
  const layer = new PointLayer({ sprites, clock: systemClock, mayGlide: () => true })
  layer.addTo(map)
  const specs = Array.from({ length: 24 }, (_, heading) => ({
    shape: 'vehicle' as const,
    text: '8M',
    fill: '#2B3A49',
    heading,
    freshness: 'live' as const,
  }))
  const first = systemClock.now()
  const move: Move = (second) => {
    for (let index = 0; index < count; index += 1) {
      const [lat, lon] = placeOf(index, second)
      const spec = specs[index % specs.length]
      if (spec === undefined) continue
      layer.put({
        id: `v${index}`,
        lat,
        lon,
        spec,
        order: 9,
        clusterLayer: null,
        clusterKey: 'up',
        badge: null,
        fixTime: first + second * 1_000,
        route: null,
        label: null,
      })
    }
  }
  move(0)
  return move
}

function circles(map: LeafletMap, count: number): Move {
  const renderer = canvas()
  const markers: CircleMarker[] = Array.from({ length: count }, (_, index) =>
    circleMarker([...placeOf(index, 0)], { renderer, radius: 6, weight: 1 }).addTo(map),
  )
  return (second) => {
    for (const [index, marker] of markers.entries()) marker.setLatLng([...placeOf(index, second)])
  }
}

window.measure = async (seconds) => {
  const tasks: number[] = []
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) tasks.push(duration)
  })
  observer.observe({ type: 'longtask' })
  const frames: number[] = []
  const begin = performance.now()
  await new Promise<void>((done) => {
    const frame = (now: number): void => {
      const second = Math.floor((now - begin) / 1_000)
      if (second >= seconds) {
        done()
        return
      }
      frames[second] = (frames[second] ?? 0) + 1
      requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
  })
  observer.disconnect()
  return {
    frames: Array.from({ length: seconds }, (_, second) => frames[second] ?? 0),
    longTasks: tasks.length,
    longestMs: Math.max(0, ...tasks),
    nodes: document.querySelectorAll('#map *').length,
  }
}
