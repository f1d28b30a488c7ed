// `npm run bench -- domain`: the arithmetic of the three domains at the size of a large village, each beside the straightforward way of the
// same work in the same run. Counted is the CPU time of this process; what the budgets of issue 5 allow stands in the table.

import { readFileSync } from 'node:fs'
import process from 'node:process'
import { DAY, HOUR, MINUTE, SECOND, type TimeMs } from '../contract/time.ts'
import { eaqi } from '../domain/air/eaqi.ts'
import { ispu } from '../domain/air/ispu.ts'
import { NEEDED_SHARE, windowMean } from '../domain/air/means.ts'
import { nowcastPm } from '../domain/air/nowcast.ts'
import { type HourlyMean, stationIndices } from '../domain/air/station-index.ts'
import { usAqi } from '../domain/air/us-aqi.ts'
import { type Heartbeat, nextChange, onSign, stateAt, unheard } from '../domain/connectivity/device-state.ts'
import { bearingDeg, EARTH_RADIUS_M, haversineM, type LatLon, RADIANS } from '../domain/geo/geodesy.ts'
import { flatLineFlags } from '../domain/quality/flat-line.ts'
import { judge, judgeRange } from '../domain/quality/judge.ts'
import { QUALITY_LIMITS } from '../domain/quality/limits.ts'
import { rangeFlags } from '../domain/quality/range.ts'
import { rateFlags } from '../domain/quality/rate-of-change.ts'
import { spikeFlags } from '../domain/quality/spike.ts'
import { tripLines } from '../domain/transit/gtfs.ts'
import { matchToShape, NO_PROGRESS, type Progress } from '../domain/transit/match.ts'
import { lengthM, placeAlong, type ShapeLine } from '../domain/transit/shape-line.ts'
import { readFeed } from '../runtime/gtfs-feed.ts'
import { randomOf } from '../simulators/random.ts'
import { root } from '../test/village.ts'
import { median, printTable } from './table.ts'

const ROUNDS = 3

interface Measured {
  readonly name: string
  readonly budget: string
  /** In the budget's unit. */
  readonly own: () => number
  readonly straightforward: () => number
}

export async function benchDomain(): Promise<void> {
  const work = [vehicles(), states(), month()]
  const rows = work.map(({ name, budget, own, straightforward }) => {
    const rounds = Array.from({ length: ROUNDS }, () => ({ own: own(), peer: straightforward() }))
    const [ours, peer] = [median(rounds.map((round) => round.own)), median(rounds.map((round) => round.peer))]
    return [name, budget, ours, peer, median(rounds.map((round) => round.peer / round.own))]
  })
  process.stdout.write(`CPU of one core; medians of ${ROUNDS} rounds in turn; Node ${process.version}\n`)
  printTable(['work', 'at most', 'Pantau', 'straightforward', 'ratio'], rows)
}

/** CPU seconds of this process that `work` takes. */
function cpuS(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000_000
}

const VEHICLES = 500
const VEHICLE_SECONDS = 20

/** Per cent of one core for 500 vehicles that send a fix each second. */
function vehicles(): Measured {
  const read = readFeed(readFileSync(`${root}/villages/cideng/noncommercial/gtfs.zip`))
  if (!read.ok) throw new Error(read.faults.join('\n'))
  const lines = [...tripLines(read.feed).values()]
  const random = randomOf(1, 'bench', 'vehicles')
  const fleet = Array.from({ length: VEHICLES }, (_, index) => {
    const line = lines[index % lines.length] ?? { points: [], alongM: [] }
    return { line, startM: random() * lengthM(line) * 0.8 }
  })
  const placeAt = ({ line, startM }: (typeof fleet)[number], second: number): LatLon => {
    const { lat, lon } = placeAlong(line, startM + 6 * second)
    return { lat: lat + (random() - 0.5) * 1e-4, lon: lon + (random() - 0.5) * 1e-4 }
  }
  const fixes = Array.from({ length: VEHICLE_SECONDS }, (_, second) =>
    fleet.map((vehicle) => placeAt(vehicle, second)),
  )
  const share = (seconds: number): number => (100 * seconds) / VEHICLE_SECONDS
  return {
    name: `${VEHICLES} vehicles matched at 1 Hz, % of a core`,
    budget: '10 %',
    own: () =>
      share(
        cpuS(() => {
          const progress: Progress[] = fleet.map(() => NO_PROGRESS)
          fixes.forEach((places, second) => {
            fleet.forEach(({ line }, index) => {
              const place = places[index]
              if (place === undefined) return
              progress[index] = matchToShape(
                line,
                place,
                second * SECOND,
                progress[index] ?? NO_PROGRESS,
              ).progress
            })
          })
        }),
      ),
    straightforward: () =>
      share(
        cpuS(() => {
          for (const places of fixes) {
            fleet.forEach(({ line }, index) => {
              const place = places[index]
              if (place !== undefined) nearestOnSphere(line, place)
            })
          }
        }),
      ),
  }
}

