// A month of a low-cost sensor in Ho Chi Minh City (airRohr, October 2018) and a year of Beijing's reference hours with faults planted in it:
// real noise and real gaps, for the quality tests. Skipped where the files are not.

import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { unzipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { HOUR, type TimeMs } from '../contract/time.ts'
import { FAIL } from '../domain/quality/flags.ts'
import { influenceOf, judge, judgeRange, type Readings, type Verdict } from '../domain/quality/judge.ts'
import { QUALITY_LIMITS } from '../domain/quality/limits.ts'

const FOLDER = '/work/shared/data/air-series'
const AIR_ROHR = `${FOLDER}/airrohr-hcmc-nhabe-esp8266-12779556-2018-10.zip`
const BEIJING = `${FOLDER}/PRSA_Data_Dongsi_20130301-20170228.csv.gz`

const at = (time: TimeMs) => (verdict: Verdict) => verdict.from <= time && time < verdict.to

describe.skipIf(!existsSync(AIR_ROHR))('a month of an airRohr', () => {
  const { pm2_5, temperature } = airRohr()

  it('is judged hour by hour, late and early hours in turn, as it is all at once', () => {
    for (const [readings, limits] of [
      [pm2_5, QUALITY_LIMITS.pm2_5],
      [temperature, QUALITY_LIMITS.temperature],
    ] as const) {
      const { times, values } = readings
      const from = Math.floor((times[0] ?? 0) / HOUR) * HOUR
      const to = Math.ceil(((times.at(-1) ?? 0) + 1) / HOUR) * HOUR
      const whole = judge(readings, limits, from, to)
      const { beforeMs, afterMs } = influenceOf(limits)
      const hourly: Verdict[] = []
      for (let hour = to - HOUR; hour >= from; hour -= HOUR) {
        const near = times
          .map((_, index) => index)
          .filter((index) => {
            const time = times[index] ?? 0
            return time >= hour - afterMs && time < hour + HOUR + beforeMs
          })
        const part = { times: near.map((i) => times[i] ?? 0), values: near.map((i) => values[i] ?? 0) }
        hourly.push(...judge(part, limits, hour, hour + HOUR))
      }
      const sorted = (verdicts: readonly Verdict[]): string[] =>
        verdicts.map((one) => JSON.stringify(one)).sort()
      expect(sorted(hourly)).toEqual(sorted(whole))
    }
  })

  it("has its sensor's full scale, which is no measurement, found as a spike", () => {
    // The data's own description: 999.9 is the full-scale PM2.5 of the SDS011.
    const full = pm2_5.times.filter((_, index) => pm2_5.values[index] === 999.9)
    expect(full.length).toBeGreaterThan(0)
    const verdicts = judge(pm2_5, QUALITY_LIMITS.pm2_5, 0, Date.parse('2019-01-01T00:00:00Z'))
    for (const time of full) {
      expect(verdicts.some((verdict) => verdict.quality === FAIL && at(time)(verdict))).toBe(true)
    }
  })

  it('is left alone for the most part: few of its readings are bad', () => {
    const verdicts = judge(pm2_5, QUALITY_LIMITS.pm2_5, 0, Date.parse('2019-01-01T00:00:00Z'))
    const bad = pm2_5.times.filter((time) => verdicts.some((one) => one.quality === FAIL && at(time)(one)))
    expect(bad.length / pm2_5.times.length).toBeLessThan(0.01)
  })
})

describe.skipIf(!existsSync(BEIJING))('a year of Beijing', () => {
  const { times, values } = beijing(2016)
  const PLANTED_EVERY = 250
  const STUCK_HOURS = 16

  it('has the faults that were planted in it found, and little else', () => {
    const planted = [...values]
    const spikes: number[] = []
    const stuck: [number, number][] = []
    for (let index = 100; index + STUCK_HOURS < planted.length; index += PLANTED_EVERY) {
      // In turn a spike of 400 µg/m³ and a line of 16 hours.
      if (spikes.length <= stuck.length) {
        planted[index] = (planted[index] ?? 0) + 400
        spikes.push(index)
      } else {
        planted.fill(planted[index] ?? 0, index, index + STUCK_HOURS)
        stuck.push([index, index + STUCK_HOURS])
      }
    }
    const verdicts = judge({ times, values: planted }, QUALITY_LIMITS.pm2_5, 0, Number.MAX_SAFE_INTEGER)
    const bad = verdicts.filter(({ quality }) => quality === FAIL)
    const isBad = (index: number): boolean => bad.some(at(times[index] ?? 0))
    const foundSpikes = spikes.filter(isBad).length
    const foundStuck = stuck.filter(([, end]) => isBad(end - 1)).length
    expect(foundSpikes / spikes.length).toBeGreaterThanOrEqual(0.9)
    expect(foundStuck / stuck.length).toBeGreaterThanOrEqual(0.9)
    const isPlanted = (index: number): boolean =>
      // A spike makes the one beside it doubtful too.
      spikes.some((spike) => Math.abs(spike - index) <= 1) ||
      stuck.some(([begin, end]) => index >= begin && index <= end)
    const others = times.filter((_, index) => !isPlanted(index) && isBad(index))
    expect(others.length / times.length).toBeLessThan(0.005)
  })

  it('lies within the plausible range', () => {
    expect(judgeRange({ times, values }, [0, 2_000], 0, Number.MAX_SAFE_INTEGER)).toEqual([])
  })
})

interface Series extends Readings {
  readonly times: readonly TimeMs[]
  readonly values: readonly number[]
}

function airRohr(): { pm2_5: Series; temperature: Series } {
  const files = unzipSync(readFileSync(AIR_ROHR))
  const rows = Object.keys(files)
    .sort()
    .flatMap((name) => new TextDecoder().decode(files[name]).split('\n').slice(1))
    .map((line) => line.split(';'))
    .filter((cells) => cells.length > 12)
  const column = (index: number): Series => {
    const byTime = new Map<TimeMs, number>()
    for (const cells of rows) {
      const time = Date.parse(`${(cells[0] ?? '').replaceAll('/', '-').replace(' ', 'T')}Z`)
      const text = cells[index] ?? ''
      if (!Number.isNaN(time) && text !== '') byTime.set(time, Number(text))
    }
    const sorted = [...byTime].sort(([a], [b]) => a - b)
    return { times: sorted.map(([time]) => time), values: sorted.map(([, value]) => value) }
  }
  return { pm2_5: column(8), temperature: column(11) }
}

/** Hourly PM2.5 of one year, in UTC; hours without a value are absent. */
function beijing(wanted: number): Series {
  const lines = gunzipSync(readFileSync(BEIJING)).toString().trim().split('\n').slice(1)
  const times: TimeMs[] = []
  const values: number[] = []
  for (const line of lines) {
    const [, year = 0, month = 0, day = 0, hour = 0, pm2_5] = line.split(',').map(Number)
    if (year !== wanted || pm2_5 === undefined || Number.isNaN(pm2_5)) continue
    times.push(Date.UTC(year, month - 1, day, hour) - 8 * HOUR)
    values.push(pm2_5)
  }
  return { times, values }
}
