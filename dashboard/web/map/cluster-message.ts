// What page and cluster worker say to each other.

export type ToWorker =
  | {
      readonly type: 'index'
      readonly version: number
      /** Places by layer; the number of a place in its list stands for it in answers. */
      readonly layers: readonly { readonly id: string; readonly places: Float64Array }[]
    }
  | {
      readonly type: 'ask'
      readonly token: number
      readonly bbox: readonly [number, number, number, number]
      readonly zoom: number
    }

export interface FromWorker {
  readonly token: number
  readonly version: number
  readonly layers: readonly {
    readonly id: string
    readonly clusters: readonly {
      readonly lon: number
      readonly lat: number
      readonly members: readonly number[]
    }[]
  }[]
}
