// `npm run fuzz -- [--cases N] [--seed N]`: a village of its own gets packets and payloads that are almost right, and has to serve on. Ends 1
// when a part died, an answer did not come, or memory grew in the second half of a long run by more than a fifth.

import { PantauError } from '../contract/errors.ts'
import { systemClock } from '../contract/time.ts'
import { type FuzzResult, fuzz } from '../faults/fuzz/fuzzer.ts'
import { numberFlag, readCommandLine } from './command-line.ts'

const USAGE = 'npm run fuzz -- [--cases N] [--seed N]'
const CASES = 100_000
const SEEDS = 1_000_000
const GROWTH_MOST = 0.2
const MIB = 1_048_576
/** DuckDB's `memory_limit` of 512 MB, and as much again as a process without it takes. */
const INGEST_MOST = 768 * MIB

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
  // Before, V8 has not settled.
  const isLong = packets + payloads >= CASES
  process.stdout.write(
    `${packets} connections, ${payloads} payloads; meanwhile a well-behaved device had ${witnessed} readings acknowledged, each within ${Math.ceil(longestAnswerMs)} ms, all stored\n`,
  )
  for (const [part, [tenth, half, end]] of Object.entries(memory)) {
    const growth = end / half - 1
    const [first, second, last] = [tenth, half, end].map((bytes) => `${Math.round(bytes / MIB)} MiB`)
    process.stdout.write(`${part}: ${first} after a tenth, ${second} after half, ${last} at the end\n`)
    // The store's own cache fills up to a bound that it is given, however long that takes: ingest is held to that.
    if (part === 'ingest' ? end > INGEST_MOST : isLong && growth > GROWTH_MOST) {
      faults.push(`${part} grew by ${(100 * growth).toFixed(1)} % to ${last}`)
    }
  }
  for (const fault of faults) process.stderr.write(`${fault}\n`)
  if (faults.length === 0) return 0
  process.stderr.write(`run it again with --seed ${seed}\n`)
  return 1
}
