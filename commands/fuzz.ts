// `npm run fuzz -- [--cases N] [--seed N]`: a village of its own gets packets and payloads that are almost right, and has to serve on. Ends 1
// when a part died, an answer did not come, or memory at the end of a long run is more than a fifth above what it was once warm.

import { PantauError } from '../contract/errors.ts'
import { systemClock } from '../contract/time.ts'
import { type FuzzResult, fuzz } from '../faults/fuzz/fuzzer.ts'
import type { PartMemory } from '../faults/fuzz/memory.ts'
import { numberFlag, readCommandLine } from './command-line.ts'

const USAGE = 'npm run fuzz -- [--cases N] [--seed N]'
const CASES = 100_000
const SEEDS = 1_000_000
const GROWTH_MOST = 0.2
const MIB = 1_048_576

export async function main(argv: readonly string[]): Promise<number> {
  const line = readCommandLine(argv, ['cases', 'seed'], USAGE)
  const cases = numberFlag(line, 'cases') ?? CASES
  const seed = numberFlag(line, 'seed') ?? systemClock.now() % SEEDS
  if (line.words.length > 0 || !Number.isInteger(cases) || cases < 1 || !Number.isInteger(seed)) {
    throw new PantauError('bad_command', `whole numbers are taken, from 1 for --cases; ${USAGE}`)
  }
  process.stdout.write(`${cases} cases, seed ${seed}\n`)
  let told = 0
  const result = await fuzz({
    cases,
    seed,
    clock: systemClock,
    onProgress(done) {
      if (done - told < cases / 20) return
      told = done
      process.stderr.write(`${done} of ${cases}\n`)
    },
  })
  return report(result, seed)
}

function report(result: FuzzResult, seed: number): number {
  const { packets, payloads, witnessed, longestAnswerMs, memory } = result
  const faults = [...result.faults]
  // Before, neither V8 nor the store's cache has settled.
  const isLong = packets + payloads >= CASES
  process.stdout.write(
    `${packets} connections, ${payloads} payloads; meanwhile a well-behaved device had ${witnessed} readings acknowledged, each within ${Math.ceil(longestAnswerMs)} ms, all stored\n`,
  )
  for (const [part, measures] of Object.entries(memory)) {
    const mib = (of: keyof PartMemory): string => measures.map((one) => Math.round(one[of] / MIB)).join(', ')
    process.stdout.write(
      `${part}: resident ${mib('resident')} MiB, live objects ${mib('heap')} MiB; after a fifth of the cases, three fifths, all\n`,
    )
    const growth = growthOf(measures)
    if (isLong && growth > GROWTH_MOST) faults.push(`${part} grew by ${(100 * growth).toFixed(1)} %`)
  }
  for (const fault of faults) process.stderr.write(`${fault}\n`)
  if (faults.length === 0) return 0
  process.stderr.write(`run it again with --seed ${seed}\n`)
  return 1
}

/** Of resident memory from the first measure to the last; above 0 when it grew. */
function growthOf(measures: readonly PartMemory[]): number {
  const first = measures[0]?.resident ?? Number.NaN
  return (measures.at(-1)?.resident ?? Number.NaN) / first - 1
}
