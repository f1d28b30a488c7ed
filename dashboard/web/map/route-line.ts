// A route's shape as a line that can be measured: how far along it a place lies, and the piece between two places. Positions
// are in units of the world map at zoom 0 (Web Mercator, 256 wide), which are square everywhere.

export interface RouteLine {
  /** x, y, x, y... */
  readonly points: Float64Array
  /** From the begin to each point. */
  readonly lengths: Float64Array
}

export interface OnLine {
  readonly along: number
  readonly distance: number
}

/** Metres that a unit of the world map at zoom 0 stands for at that latitude. */
export function metresPerUnit(lat: number): number {
  return 156_543.034 * Math.cos((lat * Math.PI) / 180)
}

export function routeLine(points: Float64Array): RouteLine {
  const count = points.length / 2
  const lengths = new Float64Array(count)
  for (let index = 1; index < count; index += 1) {
    const step = Math.hypot(
      at(points, 2 * index) - at(points, 2 * index - 2),
      at(points, 2 * index + 1) - at(points, 2 * index - 1),
    )
    lengths[index] = at(lengths, index - 1) + step
  }
  return { points, lengths }
}

/** Typed arrays are read within their bounds; the fallback is for the compiler. */
export function at(values: Float64Array, index: number): number {
  return values[index] ?? 0
}

/**
 * The nearest place on the line between two places of it; of places about equally near (a line may pass twice) the one that
 * comes first. Null where there is no segment.
 */
export function nearestOnLine(
  line: RouteLine,
  x: number,
  y: number,
  notBefore = 0,
  notAfter = Number.POSITIVE_INFINITY,
): OnLine | null {
  let best: OnLine | null = null
  const { points, lengths } = line
  for (let index = firstSegment(lengths, notBefore); index < lengths.length; index += 1) {
    if (at(lengths, index - 1) > notAfter) break
    const found = nearestOnSegment(points, index, at(lengths, index - 1), x, y)
    if (found.along < notBefore) continue
    if (best === null || found.distance < best.distance * 0.8) best = found
  }
  return best
}

/** The first segment that ends at or after that length, by halving. */
function firstSegment(lengths: Float64Array, along: number): number {
  let [low, high] = [1, lengths.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (at(lengths, middle) < along) low = middle + 1
    else high = middle
  }
  return low
}

function nearestOnSegment(points: Float64Array, index: number, begin: number, x: number, y: number): OnLine {
  const [ax, ay, bx, by] = [
    at(points, 2 * index - 2),
    at(points, 2 * index - 1),
    at(points, 2 * index),
    at(points, 2 * index + 1),
  ]
  const [dx, dy] = [bx - ax, by - ay]
  const square = dx * dx + dy * dy
  const share = square === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / square))
  return {
    along: begin + share * Math.sqrt(square),
    distance: Math.hypot(ax + share * dx - x, ay + share * dy - y),
  }
}

/** The points strictly between two places on the line, in order, as x, y... */
export function pointsBetween(line: RouteLine, from: number, to: number): number[] {
  const between: number[] = []
  for (let index = firstSegment(line.lengths, from); index < line.lengths.length; index += 1) {
    const along = at(line.lengths, index)
    if (along >= to) break
    if (along > from) between.push(at(line.points, 2 * index), at(line.points, 2 * index + 1))
  }
  return between
}
