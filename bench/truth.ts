// `npm run bench -- truth`: what Pantau said of a simulated week against what happened in it, each figure beside its target. The week is
// run through ingest's own modules with time as an argument, and the arrivals by what the dashboard follows vehicles with.

import { DAY, formatTime, SECOND, systemClock } from '../contract/time.ts'
import { loadVillage } from '../runtime/village.ts'
import { root } from '../test/village.ts'
import { benchFlags } from './flags.ts'
import { type Cell, printTable } from './table.ts'
import { type HorizonScore, WAYS } from './truth/arrivals.ts'
import { measureStanding, measureTransit, type StandingScore, type TruthPlan } from './truth/measure.ts'
import { share } from './truth/outages.ts'
import { printFaults, printOutages, quantile, verdict } from './truth/report.ts'

const FLAGS = {
  days: { least: 1, most: 60, usual: 7 },
  seed: { least: 0, most: 2 ** 32 - 1, usual: 1 },
  /** None leaves transit out, which takes most of the time. */
  vehicles: { least: 0, most: 1_000, usual: 40 },
}

/** A Monday, 00:00 in the village. */
const BEGIN = Date.parse('2026-11-15T17:00:00.000Z')

const print = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

export async function benchTruth(flags: readonly string[]): Promise<void> {
  const { days, seed, vehicles } = benchFlags(flags, FLAGS)
  const loaded = loadVillage(`${root}/villages/cideng`)
  if (!loaded.ok) throw new Error(loaded.faults.join('\n'))
  const plan: TruthPlan = {
    village: loaded.village,
    series: new URL(`file://${root}/simulators/series/`),
    seed,
    from: BEGIN,
    to: BEGIN + days * DAY,
  }
  print(
    `${loaded.village.village.name}, ${days} simulated days from ${formatTime(BEGIN)}, seed ${seed}; through ingest's modules with simulated time`,
  )
  const begin = systemClock.monotonicMs()
  const standing = measureStanding(plan, { hotspots: null, sensors: null })
  printOutages(standing.outages)
  printFaults(standing.faults)
  printIndices(standing)
  print(`${standing.messages} messages in ${elapsedS(begin)} s`)
  if (vehicles === 0) return
  const transitBegin = systemClock.monotonicMs()
  const transit = measureTransit(plan, { vehicles })
  printTable(
    ['trip matching', 'figure'],
    [
      ['positions', transit.positions],
      ['placed on their trip, %', 100 * share(transit.matched, transit.positions)],
      ['m off where a bus stands, median', quantile(transit.offsetsM, 0.5)],
      ['m off where a bus stands, 95 %', quantile(transit.offsetsM, 0.95)],
    ],
  )
  printArrivals(transit.horizons)
  print(`${transit.messages} messages in ${elapsedS(transitBegin)} s`)
  await Promise.resolve()
}

function elapsedS(begin: number): string {
  return ((systemClock.monotonicMs() - begin) / SECOND).toFixed(0)
}

function printIndices({ indices }: StandingScore): void {
  const row = (name: string, way: 'unflagged' | 'flagged'): readonly Cell[] => {
    const errors = indices[way]
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length
    const off = share(errors.filter((error) => error > 10).length, errors.length)
    return [
      name,
      errors.length,
      mean,
      quantile(errors, 0.95),
      quantile(errors, 1),
      100 * off,
      indices.onlyOne[way],
    ]
  }
  printTable(
    ['ISPU off by points', 'station hours', 'mean', '95 %', 'worst', '% off by > 10', 'only one has a value'],
    [row('range alone', 'unflagged'), row('with the quality tests', 'flagged')],
  )
}

function printArrivals(horizons: readonly HorizonScore[]): void {
  printTable(
    ['arrival', 'way', 'told', 'median s', '90 % s', 'bias s', 'in range %', 'range s', 'target', ''],
    horizons.flatMap(({ horizonMs, errorsS, asked, coverage, widthsS }) =>
      WAYS.map((way): readonly Cell[] => {
        const absolute = errorsS[way].map(Math.abs)
        const [middle, most] = [quantile(absolute, 0.5), quantile(absolute, 0.9)]
        const isOwn = way === 'pantau'
        const isNear = horizonMs === 300_000
        const beats = WAYS.every(
          (other) => other === way || quantile(errorsS[other].map(Math.abs), 0.5) > middle,
        )
        const isMet = beats && coverage >= 0.8 && (!isNear || (middle <= 30 && most <= 90))
        return [
          `${horizonMs / 60_000} min ahead`,
          way,
          `${((100 * absolute.length) / asked).toFixed(1)} %`,
          middle,
          most,
          errorsS[way].reduce((sum, error) => sum + error, 0) / absolute.length,
          isOwn ? 100 * coverage : '',
          isOwn ? quantile(widthsS, 0.5) : '',
          isOwn ? `${isNear ? '30 and 90, ' : ''}best, 80 % in range` : '',
          isOwn ? verdict(isMet) : '',
        ]
      }),
    ),
  )
}
