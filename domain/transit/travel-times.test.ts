import { describe, expect, it } from 'vitest'
import { HOUR, MINUTE } from '../../contract/time.ts'
import { TravelTimes } from './travel-times.ts'

const link = (route: string, to = 'B') => ({ route, direction: 0, from: 'A', to, templateS: 100 }) as const

/** A link taken every two minutes in so many seconds each time, since `from`. */
function taken(
  times: TravelTimes,
  route: string,
  takenS: number,
  from: number,
  count: number,
  to = 'B',
): number {
  for (let index = 0; index < count; index += 1) {
    times.learnRun(link(route, to), takenS, from + index * 2 * MINUTE)
  }
  return from + count * 2 * MINUTE
}

describe('the seconds of a way', () => {
  it('are those of the template before anything was learned', () => {
    expect(new TravelTimes().runS(link('R'), 0)).toBe(100)
  })

  it('follow the vehicles that pass', () => {
    const times = new TravelTimes()
    const now = taken(times, 'R', 150, 0, 60)
    expect(times.runS(link('R'), now)).toBeGreaterThan(140)
    expect(times.runS(link('R'), now)).toBeLessThan(160)
  })

  it('are told apart by link where one is slower than its template says', () => {
    const times = new TravelTimes()
    taken(times, 'R', 200, 0, 60, 'B')
    const now = taken(times, 'R', 100, MINUTE, 60, 'C')
    expect(times.runS(link('R', 'B'), now)).toBeGreaterThan(1.5 * times.runS(link('R', 'C'), now))
  })

  it('follow the other routes where no vehicle of the route has passed for an hour: the traffic is of all', () => {
    const times = new TravelTimes()
    const others = Array.from({ length: 8 }, (_, index) => `S${index}`)
    const all = (takenS: number, from: number, count: number): number =>
      Math.max(...others.map((route) => taken(times, route, takenS, from, count)))
    taken(times, 'R', 100, 0, 60)
    const quiet = all(100, 0, 60)
    const before = times.runS(link('R'), quiet + HOUR)
    // The evening peak, seen by the others alone.
    expect(times.runS(link('R'), all(180, quiet, 30))).toBeGreaterThan(1.25 * before)
  })

  it('are nothing of a vehicle that was lost, or parked on its way', () => {
    const times = new TravelTimes()
    expect(times.learnRun(link('R'), 501, 0)).toBe(false)
    expect(times.learnRun(link('R'), 19, 0)).toBe(false)
    expect(times.runS(link('R'), 0)).toBe(100)
  })
})