/** The nearest place of a line on the sphere, segment by segment, as a first draft has it: no progress, no plane. */
function nearestOnSphere({ points }: ShapeLine, place: LatLon): { alongM: number; offsetM: number } {
  const found = points.slice(1).map((to, index) => {
    const from = points[index] ?? to
    const length = haversineM(from, to)
    const distance = haversineM(from, place) / EARTH_RADIUS_M
    const turn = (bearingDeg(from, place) - bearingDeg(from, to)) * RADIANS
    const across = Math.asin(Math.sin(distance) * Math.sin(turn))
    const along = Math.atan2(Math.sin(distance) * Math.cos(turn), Math.cos(distance)) * EARTH_RADIUS_M
    const offsetM =
      along < 0
        ? haversineM(from, place)
        : along > length
          ? haversineM(to, place)
          : Math.abs(across) * EARTH_RADIUS_M
    return { alongM: Math.min(length, Math.max(0, along)), offsetM }
  })
  return found.sort((a, b) => a.offsetM - b.offsetM)[0] ?? { alongM: 0, offsetM: 0 }
}

const DEVICES = 5_000
const DEVICE_SECONDS = 180
const EVERY_MS = MINUTE
/** One device of a hundred falls silent. */
const SILENT_SHARE = 0.01

/** Per cent of one core for the state of 5,000 devices each second, each with a sign of life a minute. */
function states(): Measured {
  const share = (seconds: number): number => (100 * seconds) / DEVICE_SECONDS
  const isHeard = (device: number, second: number): boolean =>
    second % 60 === device % 60 && !(device % (1 / SILENT_SHARE) === 0 && second > 60)
  const sign = { type: 'reading', up: true, isPoor: null } as const
  return {
    name: `state of ${DEVICES.toLocaleString('en-GB')} devices each second, % of a core`,
    budget: '5 %',
    own: () =>
      share(
        cpuS(() => {
          const heartbeats: Heartbeat[] = Array.from({ length: DEVICES }, () => unheard(EVERY_MS, 0))
          const due = new Map<TimeMs, number[]>()
          for (let second = 0; second < DEVICE_SECONDS; second += 1) {
            const now = second * SECOND
            for (let device = second % 60; device < DEVICES; device += 60) {
              if (!isHeard(device, second)) continue
              const heartbeat = onSign(heartbeats[device] ?? unheard(EVERY_MS, 0), sign, now)
              heartbeats[device] = heartbeat
              const next = nextChange(heartbeat, now)
              if (next === null) continue
              // Looked at in the second in which it may change, and not before.
              const at = Math.ceil(next / SECOND) * SECOND
              due.set(at, [...(due.get(at) ?? []), device])
            }
            for (const device of due.get(now) ?? []) {
              const heartbeat = heartbeats[device]
              if (heartbeat !== undefined) stateAt(heartbeat, now)
            }
            due.delete(now)
          }
        }),
      ),
    straightforward: () =>
      share(
        cpuS(() => {
          const signs: TimeMs[][] = Array.from({ length: DEVICES }, () => [])
          for (let second = 0; second < DEVICE_SECONDS; second += 1) {
            const now = second * SECOND
            for (let device = 0; device < DEVICES; device += 1) {
              const own = signs[device] ?? []
              if (isHeard(device, second)) own.push(now)
              // All that it sent is gone through again.
              const heartbeat = own.reduce((before, at) => onSign(before, sign, at), unheard(EVERY_MS, 0))
              stateAt(heartbeat, now)
            }
          }
        }),
      ),
  }
}

