// The short version of `npm run faults`: a few rounds of the faults that matter most, and two defects planted in a copy of the build,
// which the campaign has to see: otherwise its zeros would prove nothing. The seed is printed, so that a run can be repeated.

import { describe, expect, it } from 'vitest'
import { systemClock } from '../contract/time.ts'
import { type FaultResult, runCampaign } from '../faults/campaign.ts'
import { syncError, writeErrors } from '../faults/catalogue/disk-errors.ts'
import { disorder } from '../faults/catalogue/disorder.ts'
import { killAll, killPart } from '../faults/catalogue/kill.ts'
import { powerCut } from '../faults/catalogue/power-cut.ts'
import { type Fault, RIGGED_DISK } from '../faults/fault.ts'

const SEED = Number(process.env['PANTAU_TEST_SEED'] ?? 42)
/** A planted defect need not be looked for again. */
const SHORT_PATIENCE_MS = 2_000
/** Seconds on a free machine, many more on one that others use. */
const LONG_MS = 400_000

function run(faults: readonly Fault[], rounds: number, patienceMs?: number): Promise<FaultResult[]> {
  return runCampaign(faults, {
    rounds,
    seed: SEED,
    clock: systemClock,
    ...(patienceMs === undefined ? {} : { patienceMs }),
  })
}

/** What did not hold, by fault. */
function wrongs(results: readonly FaultResult[]): unknown[] {
  return results.flatMap(({ fault, rounds }) =>
    rounds
      .filter(({ lost, doubled, faults }) => lost + doubled + faults.length > 0)
      .map(({ lost, doubled, faults }) => ({ fault: fault.name, lost, doubled, faults })),
  )
}

const lostIn = (results: readonly FaultResult[]): number =>
  results.flatMap(({ rounds }) => rounds).reduce((sum, { lost }) => sum + lost, 0)

/** One village for all of them: its log's disk is the real one until a fault orders otherwise. */
const shared = (faults: readonly Fault[]): Fault[] =>
  faults.map((fault) => ({ ...fault, stage: RIGGED_DISK }))

// Side by side: most of a round is waiting.
describe.concurrent(`faults under load (PANTAU_TEST_SEED=${SEED})`, { timeout: LONG_MS }, () => {
  it('parts that are killed, repetitions, a power cut and a disk that fails: all that was acknowledged is stored once', async () => {
    const kills = [killPart('broker'), killPart('ingest'), killPart('dashboard'), killAll]
    const faults = shared([...kills, disorder, powerCut, writeErrors, syncError])
    const results = await run(faults, 1)
    expect(wrongs(results)).toEqual([])
    expect(results.flatMap(({ rounds }) => rounds)).toHaveLength(faults.length)
    for (const { rounds } of results)
      for (const round of rounds) expect(round.acknowledged).toBeGreaterThan(50)
  })

  it('a planted defect that acknowledges before the sync loses readings in a power cut, and the campaign says so', async () => {
    const planted: Fault = {
      ...powerCut,
      stage: { name: 'acknowledges early', rig: 'earlyAcknowledgement' },
    }
    expect(lostIn(await run([planted], 3, SHORT_PATIENCE_MS))).toBeGreaterThan(0)
  })

  it('a planted defect that stores the position before the rows loses readings when ingest is killed, and the campaign says so', async () => {
    const planted: Fault = {
      ...killPart('ingest'),
      stage: { name: 'position first', rig: 'earlyPosition' },
    }
    expect(lostIn(await run([planted], 5, SHORT_PATIENCE_MS))).toBeGreaterThan(0)
  })
})
