import { describe, expect, it } from 'vitest'
import { hoursApart, type NeighbourStation } from './neighbour-hours.ts'

const RULE = { threshold: 3, minStd: 5, minNeighbours: 3 }
const HOUR_0 = Date.UTC(2026, 10, 24)

function station(id: string, lat: number, mean: number): NeighbourStation {
  return { id, position: { lat, lon: 106.8 }, means: new Map([[HOUR_0, mean]]) }
}

describe('the neighbour test over a village', () => {
  const calm = [station('b', -6.171, 41), station('c', -6.172, 38), station('d', -6.173, 44)]

  it('finds the station of the worked example', () => {
    const found = hoursApart([station('a', -6.17, 95), ...calm], [HOUR_0], RULE)
    expect([...found]).toEqual([['a', [HOUR_0]]])
  })

  it('does not judge by stations farther than 1,500 m', () => {
    // 0.02 degrees of latitude are 2.2 km.
    expect(hoursApart([station('a', -6.15, 95), ...calm], [HOUR_0], RULE).size).toBe(0)
  })

  it('does not judge an hour that the station or its neighbours have nothing of', () => {
    expect(hoursApart([station('a', -6.17, 95), ...calm], [HOUR_0 + 3_600_000], RULE).size).toBe(0)
  })
})
