// Judges hours of sensors by the sensors around them. Hourly means come out of the store, without readings that are flagged as bad.

import { HOUR, type TimeMs } from '../../contract/time.ts'
import type { LatLon } from '../../domain/geo/geodesy.ts'
import { SUSPECT } from '../../domain/quality/flags.ts'
import { qualityLimitsOf } from '../../domain/quality/limits.ts'
import { hoursApart, type NeighbourStation, neighboursOf } from '../../domain/quality/neighbour-hours.ts'
import { QUALITY_RULES } from '../../domain/quality/rules.ts'
import type { FlagChanges, Store } from '../store/store.ts'
import { flagOf, testedOf } from './judge-station.ts'

export interface PlacedStation {
  readonly id: string
  readonly position: LatLon
  readonly metrics: readonly string[]
}

export interface TouchedHours {
  readonly station: string
  /** Over, and judged by the tests of the station alone. */
  readonly hours: readonly TimeMs[]
}

const VERSIONS = { neighbour: QUALITY_RULES.neighbour.version }
const MOST_FLAGS = 100_000

/** Judges the hours of the touched stations and of those near them. Throws StoreAwayError. */
export async function judgeNeighbours(
  store: Pick<Store, 'buckets' | 'flags' | 'judge'>,
  stations: readonly PlacedStation[],
  touched: readonly TouchedHours[],
  now: TimeMs,
): Promise<FlagChanges[]> {
  const hours = [...new Set(touched.flatMap((one) => one.hours))].sort((a, b) => a - b)
  const [first] = hours
  const last = hours.at(-1)
  if (first === undefined || last === undefined) return []
  const span = { from: first, to: last + HOUR }
  const changes: FlagChanges[] = []
  for (const metric of testedOf([...new Set(stations.flatMap(({ metrics }) => metrics))])) {
    const rule = qualityLimitsOf(metric)?.neighbour
    if (rule === undefined) continue
    const measuring = stations.filter(({ metrics }) => metrics.includes(metric))
    const judged = nearAny(touched, measuring)
    if (judged.length === 0) continue
    const needed = new Set(judged.flatMap((station) => [station, ...neighboursOf(station, measuring)]))
    const placed: NeighbourStation[] = []
    for (const { id, position } of needed)
      placed.push({ id, position, means: await meansOf(store, id, metric, span) })
    const apart = hoursApart(placed, hours, rule)
    const before = await store.flags({ metric, ...span, limit: MOST_FLAGS })
    const had = new Set(before.filter((flag) => flag.rule === 'neighbour').map(({ device }) => device))
    for (const { id } of judged) {
      const found = apart.get(id) ?? []
      if (found.length === 0 && !had.has(id)) continue
      for (const run of runsOf(hours)) {
        const flags = found
          .filter((hour) => hour >= run.from && hour < run.to)
          .map((hour) => {
            const verdict = { rule: 'neighbour', quality: SUSPECT, from: hour, to: hour + HOUR } as const
            return flagOf(id, metric, verdict, now)
          })
        const judged = { device: id, metrics: [metric], versions: VERSIONS, ...run }
        changes.push(await store.judge({ ...judged, flags, hours: [], at: now }))
      }
    }
  }
  return changes
}

/** Stretches of hours that follow each other, from ascending starts. */
function runsOf(hours: readonly TimeMs[]): { from: TimeMs; to: TimeMs }[] {
  const runs: { from: TimeMs; to: TimeMs }[] = []
  for (const hour of hours) {
    const last = runs.at(-1)
    if (last !== undefined && last.to === hour) last.to = hour + HOUR
    else runs.push({ from: hour, to: hour + HOUR })
  }
  return runs
}

/** Stations that were touched or stand near one that was. */
function nearAny(touched: readonly TouchedHours[], measuring: readonly PlacedStation[]): PlacedStation[] {
  const ids = new Set(touched.map(({ station }) => station))
  const moved = measuring.filter(({ id }) => ids.has(id))
  const near = moved.flatMap((station) => neighboursOf(station, measuring))
  return [...new Set([...moved, ...near])]
}

async function meansOf(
  store: Pick<Store, 'buckets'>,
  device: string,
  metric: string,
  span: { readonly from: TimeMs; readonly to: TimeMs },
): Promise<ReadonlyMap<TimeMs, number>> {
  const series = await store.buckets({
    device,
    metrics: [metric],
    ...span,
    every: '1h',
    fn: 'mean',
    good: true,
  })
  return new Map(series[0]?.points.map(([hour, mean]) => [hour, mean]))
}
