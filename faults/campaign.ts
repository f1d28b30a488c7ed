// Runs faults round by round: load, fault, recovery, and the comparison of what was acknowledged with what is stored. Faults on the same
// stage share a village, which at the end is compared as a whole: every row of an export against every ledger, and the counters.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../contract/time.ts'
import { type Fault, WRITERS } from './fault.ts'
import { compare, isWhole, type Verdict } from './oracle.ts'
import { violations } from './rig/orders.ts'
import { Scene, stageOf } from './scene.ts'
import { Tally } from './tally.ts'

export interface CampaignPlan {
  readonly rounds: number
  readonly seed: number
  readonly clock: Clock
  /** Hears of each round. */
  readonly onRound?: (fault: Fault, round: number, result: RoundResult) => void
  /** What is missing is looked for again for this long before it counts as lost. */
  readonly patienceMs?: number
  /** Where the acknowledgements of each round are written down. */
  readonly ledgerFolder?: string
}

export interface RoundResult {
  readonly acknowledged: number
  readonly lost: number
  readonly doubled: number
  readonly recoveryMs: number
  /** What else went wrong, in words. */
  readonly faults: readonly string[]
}

export interface FaultResult {
  readonly fault: Fault
  /** Why it was not tried; null when it was. */
  readonly missing: string | null
  readonly rounds: readonly RoundResult[]
}

const PATIENCE_MS = 20_000
/** The load goes on this long after the recovery. */
const AFTERWARDS_MS = 200
const SHOWN = 3

/** Runs the faults in their order; one result each. A round that cannot be brought to its end is told and ends its fault. */
export async function runCampaign(faults: readonly Fault[], plan: CampaignPlan): Promise<FaultResult[]> {
  const results: FaultResult[] = []
  let scene: Scene | null = null
  let tally = new Tally()
  try {
    for (const [index, fault] of faults.entries()) {
      const missing = fault.missing?.() ?? null
      if (missing !== null) {
        results.push({ fault, missing, rounds: [] })
        continue
      }
      if (scene === null) {
        scene = await Scene.open(
          stageOf(fault.stage),
          plan.seed + index,
          plan.clock,
          plan.ledgerFolder ?? null,
        )
        tally = new Tally()
      }
      const rounds = await runFault(fault, scene, tally, plan)
      const next = faults.slice(index + 1).find((other) => (other.missing?.() ?? null) === null)
      const isBroken = rounds.some(({ faults: wrong }) => wrong.length > 0)
      if (isBroken || next === undefined || stageOf(next.stage) !== stageOf(fault.stage)) {
        if (!isBroken) appendWhole(rounds, await wholeFault(scene, tally))
        await scene.dispose()
        scene = null
      }
      results.push({ fault, missing: null, rounds })
    }
  } finally {
    await scene?.dispose()
  }
  return results
}

export function isPassed({ missing, rounds }: FaultResult): boolean {
  return (
    missing !== null ||
    rounds.every(({ lost, doubled, faults }) => lost === 0 && doubled === 0 && faults.length === 0)
  )
}

async function runFault(
  fault: Fault,
  scene: Scene,
  tally: Tally,
  plan: CampaignPlan,
): Promise<RoundResult[]> {
  const rounds: RoundResult[] = []
  for (let round = 1; round <= Math.min(plan.rounds, fault.mostRounds ?? plan.rounds); round += 1) {
    const result = await runRound(fault, scene, `${fault.name}-${round}`, plan.patienceMs ?? PATIENCE_MS)
    tally.add(scene.ledger)
    rounds.push(result)
    plan.onRound?.(fault, round, result)
    if (result.faults.length > 0) break
  }
  return rounds
}

async function runRound(fault: Fault, scene: Scene, name: string, patienceMs: number): Promise<RoundResult> {
  let recoveryMs = Number.NaN
  try {
    await scene.spare(fault.kills ?? 0)
    await scene.beginRound(name, fault.writers ?? WRITERS, fault.pace ?? {})
    recoveryMs = await scene.recovery(await fault.inject(scene))
    await sleep(AFTERWARDS_MS)
    await scene.finishWriters()
    await scene.settled()
    const verdict = await verdictOf(scene, patienceMs)
    return resultOf(verdict, recoveryMs, violations(scene.log))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const tail = scene.village.log().trim().split('\n').slice(-SHOWN).join('\n')
    const { acknowledgedCount: acknowledged } = scene.ledger
    return { acknowledged, lost: 0, doubled: 0, recoveryMs, faults: [`${why}\n${tail}`] }
  } finally {
    scene.ledger.close()
  }
}

/** What is missing at first is looked for again: an answer may be a moment older than the last acknowledgement. */
async function verdictOf(scene: Scene, patienceMs: number): Promise<Verdict> {
  const until = scene.clock.monotonicMs() + patienceMs
  for (;;) {
    const verdict = compare(scene.ledger, await scene.storedByApi())
    if (verdict.lost.length === 0 || scene.clock.monotonicMs() > until) return verdict
    await sleep(250)
  }
}

function resultOf(verdict: Verdict, recoveryMs: number, violated: readonly string[]): RoundResult {
  const { acknowledged, lost, doubled, changed, unsent } = verdict
  const faults = [...violated]
  if (!isWhole(verdict)) {
    for (const [what, readings] of Object.entries({ lost, doubled, changed, unsent })) {
      if (readings.length === 0) continue
      const shown = readings.slice(0, SHOWN).map(({ device, time, value }) => `${device} ${time} ${value}`)
      faults.push(`${readings.length} ${what}, such as ${shown.join('; ')}`)
    }
  }
  return { acknowledged, lost: lost.length, doubled: doubled.length, recoveryMs, faults }
}

/** The village as a whole, after all its rounds: an export of every row, and the counters; null when all is well. */
async function wholeFault(scene: Scene, tally: Tally): Promise<RoundResult | null> {
  const rows = await scene.storedByExport()
  const { lost, doubled } = tally.compare(rows)
  const counters = await scene.countersFault(rows.length)
  if (lost + doubled === 0 && counters === null) return null
  const faults = [
    ...(counters === null ? [] : [counters]),
    ...(lost + doubled > 0 ? [`an export after all rounds: ${lost} lost, ${doubled} doubled`] : []),
  ]
  return { acknowledged: 0, lost, doubled, recoveryMs: Number.NaN, faults }
}

function appendWhole(rounds: RoundResult[], whole: RoundResult | null): void {
  if (whole !== null) rounds.push(whole)
}
