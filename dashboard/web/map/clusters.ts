// The page's side of clustering: tells the worker which places there are (at most every five seconds), asks for the view, and
// gives back groups of ids. What a cluster says of its members' states is worked out here, so that it is never old.

import type { FromWorker, ToWorker } from './cluster-message.ts'

export interface ClusterPlace {
  readonly id: string
  readonly layer: string
  readonly lat: number
  readonly lon: number
}

export interface Cluster {
  readonly layer: string
  readonly lat: number
  readonly lon: number
  readonly members: readonly string[]
}

const REINDEX_MS = 5_000
/** The first answer is not waited for any longer than this: the worker's script may be slow to come, or not come at all. */
const PATIENCE_MS = 3_000
/** A script that a thin network did not bring is asked for again, each time after twice as long: a browser may never take it. */
const AGAIN_MS = 10_000

export class Clusters {
  #worker: Worker | null = null
  readonly #onClusters: (clusters: readonly Cluster[]) => void
  #ids = new Map<string, readonly string[]>()
  #version = 0
  #token = 0
  #places: () => readonly ClusterPlace[]
  #isDirty = true
  #timer: number | null = null
  #patience: number | null = null
  #again: number | null = null
  #againMs = AGAIN_MS
  #hasAnswered = false
  #lastAsk: { bbox: readonly [number, number, number, number]; zoom: number } | null = null

  constructor(places: () => readonly ClusterPlace[], onClusters: (clusters: readonly Cluster[]) => void) {
    this.#places = places
    this.#onClusters = onClusters
  }

  start(): void {
    this.#worker = new Worker(new URL('./cluster-worker.ts', import.meta.url), { type: 'module' })
    this.#worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => this.#answered(data))
    this.#worker.addEventListener('error', () => {
      this.#worker = null
      this.#onClusters([])
      this.#again = window.setTimeout(() => {
        this.start()
        this.changed()
      }, this.#againMs)
      this.#againMs *= 2
    })
  }

  stop(): void {
    this.#worker?.terminate()
    this.#worker = null
    if (this.#timer !== null) clearTimeout(this.#timer)
    if (this.#patience !== null) clearTimeout(this.#patience)
    if (this.#again !== null) clearTimeout(this.#again)
  }

  /** Places came, went or moved. */
  changed(): void {
    this.#isDirty = true
    this.#timer ??= window.setTimeout(() => {
      this.#timer = null
      if (this.#lastAsk !== null) this.ask(this.#lastAsk.bbox, this.#lastAsk.zoom)
    }, REINDEX_MS)
  }

  /** Asks for the clusters of a view; at once with what is new, if anything is. */
  ask(bbox: readonly [number, number, number, number], zoom: number): void {
    this.#lastAsk = { bbox, zoom }
    if (this.#isDirty) this.#index()
    this.#token += 1
    if (this.#worker === null) this.#onClusters([])
    else this.#send({ type: 'ask', token: this.#token, bbox, zoom })
  }

  #index(): void {
    this.#isDirty = false
    this.#version += 1
    const byLayer = new Map<string, ClusterPlace[]>()
    for (const place of this.#places()) {
      const list = byLayer.get(place.layer)
      if (list === undefined) byLayer.set(place.layer, [place])
      else list.push(place)
    }
    this.#ids = new Map([...byLayer].map(([layer, places]) => [layer, places.map(({ id }) => id)]))
    const layers = [...byLayer].map(([id, places]) => ({
      id,
      places: Float64Array.from(places.flatMap(({ lon, lat }) => [lon, lat])),
    }))
    this.#send({ type: 'index', version: this.#version, layers })
    if (layers.length > 0) {
      this.#patience ??= window.setTimeout(() => {
        if (!this.#hasAnswered) this.#onClusters([])
      }, PATIENCE_MS)
    }
  }

  #send(message: ToWorker): void {
    this.#worker?.postMessage(message)
  }

  #answered({ token, version, layers }: FromWorker): void {
    if (token !== this.#token || version !== this.#version) return
    // Asked before the first places were known: whoever waits for theirs waits for the next answer.
    if (this.#isDirty && this.#ids.size === 0) return
    if (this.#ids.size > 0) this.#hasAnswered = true
    this.#onClusters(
      layers.flatMap(({ id, clusters }) => {
        const ids = this.#ids.get(id) ?? []
        return clusters.map(({ lat, lon, members }) => ({
          layer: id,
          lat,
          lon,
          members: members.flatMap((member) => ids[member] ?? []),
        }))
      }),
    )
  }
}
