// A day of a few devices, so that finding does not rot: what was planted is counted by the simulators' own truth, on a fixed seed. The
// whole village's week is `npm run bench -- truth`.

import { beforeAll, describe, expect, it } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../contract/time.ts'
import { loadVillage } from '../../runtime/village.ts'
import type { TransitScore } from './arrivals.ts'
import { measureStanding, measureTransit, type StandingScore, type TruthPlan } from './measure.ts'

const loaded = loadVillage(new URL('../../villages/cideng', import.meta.url).pathname)
if (!loaded.ok) throw new Error(loaded.faults.join('\n'))

/** Midnight in the village. */
const BEGIN = Date.parse('2026-11-15T17:00:00.000Z')
const PLAN: TruthPlan = {
  village: loaded.village,
  series: new URL('../../simulators/series/', import.meta.url),
  seed: 7,
  from: BEGIN,
  to: BEGIN + DAY,
}

/** Some seconds of work, on a machine that may be busy. */
const PATIENCE_MS = 2 * MINUTE

const middle = (values: readonly number[]): number =>
  values.map(Math.abs).sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN

describe('of a simulated day', () => {
  let score: StandingScore
  beforeAll(() => {
    score = measureStanding(PLAN, { hotspots: 20, sensors: 10 })
  }, PATIENCE_MS)

  it('every outage is shown, and none that was not', () => {
    expect(score.outages).toMatchObject({ happened: 36, shown: 36, found: 36, wrong: [], missed: [] })
  })

  it('each is shown within 90 s, with its cause', () => {
    // A link that died: a keep-alive and a half after its last packet. A probe that failed: with the next report, a minute later at most.
    expect(score.outages.delaysS.filter((delay) => delay > 62)).toEqual([])
    expect(score.outages.causeRight).toBe(1)
  })

  it('every planted fault that changed a reading is noticed, each by a test that can', () => {
    const found = [...score.faults.kinds].map(([kind, { visible, found: some }]) => [kind, visible, some])
    expect(found).toEqual([
      ['stuck', 1, 1],
      ['spike', 1, 1],
      ['drift', 0, 0],
      ['drop_out', 3, 3],
      ['humidity_bias', 1, 1],
      ['clock', 0, 0],
    ])
  })

  it('nothing is noticed of a sound sensor', () => {
    expect(score.faults.wrong).toEqual([])
    expect(score.faults.notices).toBeGreaterThanOrEqual(6)
  })

  it('no index is worse for the readings that are left out', () => {
    const worst = (errors: readonly number[]): number => Math.max(0, ...errors)
    expect(worst(score.indices.flagged)).toBeLessThanOrEqual(worst(score.indices.unflagged))
  })
})

describe('of a simulated morning', () => {
  // Over 03:00, when the fleet begins its day anew.
  let score: TransitScore
  beforeAll(() => {
    score = measureTransit({ ...PLAN, from: BEGIN + 2 * HOUR, to: BEGIN + 9 * HOUR }, { vehicles: 4 })
  }, PATIENCE_MS)

  it('nearly every position is placed on its trip', () => {
    expect(score.matched / score.positions).toBeGreaterThan(0.98)
    expect(middle(score.offsetsM)).toBeLessThan(15)
  })

  it('an arrival five minutes ahead is told better than by timetable, headway or the last delay', () => {
    const five = score.horizons.find(({ horizonMs }) => horizonMs === 5 * MINUTE)
    expect(five?.asked).toBe(580)
    const pantau = middle(five?.errorsS.pantau ?? [])
    for (const way of ['headway', 'timetable', 'last delay'] as const) {
      expect(pantau).toBeLessThan(middle(five?.errorsS[way] ?? []))
    }
    expect(pantau).toBeLessThanOrEqual(40)
  })

  it('four of five arrivals lie within the range that was told', () => {
    for (const { coverage } of score.horizons) expect(coverage).toBeGreaterThanOrEqual(0.8)
  })
})
