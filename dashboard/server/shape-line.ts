// A trip's shape as a line measured in metres, and where along it the trip's stops lie. A route that doubles back passes a
// stop's place twice, so the stops are placed together: in order, and nearest in sum (domain C5, C6).

export interface LatLonPoint {
  readonly lat: number
  readonly lon: number
}

export interface ShapeLine {
  readonly points: readonly LatLonPoint[]
  /** Metres from the begin, for each point. */
  readonly alongM: readonly number[]
}

const EARTH_RADIUS_M = 6_371_008.8
const RADIANS = Math.PI / 180

export function shapeLine(points: readonly LatLonPoint[]): ShapeLine {
  const alongM: number[] = []
  points.forEach((point, index) => {
    const before = points[index - 1]
    alongM.push(before === undefined ? 0 : (alongM[index - 1] ?? 0) + distanceM(before, point))
  })
  return { points, alongM }
}

/** Haversine on the mean sphere (domain C5). */
export function distanceM(a: LatLonPoint, b: LatLonPoint): number {
  const sinLat = Math.sin(((b.lat - a.lat) * RADIANS) / 2)
  const sinLon = Math.sin(((b.lon - a.lon) * RADIANS) / 2)
  const h = sinLat ** 2 + Math.cos(a.lat * RADIANS) * Math.cos(b.lat * RADIANS) * sinLon ** 2
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)))
}

interface Candidate {
  readonly alongM: number
  readonly offsetM: number
}

/** A pass of the line further from the stop than this is none, unless there is no nearer. */
const NEAR_M = 100

/** Metres along the line for each stop, never falling; each at the pass that makes the sum of squared offsets least. */
export function placeStops(line: ShapeLine, stops: readonly LatLonPoint[]): readonly number[] {
  let paths: readonly { readonly cost: number; readonly places: readonly number[] }[] = [
    { cost: 0, places: [] },
  ]
  for (const stop of stops) {
    const candidates = passesOf(line, stop)
    const next = candidates.flatMap((candidate) => {
      const before = paths
        .filter(({ places }) => (places.at(-1) ?? 0) <= candidate.alongM)
        .sort((a, b) => a.cost - b.cost)[0]
      return before === undefined
        ? []
        : [{ cost: before.cost + candidate.offsetM ** 2, places: [...before.places, candidate.alongM] }]
    })
    // A stop that lies behind the one before on every pass stands where that one stands.
    paths =
      next.length > 0
        ? next
        : paths.map(({ cost, places }) => ({ cost, places: [...places, places.at(-1) ?? 0] }))
  }
  return [...paths].sort((a, b) => a.cost - b.cost)[0]?.places ?? []
}

/** Where the line passes the place: each stretch that comes near has one nearest point. */
function passesOf(line: ShapeLine, place: LatLonPoint): readonly Candidate[] {
  const all = line.points.slice(1).map((_, index) => projectOn(line, index, place))
  const lowest = all.filter(
    ({ offsetM }, index) =>
      offsetM <= (all[index - 1]?.offsetM ?? Number.POSITIVE_INFINITY) &&
      offsetM < (all[index + 1]?.offsetM ?? Number.POSITIVE_INFINITY),
  )
  const near = lowest.filter(({ offsetM }) => offsetM <= NEAR_M)
  if (near.length > 0) return near
  return lowest.sort((a, b) => a.offsetM - b.offsetM).slice(0, 1)
}

/** In the local plane at the place (domain C5): exact enough by far at these distances. */
function projectOn(line: ShapeLine, index: number, place: LatLonPoint): Candidate {
  const [from, to] = [line.points[index] ?? place, line.points[index + 1] ?? place]
  const scale = Math.cos(place.lat * RADIANS)
  const x = (point: LatLonPoint): number => (point.lon - place.lon) * RADIANS * scale * EARTH_RADIUS_M
  const y = (point: LatLonPoint): number => (point.lat - place.lat) * RADIANS * EARTH_RADIUS_M
  const [dx, dy] = [x(to) - x(from), y(to) - y(from)]
  const squared = dx * dx + dy * dy
  const share = squared === 0 ? 0 : Math.min(1, Math.max(0, -(x(from) * dx + y(from) * dy) / squared))
  const before = line.alongM[index] ?? 0
  const length = (line.alongM[index + 1] ?? before) - before
  return { alongM: before + share * length, offsetM: Math.hypot(x(from) + share * dx, y(from) + share * dy) }
}