const STATIONS = 100
/** The straightforward way is so slow that two stations tell its time. */
const PEER_STATIONS = STATIONS / 50
const DAYS = 30
const MINUTES = (DAYS * DAY) / MINUTE
const LIMITS = QUALITY_LIMITS.pm2_5
const PLAUSIBLE = [0, 1_000] as const

/** Seconds for a month of one-minute PM2.5 of 100 stations to hourly means, flags and the three indices of each hour. */
function month(): Measured {
  const times = Float64Array.from({ length: MINUTES }, (_, minute) => minute * MINUTE)
  const stations = Array.from({ length: STATIONS }, (_, station) => {
    const random = randomOf(1, 'bench', 'station', station)
    let level = 30
    return Float64Array.from({ length: MINUTES }, () => {
      level = Math.max(1, level + (random() - 0.5) * 3 + (30 - level) * 0.01)
      return Math.round(level * 10) / 10
    })
  })
  return {
    name: 'a month of 100 stations by the minute: means, flags, indices; s',
    budget: '2 s',
    own: () =>
      cpuS(() => {
        for (const values of stations) deriveMonth(times, values)
      }),
    straightforward: () =>
      (STATIONS / PEER_STATIONS) *
      cpuS(() => {
        for (const values of stations.slice(0, PEER_STATIONS)) deriveStraightforwardly(times, values)
      }),
  }
}

function deriveMonth(times: Float64Array, values: Float64Array): void {
  const end = DAYS * DAY
  const failed = new Set<number>()
  for (const { quality, from, to } of [
    ...judgeRange({ times, values }, PLAUSIBLE, 0, end),
    ...judge({ times, values }, LIMITS, 0, end),
  ]) {
    for (let time = from; quality === 4 && time <= to; time += MINUTE) failed.add(time)
  }
  const perHour = HOUR / MINUTE
  const means = new Map<TimeMs, HourlyMean>()
  const hours = new Map([['pm2_5', means]])
  for (let hour = 0; hour < MINUTES / perHour; hour += 1) {
    let [sum, count] = [0, 0]
    for (let minute = hour * perHour; minute < (hour + 1) * perHour; minute += 1) {
      if (failed.size > 0 && failed.has(times[minute] ?? -1)) continue
      sum += values[minute] ?? 0
      count += 1
    }
    if (count > 0) means.set(hour * HOUR, { mean: sum / count, count })
    stationIndices({ hours, now: (hour + 1) * HOUR, everyS: MINUTE / SECOND })
  }
}

/** ISPU, US AQI and European AQI of PM2.5 out of its hourly means, the latest first. */
function indices(hours: readonly (number | null)[]): readonly (number | null)[] {
  return [
    ispu('pm2_5', hours.length < 24 ? null : windowMean(hours).value),
    usAqi('pm2_5', nowcastPm('pm2_5', hours.slice(0, 12))),
    eaqi('pm2_5', hours[0] ?? null),
  ]
}

/** Readings as objects, each test over all of them, and for each hour all hours anew out of the readings of the last day. */
function deriveStraightforwardly(times: Float64Array, values: Float64Array): void {
  const readings = [...values].map((value, index) => ({ time: times[index] ?? 0, value }))
  const [list, seconds] = [readings.map(({ value }) => value), readings.map(({ time }) => time / SECOND)]
  const flags = [
    rangeFlags(list, PLAUSIBLE, null),
    spikeFlags(list, LIMITS.spike.suspect, LIMITS.spike.fail),
    rateFlags(list, seconds, LIMITS.rate.suspect, LIMITS.rate.fail),
    flatLineFlags(list, seconds, LIMITS.flat),
  ]
  const good = readings.filter((_, index) => flags.every((flag) => flag[index] !== 4))
  for (let now = HOUR; now <= DAYS * DAY; now += HOUR) {
    const day = good.filter(({ time }) => time >= now - DAY && time < now)
    const hours: (number | null)[] = []
    for (let hour = now - HOUR; hour >= now - DAY; hour -= HOUR) {
      const own = day.filter(({ time }) => time >= hour && time < hour + HOUR)
      const isEnough = own.length >= NEEDED_SHARE * (HOUR / MINUTE)
      hours.push(isEnough ? own.reduce((sum, { value }) => sum + value, 0) / own.length : null)
    }
    indices(hours)
  }
}
