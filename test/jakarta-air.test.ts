// A month of Jakarta's official air network (udara.jakarta.go.id, April 2025) as it was published: what is wrong with it is known from its
// own description, and the quality tests must find and name it. Nobody states its licence, so it is not part of the repository.

import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { isOutOfRange } from '../contract/metrics.ts'
import { HOUR, SECOND, type TimeMs } from '../contract/time.ts'
import { FAIL } from '../domain/quality/flags.ts'
import { judge, type Verdict } from '../domain/quality/judge.ts'
import { qualityLimitsOf } from '../domain/quality/limits.ts'

const FILE = '/work/shared/data/air-series/udara-jakarta-pm25-2025-04-10_2025-05-11.csv.gz'

interface Station {
  readonly times: readonly TimeMs[]
  readonly values: readonly number[]
}

describe.skipIf(!existsSync(FILE))('a month of the official network', () => {
  const stations = read()

  it('is read whole', () => {
    expect(stations.size).toBe(113)
    const rows = [...stations.values()].reduce((sum, { times }) => sum + times.length, 0)
    expect(rows).toBe(133_219)
  })

  it('has two stations whose values are out of all range, and no other', () => {
    const out = [...stations].filter(([, { values }]) =>
      values.some((value) => isOutOfRange('sensor', 'pm2_5', value)),
    )
    expect(out.map(([id]) => id).sort()).toEqual(['UDR1E2D', 'UDRAD99'])
  })

  it('is a mean of the day before: one bad hour stays for 24, and no hour of the day differs from another', () => {
    const { values } = stations.get('UDR1E2D') ?? { values: [] }
    expect(values.filter((value) => value > 1_000)).toHaveLength(24)
    // Raw dust swings over a day, as that of the sensor whose log the simulators replay; a trailing mean of 24 hours cannot.
    expect(swingOverDay([...stations.values()])).toBeLessThan(0.05)
    expect(swingOverDay([rawDust()])).toBeGreaterThan(0.5)
  })

  it('has its long equal runs named stuck, and failed once they last for twelve hours', () => {
    let long = 0
    for (const { times, values } of stations.values()) {
      const verdicts = judged({ times, values })
      for (const run of equalRuns({ times, values })) {
        const begin = times[run.from] ?? 0
        const end = times[run.to] ?? 0
        // A gap inside is no run of a sensor that says the same.
        if (run.hasGap || end - begin < 13 * HOUR) continue
        long += 1
        const named = verdicts.some(
          ({ rule, quality, to }) => rule === 'stuck' && quality === FAIL && to > end && to <= end + HOUR,
        )
        expect({ begin, named }).toEqual({ begin, named: true })
      }
    }
    expect(long).toBeGreaterThan(100)
  })

  it('has most of its zeros doubted', () => {
    let zeros = 0
    let doubted = 0
    for (const station of stations.values()) {
      const verdicts = judged(station)
      for (const [index, value] of station.values.entries()) {
        if (value !== 0) continue
        zeros += 1
        const time = station.times[index] ?? 0
        if (verdicts.some(({ from, to }) => time >= from && time < to)) doubted += 1
      }
    }
    expect(zeros).toBe(5_898)
    expect(doubted / zeros).toBeGreaterThan(0.9)
  })
})

/** By station, in the order of time; times end in Z, and which zone they are of nobody says. */
function read(): ReadonlyMap<string, Station> {
  const [, ...lines] = gunzipSync(readFileSync(FILE)).toString().trim().split('\n')
  const rows = new Map<string, [TimeMs, number][]>()
  for (const line of lines) {
    const [id = '', time = '', value = ''] = line.split(',')
    const own = rows.get(id) ?? []
    own.push([Date.parse(time.trim().replace(' ', 'T')), Number(value)])
    rows.set(id, own)
  }
  return new Map(
    [...rows].map(([id, own]) => {
      own.sort(([a], [b]) => a - b)
      return [id, { times: own.map(([time]) => time), values: own.map(([, value]) => value) }]
    }),
  )
}

function rawDust(): Station {
  const file = new URL('../simulators/series/airrohr-hcmc-2018-10.csv', import.meta.url)
  const rows = readFileSync(file, 'utf8').trim().split('\n').slice(1)
  const cells = rows.map((row) => row.split(',').map(Number))
  return { times: cells.map(([second = 0]) => second * SECOND), values: cells.map(([, fine = 0]) => fine) }
}

function judged({ times, values }: Station): readonly Verdict[] {
  const limits = qualityLimitsOf('pm2_5')
  const [first, last] = [times[0], times.at(-1)]
  if (limits === null || first === undefined || last === undefined) return []
  const hour = (time: TimeMs): TimeMs => Math.floor(time / HOUR) * HOUR
  return judge({ times, values }, limits, hour(first), hour(last) + HOUR)
}

interface Run {
  readonly from: number
  readonly to: number
  /** A step inside it is longer than the station's own. */
  readonly hasGap: boolean
}

function equalRuns({ times, values }: Station): readonly Run[] {
  const runs: Run[] = []
  const stepMs = Math.min(...times.slice(1).map((time, index) => time - (times[index] ?? time)))
  for (let from = 0; from < values.length; ) {
    let to = from
    let hasGap = false
    while (to + 1 < values.length && values[to + 1] === values[from]) {
      to += 1
      hasGap ||= (times[to] ?? 0) - (times[to - 1] ?? 0) > stepMs
    }
    runs.push({ from, to, hasGap })
    from = to + 1
  }
  return runs
}

/** Greatest less least of the means by hour of the day, over the mean of all; values that are out of range left out. */
function swingOverDay(stations: readonly Station[]): number {
  const sums = Array.from({ length: 24 }, () => ({ sum: 0, count: 0 }))
  for (const { times, values } of stations) {
    for (const [index, time] of times.entries()) {
      const value = values[index] ?? 0
      const hour = sums[Math.floor(time / HOUR) % 24]
      if (hour === undefined || isOutOfRange('sensor', 'pm2_5', value)) continue
      hour.sum += value
      hour.count += 1
    }
  }
  const means = sums.map(({ sum, count }) => sum / count)
  const all = means.reduce((sum, mean) => sum + mean, 0) / means.length
  return (Math.max(...means) - Math.min(...means)) / all
}
