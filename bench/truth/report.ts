// Tables of scores, each figure beside its target, and line by line what was missed and what was said for nothing.

import { formatTime, HOUR, MINUTE, SECOND } from '../../contract/time.ts'
import { type Cell, printTable } from '../table.ts'
import type { FaultScore } from './faults.ts'
import { type OutageScore, share } from './outages.ts'
import { whyMissed } from './why-missed.ts'

const print = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

export function verdict(isMet: boolean): string {
  return isMet ? 'met' : 'MISSED'
}

/** A share and the least that is aimed at. */
function aimed(name: string, value: number, least: number): readonly Cell[] {
  return [name, percent(value), `>= ${100 * least} %`, verdict(value >= least)]
}

/** Cut, not rounded: 100 only where nothing is lacking. */
function percent(value: number): string {
  return Number.isNaN(value) ? '-' : `${(Math.floor(value * 1_000 + 1e-9) / 10).toFixed(1)} %`
}

/** `after`: what the delays are of: `found after`, seconds from an outage's begin. */
export function printOutages(score: OutageScore, after = 'found after'): void {
  const within = share(score.delaysS.filter((delay) => delay <= 90).length, score.delaysS.length)
  printTable(
    ['outages of hotspots', 'figure', 'target', ''],
    [
      ['happened', String(score.happened), '', ''],
      ['shown', String(score.shown), '', ''],
      aimed('precision', score.precision, 0.98),
      aimed('recall', score.recall, 0.98),
      [`${after}, s, median`, quantile(score.delaysS, 0.5), '', ''],
      [`${after}, s, 95 %`, quantile(score.delaysS, 0.95), '', ''],
      [`${after}, s, longest`, quantile(score.delaysS, 1), '', ''],
      aimed(`${after} 90 s or less`, within, 0.98),
      ['cause right', percent(score.causeRight), '', ''],
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
      percent(recall),
      (quantile(delaysS, 0.5) * SECOND) / HOUR,
      [...by].map(([name, count]) => `${name} ${count}`).join(', '),
    ]),
  )
  printTable(
    ['faults of sensors', 'figure', 'target', ''],
    [
      ['notices', String(score.notices), '', ''],
      aimed('precision', score.precision, 0.9),
      aimed('recall of those that changed a reading', score.recall, 0.85),
    ],
  )
  for (const [kind, { missed }] of score.kinds) {
    for (const fault of missed) {
      const { device, metric, from, to } = fault
      const minutes = Math.round((to - from) / MINUTE)
      print(`missed: ${kind} ${device} ${metric} ${formatTime(from)}, ${minutes} min: ${whyMissed(fault)}`)
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
