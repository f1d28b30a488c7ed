import { describe, expect, it } from 'vitest'
import { feature } from '../feature.fixture.ts'
import { airAnswer, type NearStation } from './air-answer.ts'
import { type Arrival, minutesUntil, nearestStop } from './next-bus.ts'
import { type NearHotspot, wifiAnswer } from './wifi-answer.ts'

const hotspot = (
  id: string,
  distanceM: number,
  state: 'up' | 'degraded' | 'down' = 'up',
  freshness: NearHotspot['freshness'] = 'live',
): NearHotspot => ({ feature: feature({ state }, id), distanceM, freshness })

describe('the Wi-Fi answer', () => {
  it('counts the nearest four within 500 m', () => {
    const answer = wifiAnswer([10, 20, 30, 40, 50, 600].map((distance) => hotspot(`h${distance}`, distance)))
    expect(answer.near).toHaveLength(4)
    expect(answer.up).toBe(4)
    expect(answer.alternative).toBeNull()
  })

  it('names the nearest that works when the nearest is down', () => {
    const { up, alternative } = wifiAnswer([
      hotspot('a', 10, 'down'),
      hotspot('b', 20, 'degraded'),
      hotspot('c', 30),
    ])
    expect(up).toBe(2)
    expect(alternative?.feature.id).toBe('b')
  })

  it('does not count an old `up` as one', () => {
    expect(wifiAnswer([hotspot('a', 10, 'up', 'stale'), hotspot('b', 900)])).toMatchObject({
      up: 0,
      alternative: { distanceM: 900 },
    })
  })

  it('is empty in a village without hotspots, and names the nearest when none is near', () => {
    expect(wifiAnswer([]).nearest).toBeNull()
    expect(wifiAnswer([hotspot('a', 700)])).toMatchObject({ near: [], nearest: { distanceM: 700 } })
  })
})

const station = (
  id: string,
  distanceM: number,
  value: number | null,
  freshness: NearStation['freshness'] = 'live',
): NearStation => ({
  feature: feature({ kind: 'sensor' }, id),
  distanceM,
  freshness,
  index: {
    value,
    category: null,
    dominant: null,
    time: '2026-11-24T08:00:00.000Z',
    completeness: 1,
    parts: [],
  },
})

describe('the air answer', () => {
  it('is the nearest station with a value within 2 km', () => {
    const answer = airAnswer([station('a', 10, null), station('b', 1_900, 86), station('c', 1_950, 40)])
    expect(answer).toMatchObject({ type: 'station', value: 86, isOld: false, station: { distanceM: 1_900 } })
  })

  it('is else the median of the village, named as such', () => {
    const far = [50, 60, 90].map((value, index) => station(`s${index}`, 3_000 + index, value))
    expect(airAnswer(far)).toEqual({ type: 'median', value: 60, count: 3, isOld: false })
  })

  it('takes a fresh value before a nearer old one, and says when all are old', () => {
    expect(airAnswer([station('a', 10, 30, 'stale'), station('b', 500, 70)])).toMatchObject({
      value: 70,
      isOld: false,
    })
    expect(airAnswer([station('a', 10, 30, 'stale')])).toMatchObject({ value: 30, isOld: true })
  })

  it('invents nothing where nothing is known', () => {
    expect(airAnswer([station('a', 10, null)])).toMatchObject({ type: 'no-value' })
    expect(airAnswer([])).toEqual({ type: 'none' })
  })
})

describe('the bus answer', () => {
  const NOW = Date.parse('2026-11-24T08:00:00.000Z')
  const arrival = (members: Partial<Arrival>): Arrival => ({
    route: '8M',
    headsign: 'Kota',
    trip: null,
    basis: 'live',
    direction: 0,
    ...members,
  })

  it('rounds the wait down to whole minutes, and knows none from an interval', () => {
    expect(minutesUntil(arrival({ predicted: '2026-11-24T08:04:59.000Z' }), NOW)).toBe(4)
    expect(minutesUntil(arrival({ predicted: '2026-11-24T07:59:00.000Z' }), NOW)).toBe(0)
    expect(minutesUntil(arrival({ basis: 'headway', headway_s: 600 }), NOW)).toBeNull()
  })

  it('is of the nearest stop, if one is near', () => {
    const place = { lat: -6.17, lon: 106.807 }
    const stop = (id: string, lat: number) => ({ id, name: id, position: { lat, lon: 106.807 }, routes: [] })
    expect(nearestStop([stop('far', -6.176), stop('near', -6.171)], place)?.stop.id).toBe('near')
    expect(nearestStop([stop('too far', -6.19)], place)).toBeNull()
  })
})
