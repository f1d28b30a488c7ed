// Four years of hourly dust and gases of the station Dongsi in Beijing (Zhang et al. 2017) with faults planted in them: the quality tests must find
// those, and doubt little of what is the city's own air. The whole series is not part of the repository.

import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { HOUR, type TimeMs } from '../contract/time.ts'
import { SUSPECT } from '../domain/quality/flags.ts'
import { judge, type Verdict } from '../domain/quality/judge.ts'
import { qualityLimitsOf } from '../domain/quality/limits.ts'
import { randomOf } from '../simulators/random.ts'

const FILE = '/work/shared/data/air-series/PRSA_Data_Dongsi_20130301-20170228.csv.gz'

interface Series {
  readonly times: readonly TimeMs[]
  readonly values: readonly number[]
}

interface Planted {
  readonly kind: 'stuck' | 'spike'
  readonly from: TimeMs
  readonly to: TimeMs
  /** False where an hour beside it is missing: a spike is one between two neighbours. */
  readonly hasNeighbours: boolean
}

describe.skipIf(!existsSync(FILE))('four years of hours', () => {
  const air = read()

  it('are hardly doubted as they are', () => {
    const doubted = new Set(
      judged(air).flatMap(({ from, to }) => air.times.filter((time) => time >= from && time < to)),
    )
    expect(air.times.length).toBeGreaterThan(34_000)
    expect(doubted.size / air.times.length).toBeLessThan(0.02)
  })

  it('of gases have at most one in a thousand suspect, as their limits say', () => {
    for (const [metric, column] of Object.entries({ so2: 7, no2: 8, co: 9, o3: 10 })) {
      const gas = read(column)
      const suspect = judged(gas, metric).filter(({ quality }) => quality === SUSPECT)
      expect(gas.times.length).toBeGreaterThan(31_000)
      expect({ metric, share: suspect.length / gas.times.length < 0.001 }).toEqual({ metric, share: true })
    }
  })

  it('have each planted stuck value and spike found', () => {
    const { series, planted } = plant(air)
    const verdicts = judged(series)
    const missed = planted.filter(
      ({ kind, from, to, hasNeighbours }) =>
        hasNeighbours && !verdicts.some((one) => one.rule === kind && one.from <= to && one.to > from),
    )
    expect(planted.filter(({ hasNeighbours }) => hasNeighbours).length).toBeGreaterThan(75)
    expect(missed).toEqual([])
  })
})

let rowsOnce: readonly (readonly string[])[] = []

function table(): readonly (readonly string[])[] {
  if (rowsOnce.length === 0) {
    const [, ...lines] = gunzipSync(readFileSync(FILE)).toString().replaceAll('"', '').trim().split('\n')
    rowsOnce = lines.map((line) => line.split(','))
  }
  return rowsOnce
}

function read(column = 5): Series {
  const rows = table()
    .filter((cells) => cells[column] !== 'NA')
    .map((cells) => {
      const [, year, month, day, hour] = cells.slice(0, 5).map(Number)
      return { time: Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour), value: Number(cells[column]) }
    })
  return { times: rows.map(({ time }) => time), values: rows.map(({ value }) => value) }
}

function judged({ times, values }: Series, metric = 'pm2_5'): readonly Verdict[] {
  const limits = qualityLimitsOf(metric)
  const [first = 0, last = 0] = [times[0], times.at(-1)]
  return limits === null ? [] : judge({ times, values }, limits, first, last + HOUR)
}

/** Each 400 hours one fault: 5 to 16 hours of one value, or one hour of 8 to 28 times its own. */
function plant({ times, values }: Series): { readonly series: Series; readonly planted: readonly Planted[] } {
  const random = randomOf(1, 'beijing')
  const faulty = [...values]
  const planted: Planted[] = []
  for (let at = 200; at + 200 < times.length; at += 400) {
    const kind = random() < 0.5 ? 'stuck' : 'spike'
    const length = kind === 'stuck' ? 5 + Math.floor(12 * random()) : 1
    const value = values[at] ?? 0
    faulty.fill(kind === 'stuck' ? value : Math.max(200, value * (8 + 20 * random())), at, at + length)
    const [from = 0, to = 0] = [times[at], times[at + length - 1]]
    const hasNeighbours = times[at + length] === to + HOUR && times[at - 1] === from - HOUR
    planted.push({ kind, from, to, hasNeighbours })
  }
  return { series: { times, values: faulty }, planted }
}
