// Judges the readings of one sensor by the tests that need no other sensor: reads what lies about the hours that changed out of the
// store, and puts what the tests find in place of what they had found.

import type { QualityFlag } from '../../contract/feed.ts'
import { isOutOfRange, metricOf } from '../../contract/metrics.ts'
import type { TimeMs } from '../../contract/time.ts'
import {
  type Influence,
  influenceOf,
  judge,
  judgeRange,
  type Readings,
  type Verdict,
} from '../../domain/quality/judge.ts'
import { qualityLimitsOf, TESTED_METRICS } from '../../domain/quality/limits.ts'
import { QUALITY_RULES } from '../../domain/quality/rules.ts'
import type { FlagChanges, JudgedStretch, Store } from '../store/store.ts'
import { type Stretch, stretchesOf } from './stretches.ts'

/** The tests that look at one sensor alone; those of its neighbours come after. */
const VERSIONS = {
  range: QUALITY_RULES.range.version,
  spike: QUALITY_RULES.spike.version,
  rate: QUALITY_RULES.rate.version,
  stuck: QUALITY_RULES.stuck.version,
}

/** More readings in a piece of time are not evaluated (QARTOD 2): a sensor that sends far more often than once a second. */
const MOST_READINGS = 1_500_000
const PAGE_READINGS = 50_000

export interface StationJudged {
  readonly changes: readonly FlagChanges[]
  /** Metrics that were not evaluated. */
  readonly tooDense: readonly string[]
}

/** The metrics that tests know of, among those of a sensor. */
export function testedOf(metrics: readonly string[]): readonly string[] {
  return TESTED_METRICS.filter((metric) => metrics.includes(metric))
}

/** `hours`: starts of those whose readings changed. Throws StoreAwayError. */
export async function judgeStation(
  store: Pick<Store, 'readings' | 'judge' | 'flags'>,
  device: string,
  metrics: readonly string[],
  hours: readonly TimeMs[],
  now: TimeMs,
): Promise<StationJudged> {
  const changes: FlagChanges[] = []
  const tooDense: string[] = []
  for (const group of groupsOf(metrics)) {
    const { beforeMs, afterMs } = group.influence
    for (const stretch of stretchesOf(hours, group.influence, now)) {
      const around = { from: stretch.from - afterMs, to: stretch.to + beforeMs }
      const readings = await readAll(store, device, group.metrics, around)
      if (readings === null) {
        tooDense.push(...group.metrics)
        break
      }
      const flags = group.metrics.flatMap((metric) => {
        const raw = readings.get(metric) ?? { times: [], values: [] }
        return verdictsOf(metric, raw, stretch).map((verdict) => flagOf(device, metric, verdict, now))
      })
      // Nearly always there is nothing to say, and nothing was said: the store's writer is left alone.
      if (flags.length === 0 && !(await hasFlags(store, device, stretch))) continue
      changes.push(await store.judge({ ...judgedOf(device, group.metrics, stretch, now), flags }))
    }
  }
  return { changes, tooDense }
}

async function hasFlags(store: Pick<Store, 'flags'>, device: string, stretch: Stretch): Promise<boolean> {
  return (await store.flags({ device, ...stretch, limit: 1 })).length > 0
}

interface MetricGroup {
  readonly metrics: readonly string[]
  readonly influence: Influence
}

/** Metrics that are read together, since the same readings about an hour matter for each. */
function groupsOf(metrics: readonly string[]): readonly MetricGroup[] {
  const groups = new Map<string, { metrics: string[]; influence: Influence }>()
  for (const metric of metrics) {
    const limits = qualityLimitsOf(metric)
    if (limits === null && metricOf('sensor', metric)?.range === undefined) continue
    const influence = limits === null ? { beforeMs: 0, afterMs: 0 } : influenceOf(limits)
    const key = `${influence.beforeMs} ${influence.afterMs}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { metrics: [metric], influence })
    else group.metrics.push(metric)
  }
  return [...groups.values()]
}

function verdictsOf(metric: string, raw: Readings, { from, to }: Stretch): readonly Verdict[] {
  const range = metricOf('sensor', metric)?.range
  const limits = qualityLimitsOf(metric)
  return [
    ...(range === undefined ? [] : judgeRange(raw, range, from, to)),
    ...(limits === null ? [] : judge(plausibleOf(metric, raw), limits, from, to)),
  ]
}

/** Those outside the plausible range count as missing. */
function plausibleOf(metric: string, { times, values }: Readings): Readings {
  const kept = Array.from(values, (_, index) => index).filter(
    (index) => !isOutOfRange('sensor', metric, values[index] ?? 0),
  )
  return { times: kept.map((index) => times[index] ?? 0), values: kept.map((index) => values[index] ?? 0) }
}

function judgedOf(
  device: string,
  metrics: readonly string[],
  stretch: Stretch,
  at: TimeMs,
): Omit<JudgedStretch, 'flags'> {
  return { device, metrics, versions: VERSIONS, ...stretch, hours: [], at }
}

/** A flag by a test, known by what it is about, so that the same finding is the same flag. */
export function flagOf(device: string, metric: string, verdict: Verdict, made: TimeMs): QualityFlag {
  const { rule, quality, from, to } = verdict
  const { flag, version } = QUALITY_RULES[rule]
  const id = `${device}.${metric}.${from}.${rule}`
  return { id, device, metric, from, to, flag, quality, rule, version, note: null, made }
}

/** Readings by metric, oldest first; null when there are too many. */
async function readAll(
  store: Pick<Store, 'readings'>,
  device: string,
  metrics: readonly string[],
  { from, to }: Stretch,
): Promise<ReadonlyMap<string, Readings> | null> {
  const found = new Map<string, { times: number[]; values: number[] }>()
  let count = 0
  for (let at: TimeMs | undefined = from; at !== undefined; ) {
    const page: Awaited<ReturnType<Store['readings']>> = await store.readings({
      device,
      metrics,
      from: at,
      to,
      limit: PAGE_READINGS,
    })
    for (const { metric, points } of page.series) {
      const readings = found.get(metric) ?? { times: [], values: [] }
      found.set(metric, readings)
      for (const [time, value] of points) {
        readings.times.push(time)
        readings.values.push(value)
      }
      count += points.length
    }
    if (count > MOST_READINGS) return null
    at = page.next
  }
  return found
}
