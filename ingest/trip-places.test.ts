import { describe, expect, it } from 'vitest'
import type { Observation } from '../contract/observation.ts'
import { SECOND } from '../contract/time.ts'
import { shapeLine } from '../domain/transit/shape-line.ts'
import { tripPlaces } from './trip-places.ts'

/** 1,105.5 m eastward at 6.17 S, and the same out and back; 0.001 degrees are 110.55 m (domain C5). */
const OUT = shapeLine([
  { lat: -6.17, lon: 106.8 },
  { lat: -6.17, lon: 106.81 },
])
const OUT_AND_BACK = shapeLine([...OUT.points, { lat: -6.17, lon: 106.8 }])

const LINES = new Map([
  ['out', OUT],
  ['loop', OUT_AND_BACK],
])

const fix = (second: number, lat: number, lon: number, members: Partial<Observation> = {}): Observation => ({
  device: 'bus',
  kind: 'vehicle',
  time: second * SECOND,
  arrival: second * SECOND,
  timeIsArrival: false,
  values: {},
  position: { lat, lon },
  trip: 'out',
  ...members,
})

describe('the place of a vehicle on its trip', () => {
  it('is how far along the shape it is, and how far beside', () => {
    const place = tripPlaces(LINES)(fix(0, -6.1703, 106.804))
    // Domain C6: along 442.2, offset 33.4.
    expect(place?.alongM).toBeCloseTo(442.2, 1)
    expect(place?.offsetM).toBeCloseTo(33.4, 1)
    expect(place?.isOnTrip).toBe(true)
  })

  it('is none 100 m off, and 300 m off it is not on the trip that it names', () => {
    const placeOf = tripPlaces(LINES)
    expect(placeOf(fix(0, -6.1709, 106.804))).toMatchObject({ alongM: null, isOnTrip: true })
    expect(placeOf(fix(10, -6.1727, 106.804))).toMatchObject({ alongM: null, isOnTrip: false })
  })

  it('on a route out and back is not told before the second fix has shown which way it goes', () => {
    const placeOf = tripPlaces(LINES)
    expect(placeOf(fix(0, -6.17, 106.804, { trip: 'loop' }))?.alongM).toBeNull()
    // Back: 2 x 1,105.5 less 331.65.
    expect(placeOf(fix(20, -6.17, 106.803, { trip: 'loop' }))?.alongM).toBeCloseTo(1_879.4, 0)
  })

  it('begins anew with another trip, and is none without one', () => {
    const placeOf = tripPlaces(LINES)
    placeOf(fix(0, -6.17, 106.809))
    expect(placeOf(fix(10, -6.17, 106.8, { trip: 'nowhere' }))).toBeNull()
    expect(placeOf(fix(20, -6.17, 106.801))?.alongM).toBeCloseTo(110.55, 1)
    const { trip: _, ...untold } = fix(30, -6.17, 106.802)
    expect(placeOf(untold)).toBeNull()
  })

  it('is that of each vehicle by itself', () => {
    const placeOf = tripPlaces(LINES)
    placeOf(fix(0, -6.17, 106.809, { device: 'first' }))
    expect(placeOf(fix(0, -6.17, 106.801, { device: 'second' }))?.alongM).toBeCloseTo(110.55, 1)
  })
})
