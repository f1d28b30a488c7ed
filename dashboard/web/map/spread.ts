// Moves markers that lie on each other apart, just enough to see each of them: a station stands on the roof of the office
// that has a hotspot. Small pushes along the line between two markers, a few rounds; a thin line leads to the true place.

export interface Marker {
  /** Its true place in px. */
  readonly x: number
  readonly y: number
  readonly radius: number
}

const ROUNDS = 24
const FARTHEST = 46
const GAP = 2
const CELL = 64

/** By how much each marker is moved, as x, y, x, y...; the same for the same markers, whatever their order in time. */
export function spreadMarkers(markers: readonly Marker[]): Float32Array {
  const moved = new Float32Array(markers.length * 2)
  for (let round = 0; round < ROUNDS; round += 1) {
    if (!pushApart(markers, moved)) break
  }
  return moved
}

function pushApart(markers: readonly Marker[], moved: Float32Array): boolean {
  const cells = new Map<string, number[]>()
  const placeOf = (index: number): readonly [number, number] => [
    (markers[index]?.x ?? 0) + (moved[2 * index] ?? 0),
    (markers[index]?.y ?? 0) + (moved[2 * index + 1] ?? 0),
  ]
  let isPushed = false
  markers.forEach((marker, index) => {
    const [x, y] = placeOf(index)
    const [column, row] = [Math.floor(x / CELL), Math.floor(y / CELL)]
    for (let down = -1; down <= 1; down += 1) {
      for (let right = -1; right <= 1; right += 1) {
        for (const other of cells.get(`${column + right},${row + down}`) ?? []) {
          const wanted = marker.radius + (markers[other]?.radius ?? 0) + GAP
          isPushed = push(moved, index, other, placeOf(index), placeOf(other), wanted) || isPushed
        }
      }
    }
    const key = `${column},${row}`
    const cell = cells.get(key)
    if (cell === undefined) cells.set(key, [index])
    else cell.push(index)
  })
  return isPushed
}

function push(
  moved: Float32Array,
  index: number,
  other: number,
  [ax, ay]: readonly [number, number],
  [bx, by]: readonly [number, number],
  wanted: number,
): boolean {
  const distance = Math.hypot(ax - bx, ay - by)
  if (distance >= wanted - 0.5) return false
  // Markers on the very same place part in a direction of their own.
  const angle = distance < 0.01 ? index * 2.4 : Math.atan2(ay - by, ax - bx)
  const step = (wanted - distance) / 2
  shift(moved, index, Math.cos(angle) * step, Math.sin(angle) * step)
  shift(moved, other, -Math.cos(angle) * step, -Math.sin(angle) * step)
  return true
}

function shift(moved: Float32Array, index: number, x: number, y: number): void {
  const [wantedX, wantedY] = [(moved[2 * index] ?? 0) + x, (moved[2 * index + 1] ?? 0) + y]
  const distance = Math.hypot(wantedX, wantedY)
  const share = distance > FARTHEST ? FARTHEST / distance : 1
  moved[2 * index] = wantedX * share
  moved[2 * index + 1] = wantedY * share
}
