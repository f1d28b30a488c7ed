// Percentiles that can be merged (domain B5): values are counted in buckets whose width grows with the value, so that any percentile of a
// month made of days is within a stated relative error of the exact one (DDSketch: Masson, Rim, Lee, VLDB 2019, section 2).

/** Relative error of a percentile, of values above `SMALLEST`. */
export const SKETCH_ERROR = 0.005

const GAMMA = (1 + SKETCH_ERROR) / (1 - SKETCH_ERROR)
export const LOG_GAMMA = Math.log(GAMMA)
/** Values below are taken for 0: a microsecond, of milliseconds. */
export const SMALLEST = 1e-3
/** Bucket of the values that are taken for 0, below every other. */
export const ZERO_BUCKET = Math.floor(Math.log(SMALLEST) / LOG_GAMMA) - 1

/** Number of the bucket of a value, at least 0: it holds (GAMMA^(n-1), GAMMA^n]. */
export function sketchBucket(value: number): number {
  return value < SMALLEST ? ZERO_BUCKET : Math.ceil(Math.log(value) / LOG_GAMMA)
}

/** A bucket of a sketch and how many values lie in it. */
export type BucketCount = readonly [bucket: number, count: number]

/** A count of values, at least 0, by size. At most about 2,700 buckets up to an hour of milliseconds. */
export class QuantileSketch {
  readonly #buckets = new Map<number, number>()
  #count = 0

  get count(): number {
    return this.#count
  }

  /** Throws RangeError for a value below 0 or one that is no number. */
  add(value: number): void {
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) throw new RangeError(`${value} is no size`)
    this.#take(sketchBucket(value), 1)
  }

  /** Takes values that were counted elsewhere, by `sketchBucket`. */
  addCounts(counts: Iterable<BucketCount>): void {
    for (const [bucket, count] of counts) this.#take(bucket, count)
  }

  #take(bucket: number, count: number): void {
    this.#count += count
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + count)
  }

  /** What it holds, in no order. */
  counts(): BucketCount[] {
    return [...this.#buckets]
  }

  /** Takes all that the other has; it stays as it is. */
  merge(other: QuantileSketch): void {
    this.addCounts(other.#buckets)
  }

  /** R type 7 like `percentile`, within SKETCH_ERROR of it; `share` 0 to 1; null when there are no values. */
  percentile(share: number): number | null {
    if (this.#count === 0) return null
    const place = (this.#count - 1) * share
    const below = this.#valueAt(Math.floor(place))
    const above = this.#valueAt(Math.min(this.#count - 1, Math.floor(place) + 1))
    return below + (above - below) * (place - Math.floor(place))
  }

  /** The value that has `rank` values before it. */
  #valueAt(rank: number): number {
    let seen = 0
    let last = ZERO_BUCKET
    for (const bucket of [...this.#buckets.keys()].sort((a, b) => a - b)) {
      last = bucket
      seen += this.#buckets.get(bucket) ?? 0
      if (rank < seen) break
    }
    return last === ZERO_BUCKET ? 0 : (2 * GAMMA ** last) / (GAMMA + 1)
  }
}
