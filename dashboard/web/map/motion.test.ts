import { describe, expect, it } from 'vitest'
import { type Fix, glideTo, placeOnGlide } from './motion.ts'
import { at, metresPerUnit, routeLine } from './route-line.ts'

const LAT = -6.17
const UNIT_M = metresPerUnit(LAT)
/** A fix so many metres east and south of a place, at that second. */
const fix = (eastM: number, southM: number, second: number): Fix => ({
  x: 100 + eastM / UNIT_M,
  y: 100 + southM / UNIT_M,
  lat: LAT,
  time: second * 1_000,
})
const metresFrom = (out: Float64Array, place: Fix): number =>
  Math.hypot(at(out, 0) - place.x, at(out, 1) - place.y) * UNIT_M

describe('a vehicle', () => {
  it('glides from fix to fix in the time between them, and stops there', () => {
    const [from, to] = [fix(0, 0, 0), fix(100, 0, 8)]
    const glide = glideTo(from, from, to, null)
    expect(glide?.durationMs).toBe(8_000)
    const out = new Float64Array(2)
    if (glide === null) return
    expect(placeOnGlide(glide, 4_000, out)).toBe(false)
    expect(metresFrom(out, fix(50, 0, 0))).toBeLessThan(0.01)
    expect(placeOnGlide(glide, 8_000, out)).toBe(true)
    expect(metresFrom(out, to)).toBeLessThan(0.01)
    placeOnGlide(glide, 80_000, out)
    expect(metresFrom(out, to)).toBeLessThan(0.01)
  })

  it('takes at most ten seconds, however long it was silent', () => {
    expect(glideTo(fix(0, 0, 0), fix(0, 0, 0), fix(100, 0, 60), null)?.durationMs).toBe(10_000)
  })

  // reference/ui 2.10: cut over 500 m, over 33 m/s, at the first fix; and without time between two fixes.
  it.each([
    ['at its first fix', null, fix(0, 0, 0)],
    ['over 500 m', fix(0, 0, 0), fix(501, 0, 60)],
    ['over 33 m/s', fix(0, 0, 0), fix(340, 0, 10)],
    ['without time between', fix(0, 0, 5), fix(10, 0, 5)],
  ])('is cut %s', (_why, from, to) => {
    expect(glideTo(from ?? to, from, to, null)).toBeNull()
  })

  it('follows its route round a corner, and is never past its last fix', () => {
    const corner = [fix(0, 0, 0), fix(200, 0, 0), fix(200, 200, 0)]
    const route = routeLine(Float64Array.from(corner.flatMap(({ x, y }) => [x, y])))
    const [from, to] = [fix(100, 5, 0), fix(195, 100, 20)]
    const glide = glideTo(from, from, to, route)
    expect(glide).not.toBeNull()
    if (glide === null) return
    const out = new Float64Array(2)
    let nearestToCorner = Number.POSITIVE_INFINITY
    for (let ms = 0; ms <= 12_000; ms += 100) {
      placeOnGlide(glide, ms, out)
      nearestToCorner = Math.min(nearestToCorner, metresFrom(out, fix(200, 0, 0)))
      expect((at(out, 1) - to.y) * UNIT_M).toBeLessThan(0.01)
    }
    expect(nearestToCorner).toBeLessThan(4)
  })

  it('goes straight when a fix lies off its route', () => {
    const route = routeLine(Float64Array.from([fix(0, 0, 0), fix(300, 0, 0)].flatMap(({ x, y }) => [x, y])))
    const [from, to] = [fix(0, 60, 0), fix(100, 60, 10)]
    expect(glideTo(from, from, to, route)?.line.lengths).toHaveLength(2)
  })
})
