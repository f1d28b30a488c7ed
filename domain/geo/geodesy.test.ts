import { describe, expect, it } from 'vitest'
import { bearingDeg, haversineM } from './geodesy.ts'
import { localPlane } from './local-plane.ts'

const CIDENG = { lat: -6.1702, lon: 106.8071 }

describe('great-circle distance', () => {
  it('of one degree on the equator is 111,195.08 m (domain C5)', () => {
    expect(haversineM({ lat: 0, lon: 0 }, { lat: 0, lon: 1 })).toBeCloseTo(111_195.080_233_533, 6)
  })

  it('agrees with the worked case in Cideng (domain C5)', () => {
    expect(haversineM(CIDENG, { lat: -6.1751, lon: 106.811 })).toBeCloseTo(694.81, 2)
  })

  it('agrees from Jakarta to Bandung (vector transit-haversine-06)', () => {
    const metres = haversineM({ lat: -6.2088, lon: 106.8456 }, { lat: -6.9175, lon: 107.6191 })
    expect(Math.abs(metres / 116_236.559_189_225 - 1)).toBeLessThan(1e-6)
  })

  it('of a place to itself is 0', () => {
    expect(haversineM(CIDENG, CIDENG)).toBe(0)
  })
})

describe('initial bearing', () => {
  it('agrees with the worked case (vector transit-bearing-01)', () => {
    expect(bearingDeg(CIDENG, { lat: -6.1754, lon: 106.8272 })).toBeCloseTo(104.586_843_444, 3)
  })

  it('is 90 to the east, 270 to the west, and below 360 to the north', () => {
    const origin = { lat: 0, lon: 0 }
    expect(bearingDeg(origin, { lat: 0, lon: 1 })).toBeCloseTo(90, 9)
    expect(bearingDeg(origin, { lat: 0, lon: -1 })).toBeCloseTo(270, 9)
    expect(bearingDeg(origin, { lat: 1, lon: 0 })).toBe(0)
  })
})

// The plane's error against the sphere as domain C5 computed it for 6.17 degrees south, printed to the digits here.
describe('the local plane', () => {
  const plane = localPlane(CIDENG)

  it.each([
    [1_000, 0.003, 3],
    [5_000, 0.08, 2],
    [20_000, 1.3, 1],
  ])('%d m away errs by at most %d m, whatever the direction', (distance, printed, digits) => {
    let most = 0
    for (let degrees = 0; degrees < 360; degrees += 15) {
      const angle = (degrees * Math.PI) / 180
      const point = { x: distance * Math.sin(angle), y: distance * Math.cos(angle) }
      most = Math.max(most, Math.abs(haversineM(CIDENG, plane.toLatLon(point)) - distance))
    }
    expect(most).toBeCloseTo(printed, digits)
  })

  it('gives back the place it was given', () => {
    const { lat, lon } = plane.toLatLon(plane.toPlane({ lat: -6.18, lon: 106.82 }))
    expect(lat).toBeCloseTo(-6.18, 12)
    expect(lon).toBeCloseTo(106.82, 12)
  })

  it('reaches over the 180th meridian', () => {
    const fiji = localPlane({ lat: -16, lon: 179.99 })
    const { x } = fiji.toPlane({ lat: -16, lon: -179.99 })
    expect(x).toBeCloseTo(haversineM({ lat: -16, lon: 179.99 }, { lat: -16, lon: -179.99 }), 1)
    expect(fiji.toLatLon({ x, y: 0 }).lon).toBeCloseTo(-179.99, 9)
  })
})
