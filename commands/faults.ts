// `npm run faults -- [--rounds N] [--only NAME] [--seed N]`: a village under load, one fault after the other, and a table of what was
// acknowledged, lost, stored twice, and how long it took to recover. Ends 1 when anything was lost or doubled, or came out otherwise wrong.

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PantauError } from '../contract/errors.ts'
import { systemClock } from '../contract/time.ts'
import { isPassed, runCampaign } from '../faults/campaign.ts'
import type { Fault } from '../faults/fault.ts'
import { FAULTS } from '../faults/index.ts'
import { printResults } from '../faults/report.ts'
import { type CommandLine, numberFlag, readCommandLine } from './command-line.ts'

const USAGE = 'npm run faults -- [--rounds N] [--only NAME[,NAME]] [--seed N] [--jobs N]'
const ROUNDS = 5
const SEEDS = 1_000_000

export async function main(argv: readonly string[]): Promise<number> {
  const line = readCommandLine(argv, ['rounds', 'only', 'seed', 'jobs'], USAGE)
  if (line.words.length > 0) throw new PantauError('bad_command', `${line.words[0]} is no flag; ${USAGE}`)
  const rounds = countOf(line, 'rounds', ROUNDS)
  const jobs = countOf(line, 'jobs', 1)
  const seed = numberFlag(line, 'seed') ?? systemClock.now() % SEEDS
  const faults = chosen(line.flags['only'])
  const ledgerFolder = mkdtempSync(join(tmpdir(), 'pantau-faults-'))
  process.stdout.write(`seed ${seed}; what was acknowledged is written down in ${ledgerFolder}\n`)
  const results = await runCampaign(faults, {
    signal: stopSignal(),
    rounds,
    jobs,
    seed,
    clock: systemClock,
    ledgerFolder,
    onRound(fault, round, result) {
      const { acknowledged, lost, doubled, recoveryMs, roundMs, phases, faults: wrong } = result
      const took = phases.map(([name, ms]) => `${name} ${seconds(ms)}`).join(', ')
      process.stderr.write(
        `${fault.name} ${round}: ${acknowledged} acknowledged, ${lost} lost, ${doubled} doubled, recovered in ${seconds(recoveryMs)} s; round ${seconds(roundMs)} s (${took})\n`,
      )
      for (const what of wrong) process.stderr.write(`  ${what}\n`)
    },
  })
  printResults(results)
  const failed = results.filter((result) => !isPassed(result))
  if (failed.length === 0) return 0
  const names = failed.map(({ fault }) => fault.name).join(', ')
  process.stderr.write(
    `${names} did not hold; look at the rounds above, and run them again with --seed ${seed}\n`,
  )
  return 1
}

/** The rounds that are on their way are finished, so that there is a table of what was run; a second signal ends it at once. */
function stopSignal(): AbortSignal {
  const stopped = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopped.abort())
  return stopped.signal
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(2)

function countOf(line: CommandLine, flag: string, usual: number): number {
  const count = numberFlag(line, flag) ?? usual
  if (!Number.isInteger(count) || count < 1) {
    throw new PantauError('bad_command', `--${flag} is ${count}; a whole number from 1 is taken`)
  }
  return count
}

function chosen(only: string | undefined): readonly Fault[] {
  if (only === undefined) return FAULTS
  return only.split(',').map((name) => {
    const fault = FAULTS.find((other) => other.name === name)
    if (fault !== undefined) return fault
    const names = FAULTS.map((other) => other.name).join(', ')
    throw new PantauError('bad_command', `--only is ${name}; ${names} are there`)
  })
}
