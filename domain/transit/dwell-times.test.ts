import { describe, expect, it } from 'vitest'
import { HOUR, MINUTE } from '../../contract/time.ts'
import { DwellTimes } from './dwell-times.ts'

const stand = (headwayS: number | null, stop = 'S') =>
  ({ route: 'R', direction: 0, stop, templateS: 20, headwayS }) as const

/** Every ten minutes one comes late and stands 60 s, and another behind it stands 10 s. */
function pairs(dwells: DwellTimes, count: number, stop = 'S'): number {
  for (let pair = 0; pair < count; pair += 1) {
    dwells.learn(stand(590, stop), 60, pair * 10 * MINUTE)
    dwells.learn(stand(10, stop), 10, pair * 10 * MINUTE + 10_000)
  }
  return count * 10 * MINUTE
}

describe('a stand at a stop', () => {
  it("is the template's before any was seen", () => {
    expect(new DwellTimes().expectedS(stand(300), 0)).toBe(20)
  })

  it('is long after a long headway and short behind another vehicle', () => {
    const dwells = new DwellTimes()
    const now = pairs(dwells, 30)
    expect(dwells.expectedS(stand(590), now)).toBeGreaterThan(50)
    expect(dwells.expectedS(stand(10), now)).toBeLessThan(16)
  })

  it('is that of the route where the headway is not known', () => {
    const dwells = new DwellTimes()
    const now = pairs(dwells, 30)
    expect(dwells.expectedS(stand(null), now)).toBeGreaterThan(25)
    expect(dwells.expectedS(stand(null), now)).toBeLessThan(45)
  })

  it('is longer at a stop at which all stand for longer', () => {
    const dwells = new DwellTimes()
    for (let count = 0; count < 40; count += 1) {
      dwells.learn(stand(590, 'market'), 80, count * 5 * MINUTE)
      dwells.learn(stand(590, 'lane'), 20, count * 5 * MINUTE)
    }
    const now = 40 * 5 * MINUTE
    expect(dwells.expectedS(stand(590, 'market'), now)).toBeGreaterThan(65)
    expect(dwells.expectedS(stand(590, 'lane'), now)).toBeLessThan(35)
  })

  it('is forgotten in days', () => {
    const dwells = new DwellTimes()
    const now = pairs(dwells, 30)
    expect(dwells.expectedS(stand(590), now + 240 * HOUR)).toBeCloseTo(20, 1)
  })
})
