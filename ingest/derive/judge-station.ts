// Judges the readings of one sensor by the tests that need no other sensor: reads what lies about the hours that changed out of the
// store, and puts what the tests find in place of what they had found.

import type { QualityFlag } from '../../contract/feed.ts'
import { isOutOfRange } from '../../contract/metrics.ts'
import type { TimeMs } from '../../contract/time.ts'
import { influenceOf, judge, type Readings, type Verdict } from '../../domain/quality/judge.ts'
import { qualityLimitsOf, TESTED_METRICS } from '../../domain/quality/limits.ts'
import { QUALITY_RULES } from '../../domain/quality/rules.ts'
import type { FlagChanges, JudgedStretch, Store } from '../store/store.ts'
import { type Stretch, stretchesOf } from './stretches.ts'

/** The tests that look at one sensor alone; those of its neighbours come after. */
const VERSIONS = {
  spike: QUALITY_RULES.spike.version,
  rate: QUALITY_RULES.rate.version,
  stuck: QUALITY_RULES.stuck.version,
}

/** A metric with more readings in a piece of its time is not evaluated (QARTOD 2): one sent more often than once a second. */
const MOST_READINGS = 600_000
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
  store: Pick<Store, 'readings' | 'judge'>,
  device: string,
  metrics: readonly string[],
  hours: readonly TimeMs[],
  now: TimeMs,
): Promise<StationJudged> {
  const changes: FlagChanges[] = []
  const tooDense: string[] = []
  for (const metric of testedOf(metrics)) {
    const limits = qualityLimitsOf(metric)
    if (limits === null) continue
    const influence = influenceOf(limits)
    for (const stretch of stretchesOf(hours, influence, now)) {
      const around = { from: stretch.from - influence.afterMs, to: stretch.to + influence.beforeMs }
      const readings = await readAll(store, device, metric, around)
      if (readings === null) {
        tooDense.push(metric)
        break
      }
      const flags = judge(readings, limits, stretch.from, stretch.to).map((verdict) =>
        flagOf(device, metric, verdict, now),
      )
      changes.push(await store.judge({ ...judgedOf(device, metric, stretch, now), flags }))
    }
  }
  return { changes, tooDense }
}

function judgedOf(
  device: string,
  metric: string,
  stretch: Stretch,
  at: TimeMs,
): Omit<JudgedStretch, 'flags'> {
  return { device, metrics: [metric], versions: VERSIONS, ...stretch, hours: [], at }
}

/** A flag by a test, known by what it is about, so that the same finding is the same flag. */
export function flagOf(device: string, metric: string, verdict: Verdict, made: TimeMs): QualityFlag {
  const { rule, quality, from, to } = verdict
  const { flag, version } = QUALITY_RULES[rule]
  const id = `${device}.${metric}.${from}.${rule}`
  return { id, device, metric, from, to, flag, quality, rule, version, note: null, made }
}

/** Plausible readings, oldest first; null when there are too many. */
async function readAll(
  store: Pick<Store, 'readings'>,
  device: string,
  metric: string,
  { from, to }: Stretch,
): Promise<Readings | null> {
  const times: number[] = []
  const values: number[] = []
  for (let at: TimeMs | undefined = from; at !== undefined; ) {
    const page: Awaited<ReturnType<Store['readings']>> = await store.readings({
      device,
      metrics: [metric],
      from: at,
      to,
      limit: PAGE_READINGS,
    })
    for (const [time, value] of page.series.find((series) => series.metric === metric)?.points ?? []) {
      if (isOutOfRange('sensor', metric, value)) continue
      times.push(time)
      values.push(value)
    }
    if (times.length > MOST_READINGS) return null
    at = page.next
  }
  return { times, values }
}
