// Tables of scores, each figure beside its target, and line by line what was missed and what was said for nothing.

import { formatTime } from '../../contract/time.ts'
import { printTable } from '../table.ts'
import type { FaultScore } from './faults.ts'
import { type OutageScore, share } from './outages.ts'

const print = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

export function verdict(isMet: boolean): string {
  return isMet ? 'met' : 'MISSED'
}

/** `after`: what the delays are of: `found after`, seconds from an outage's begin. */
export function printOutages(score: OutageScore, after = 'found after'): void {
  const within = share(score.delaysS.filter((delay) => delay <= 90).length, score.delaysS.length)
  printTable(
    ['outages of hotspots', 'figure', 'target', ''],
    [
      ['happened', score.happened, '', ''],
      ['shown', score.shown, '', ''],
      ['precision', score.precision, '>= 0.98', verdict(score.precision >= 0.98)],
      ['recall', score.recall, '>= 0.98', verdict(score.recall >= 0.98)],
      [`${after}, s, median`, quantile(score.delaysS, 0.5), '', ''],
      [`${after}, s, 95 %`, quantile(score.delaysS, 0.95), '', ''],
      [`${after}, s, longest`, quantile(score.delaysS, 1), '', ''],
      [`share ${after} <= 90 s`, within, '>= 0.98', verdict(within >= 0.98)],
      ['cause right', score.causeRight, '', ''],
    ],
  )
  for (const { device, from, lengthS, causes } of score.missed) {
    print(`missed: ${device} ${formatTime(from)}, ${lengthS} s, ${causes.join(' ')}`)
  }
  for (const { device, from, lengthS, causes } of score.wrong) {
    print(`shown for nothing: ${device} ${formatTime(from)}, ${lengthS} s, ${causes.join(' ')}`)
  }
}

export function printFaults(score: FaultScore): void {
  printTable(
    ['planted faults', 'planted', 'changed a reading', 'found', 'recall', 'median h', 'first by'],
    [...score.kinds].map(([kind, { planted, visible, found, recall, delaysS, by }]) => [
      kind,
      String(planted),
      String(visible),
      String(found),
      recall,
      quantile(delaysS, 0.5) / 3_600,
      [...by].map(([name, count]) => `${name} ${count}`).join(', '),
    ]),
  )
  printTable(
    ['faults of sensors', 'figure', 'target', ''],
    [
      ['notices', score.notices, '', ''],
      ['precision', score.precision, '>= 0.9', verdict(score.precision >= 0.9)],
      ['recall of those that changed a reading', score.recall, '>= 0.85', verdict(score.recall >= 0.85)],
    ],
  )
  for (const [kind, { missed }] of score.kinds) {
    for (const { device, metric, from, to } of missed) {
      const minutes = Math.round((to - from) / 60_000)
      print(`missed: ${kind} ${device} ${metric} ${formatTime(from)}, ${minutes} min`)
    }
  }
  for (const { device, metric, by, from } of score.wrong) {
    print(`noticed for nothing: ${by} ${device} ${metric ?? ''} ${formatTime(from)}`)
  }
}

/** By rank; NaN of none. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN
}
