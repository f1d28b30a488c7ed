// The table of a campaign.

import { median, printTable } from '../bench/table.ts'
import type { FaultResult } from './campaign.ts'

export function printResults(results: readonly FaultResult[]): void {
  printTable(
    ['fault', 'rounds', 'acknowledged', 'lost', 'stored twice', 'recovery s, median', 'worst', 'round s', ''],
    results.map(rowOf),
  )
}

function rowOf({ fault, missing, rounds }: FaultResult): (string | number)[] {
  if (missing !== null) return [fault.name, '0', '-', '-', '-', '-', '-', '-', `not tried: ${missing}`]
  const sum = (of: (round: (typeof rounds)[number]) => number): string =>
    rounds.reduce((total, round) => total + of(round), 0).toLocaleString('en-GB')
  const seconds = (of: (round: (typeof rounds)[number]) => number): number[] =>
    rounds.map((round) => of(round) / 1_000).filter((s) => !Number.isNaN(s))
  const recoveries = seconds(({ recoveryMs }) => recoveryMs)
  const [wrong] = rounds.flatMap(({ faults }) => faults)
  return [
    fault.name,
    String(recoveries.length),
    sum(({ acknowledged }) => acknowledged),
    sum(({ lost }) => lost),
    sum(({ doubled }) => doubled),
    recoveries.length === 0 ? '-' : median(recoveries),
    recoveries.length === 0 ? '-' : Math.max(...recoveries),
    recoveries.length === 0 ? '-' : median(seconds(({ roundMs }) => roundMs)),
    wrong?.split('\n')[0] ?? fault.what,
  ]
}
