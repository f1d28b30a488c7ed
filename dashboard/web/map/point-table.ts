// All points of the map in typed arrays: nothing is made for a frame, and a change touches its own point only (reference/ui 7,
// rule 2).

import { type Fix, type Glide, glideTo, placeOnGlide } from './motion.ts'
import type { RouteLine } from './route-line.ts'
import type { SpriteSpec } from './sprite-spec.ts'

export interface Point {
  readonly id: string
  readonly lat: number
  readonly lon: number
  readonly spec: SpriteSpec
  /** Drawn above those with a lower one. */
  readonly order: number
  /** The layer in whose clusters it may go; null for what never clusters. */
  readonly clusterLayer: string | null
  readonly clusterKey: string
  /** Age beneath it. */
  readonly badge: string | null
  /** Time of its position, of what moves; null for what stands still. */
  readonly fixTime: number | null
  readonly route: RouteLine | null
  readonly label: string | null
}

/** World map at zoom 0. */
export interface WorldPoint {
  readonly x: number
  readonly y: number
}

const FIRST_CAPACITY = 256

export class PointTable {
  /** Where each point is to be: its last fix. */
  xs = new Float64Array(FIRST_CAPACITY)
  ys = new Float64Array(FIRST_CAPACITY)
  /** Where each is drawn now. */
  shownXs = new Float64Array(FIRST_CAPACITY)
  shownYs = new Float64Array(FIRST_CAPACITY)
  /** px by which a marker is moved off others. */
  offsetXs = new Float32Array(FIRST_CAPACITY)
  offsetYs = new Float32Array(FIRST_CAPACITY)
  /** 1 while a cluster stands for it. */
  hidden = new Uint8Array(FIRST_CAPACITY)
  #begins = new Float64Array(FIRST_CAPACITY)
  readonly points: (Point | null)[] = []
  readonly #glides: (Glide | null)[] = []
  /** How far along its route each was last seen; NaN where that is not known. */
  #alongs = new Float64Array(FIRST_CAPACITY).fill(Number.NaN)
  readonly #slots = new Map<string, number>()
  readonly #free: number[] = []
  readonly #gliding = new Set<number>()
  readonly #out = new Float64Array(2)
  #order: number[] | null = null

  get size(): number {
    return this.#slots.size
  }

  slotOf(id: string): number | undefined {
    return this.#slots.get(id)
  }

  ids(): Iterable<string> {
    return this.#slots.keys()
  }

  /** Slots from the lowest to the topmost. */
  order(): readonly number[] {
    this.#order ??= [...this.#slots.values()].sort(
      (a, b) => (this.points[a]?.order ?? 0) - (this.points[b]?.order ?? 0) || a - b,
    )
    return this.#order
  }

  isAnyGliding(): boolean {
    return this.#gliding.size > 0
  }

  /** Puts a point in or changes it; `mayGlide` false makes what moved jump. */
  put(point: Point, world: WorldPoint, now: number, mayGlide: boolean): void {
    const known = this.#slots.get(point.id)
    const slot = known ?? this.#newSlot(point.id)
    const before = this.points[slot] ?? null
    if (before?.order !== point.order) this.#order = null
    if (before !== null && before.fixTime !== null && point.fixTime !== null) {
      if (point.fixTime !== before.fixTime) this.#move(slot, before, point, world, now, mayGlide)
    } else {
      this.#jump(slot, world)
    }
    this.points[slot] = point
    this.xs[slot] = world.x
    this.ys[slot] = world.y
  }

  remove(id: string): void {
    const slot = this.#slots.get(id)
    if (slot === undefined) return
    this.#slots.delete(id)
    this.points[slot] = null
    this.#glides[slot] = null
    this.#gliding.delete(slot)
    this.hidden[slot] = 0
    this.#alongs[slot] = Number.NaN
    this.offsetXs[slot] = 0
    this.offsetYs[slot] = 0
    this.#free.push(slot)
    this.#order = null
  }

  /** Moves all that glide to where they are at `now`. */
  advance(now: number): void {
    for (const slot of this.#gliding) {
      const glide = this.#glides[slot]
      if (glide == null) continue
      const hasArrived = placeOnGlide(glide, now - (this.#begins[slot] ?? 0), this.#out)
      this.shownXs[slot] = this.#out[0] ?? 0
      this.shownYs[slot] = this.#out[1] ?? 0
      if (!hasArrived) continue
      this.#gliding.delete(slot)
      this.#glides[slot] = null
    }
  }

  /** Ends every glide where it leads to: the page was away, or motion is not wanted. */
  settle(): void {
    for (const slot of this.#gliding) {
      this.#glides[slot] = null
      this.shownXs[slot] = this.xs[slot] ?? 0
      this.shownYs[slot] = this.ys[slot] ?? 0
    }
    this.#gliding.clear()
  }

  #move(slot: number, before: Point, point: Point, world: WorldPoint, now: number, mayGlide: boolean): void {
    const shown = { x: this.shownXs[slot] ?? 0, y: this.shownYs[slot] ?? 0 }
    const from: Fix = {
      x: this.xs[slot] ?? 0,
      y: this.ys[slot] ?? 0,
      lat: before.lat,
      time: before.fixTime ?? 0,
    }
    const to: Fix = { ...world, lat: point.lat, time: point.fixTime ?? 0 }
    const along = before.route === point.route ? (this.#alongs[slot] ?? Number.NaN) : Number.NaN
    const glide = mayGlide ? glideTo(shown, from, to, point.route, Number.isNaN(along) ? null : along) : null
    this.#alongs[slot] = glide?.along ?? Number.NaN
    if (glide === null) {
      this.#jump(slot, world)
      return
    }
    this.#glides[slot] = glide
    this.#begins[slot] = now
    this.#gliding.add(slot)
  }

  #jump(slot: number, world: WorldPoint): void {
    this.#glides[slot] = null
    this.#gliding.delete(slot)
    this.shownXs[slot] = world.x
    this.shownYs[slot] = world.y
  }

  #newSlot(id: string): number {
    const slot = this.#free.pop() ?? this.points.length
    if (slot >= this.xs.length) this.#grow()
    if (slot === this.points.length) {
      this.points.push(null)
      this.#glides.push(null)
    }
    this.#slots.set(id, slot)
    this.#order = null
    return slot
  }

  #grow(): void {
    const larger = <T extends Float64Array | Float32Array | Uint8Array>(old: T, fresh: T): T => {
      fresh.set(old)
      return fresh
    }
    const size = this.xs.length * 2
    this.xs = larger(this.xs, new Float64Array(size))
    this.ys = larger(this.ys, new Float64Array(size))
    this.shownXs = larger(this.shownXs, new Float64Array(size))
    this.shownYs = larger(this.shownYs, new Float64Array(size))
    this.offsetXs = larger(this.offsetXs, new Float32Array(size))
    this.offsetYs = larger(this.offsetYs, new Float32Array(size))
    this.hidden = larger(this.hidden, new Uint8Array(size))
    this.#begins = larger(this.#begins, new Float64Array(size))
    this.#alongs = larger(this.#alongs, new Float64Array(size).fill(Number.NaN))
  }
}
