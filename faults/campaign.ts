// Runs faults round by round: load, fault, recovery, and the comparison of what was acknowledged with what is stored. The rounds of a lot
// share a village, which at its end is compared as a whole: every row of an export against every ledger, and the counters.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../contract/time.ts'
import { type Fault, type Stage, WRITERS } from './fault.ts'
import { type Lot, type LotPart, lotsOf } from './lots.ts'
import { compare, isWhole, type Verdict } from './oracle.ts'
import { violations } from './rig/orders.ts'
import { Builds } from './rig/rigged-build.ts'
import { Scene } from './scene.ts'
import { Tally } from './tally.ts'

export interface CampaignPlan {
  readonly rounds: number
  readonly seed: number
  readonly clock: Clock
  /** Villages side by side; 1 when absent. */
  readonly jobs?: number
  /** Once aborted no further round is begun. */
  readonly signal?: AbortSignal
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
  /** What the whole round took, and what each part of it did, in their order. */
  readonly roundMs: number
  readonly phases: readonly (readonly [name: string, ms: number])[]
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
const AFTERWARDS_MS = 100
const SHOWN = 3
const STARTS_TRIED = 3

/**
 * Runs the faults in their order; one result each. A round that cannot be brought to its end, or in which something is wrong, is told and
 * ends its fault: rounds of it that are on their way elsewhere are finished.
 */
export async function runCampaign(faults: readonly Fault[], plan: CampaignPlan): Promise<FaultResult[]> {
  const missing = new Map(faults.map((fault) => [fault, fault.missing?.() ?? null]))
  const tried = faults.filter((fault) => missing.get(fault) === null)
  const run: Run = {
    plan,
    builds: new Builds(),
    results: new Map(faults.map((fault) => [fault, []])),
    broken: new Set(),
  }
  const lots = lotsOf(tried, plan.rounds).values()
  async function work(): Promise<void> {
    // All workers take from the one iterator.
    for (const lot of lots) await runLot(lot, run)
  }
  // One that fails must not take the build from under the others.
  const ends = await Promise.allSettled(Array.from({ length: plan.jobs ?? 1 }, work))
  await run.builds.remove()
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  return faults.map((fault) => ({
    fault,
    missing: missing.get(fault) ?? null,
    rounds: run.results.get(fault) ?? [],
  }))
}

export function isPassed({ missing, rounds }: FaultResult): boolean {
  return missing !== null || rounds.every((round) => !isWrong(round))
}

const isWrong = ({ lost, doubled, faults }: RoundResult): boolean => lost + doubled + faults.length > 0

interface Run {
  readonly plan: CampaignPlan
  readonly builds: Builds
  readonly results: ReadonlyMap<Fault, RoundResult[]>
  /** Faults of which no round is begun any more. */
  readonly broken: Set<Fault>
}

/** A village in which something went wrong is looked at no further: what remains of the lot gets another. */
async function runLot({ stage, parts }: Lot, run: Run): Promise<void> {
  const left = parts.filter(({ fault }) => !isOver(run, fault))
  while (left.length > 0 && run.plan.signal?.aborted !== true) {
    const scene = await openScene(stage, run)
    if (scene instanceof Error) {
      const part = left.shift()
      if (part !== undefined) note(run, part.fault, notBegun(`there was no village for it: ${scene.message}`))
      continue
    }
    const tally = new Tally()
    try {
      let last: Fault | null = null
      let isSound = true
      for (
        let part = left.shift();
        part !== undefined && isSound;
        part = isSound ? left.shift() : undefined
      ) {
        last = part.fault
        isSound = await runPart(part, scene, tally, run)
      }
      const whole = isSound ? await wholeFault(scene, tally) : null
      if (whole !== null && last !== null) note(run, last, whole)
    } finally {
      await scene.dispose()
    }
  }
}

/** A machine that is busy may not bring a village up in time: it is tried again. */
async function openScene(stage: Stage, { plan, builds }: Run): Promise<Scene | Error> {
  const { seed, clock, ledgerFolder = null } = plan
  for (let tries = 1; ; tries += 1) {
    try {
      return await Scene.open({ stage, seed, clock, ledgerFolder, builds })
    } catch (error) {
      if (tries >= STARTS_TRIED) return error instanceof Error ? error : new Error(String(error))
    }
  }
}

/** False when something went wrong in it. */
async function runPart(
  { fault, first, last }: LotPart,
  scene: Scene,
  tally: Tally,
  run: Run,
): Promise<boolean> {
  for (let round = first; round <= last && !isOver(run, fault); round += 1) {
    const name = `${fault.name}-${round}`
    const result = await runRound(fault, scene, name, run.plan.patienceMs ?? PATIENCE_MS)
    tally.add(scene.ledger)
    note(run, fault, result)
    run.plan.onRound?.(fault, round, result)
    if (isWrong(result)) return false
  }
  return true
}

function isOver({ broken, plan }: Run, fault: Fault): boolean {
  return broken.has(fault) || plan.signal?.aborted === true
}

function note({ results, broken }: Run, fault: Fault, result: RoundResult): void {
  results.get(fault)?.push(result)
  if (isWrong(result)) broken.add(fault)
}

async function runRound(fault: Fault, scene: Scene, name: string, patienceMs: number): Promise<RoundResult> {
  const { clock } = scene
  const begun = clock.monotonicMs()
  const phases: [string, number][] = []
  async function timed<T>(phase: string, work: Promise<T>): Promise<T> {
    const at = clock.monotonicMs()
    const result = await work
    phases.push([phase, clock.monotonicMs() - at])
    return result
  }
  let recoveryMs = Number.NaN
  const took = () => ({ recoveryMs, roundMs: clock.monotonicMs() - begun, phases })
  try {
    await timed('spare', scene.spare(fault.kills ?? 0))
    await timed('load', scene.beginRound(name, fault.writers ?? WRITERS, fault.pace ?? {}))
    const since = await timed('fault', fault.inject(scene))
    recoveryMs = await timed('recovery', scene.recovery(since))
    await sleep(AFTERWARDS_MS)
    await timed('drain', scene.finishWriters())
    await timed('store', scene.settled())
    const verdict = await timed('oracle', verdictOf(scene, patienceMs))
    return resultOf(verdict, took(), violations(scene.log))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const tail = scene.village.log().trim().split('\n').slice(-SHOWN).join('\n')
    const { acknowledgedCount: acknowledged } = scene.ledger
    return { acknowledged, lost: 0, doubled: 0, ...took(), faults: [`${why}\n${tail}`] }
  } finally {
    scene.ledger.close()
  }
}

/** What is missing at first is looked for again: an answer may be a moment older than the last acknowledgement. */
async function verdictOf(scene: Scene, patienceMs: number): Promise<Verdict> {
  const until = scene.clock.monotonicMs() + patienceMs
  for (;;) {
    const verdict = compare(scene.ledger, await scene.questions.storedByApi(scene.ledger))
    if (verdict.lost.length === 0 || scene.clock.monotonicMs() > until) return verdict
    await sleep(250)
  }
}

type Took = Pick<RoundResult, 'recoveryMs' | 'roundMs' | 'phases'>

function resultOf(verdict: Verdict, took: Took, violated: readonly string[]): RoundResult {
  const { acknowledged, lost, doubled, changed, unsent } = verdict
  const faults = [...violated]
  if (!isWhole(verdict)) {
    for (const [what, readings] of Object.entries({ lost, doubled, changed, unsent })) {
      if (readings.length === 0) continue
      const shown = readings.slice(0, SHOWN).map(({ device, time, value }) => `${device} ${time} ${value}`)
      faults.push(`${readings.length} ${what}, such as ${shown.join('; ')}`)
    }
  }
  return { acknowledged, lost: lost.length, doubled: doubled.length, ...took, faults }
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
  return { ...notBegun(''), lost, doubled, faults }
}

/** A result that is none of a round. */
function notBegun(why: string): RoundResult {
  const took = { recoveryMs: Number.NaN, roundMs: Number.NaN, phases: [] }
  return { acknowledged: 0, lost: 0, doubled: 0, ...took, faults: [why] }
}
