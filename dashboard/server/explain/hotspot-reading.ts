// Explains a value that a hotspot sent: nothing was computed, so it tells who measured it, when, and what is doubted about it.

import type { Explanation } from '../../../contract/explain.ts'
import type { LiveDevice, LiveValue, Point } from '../../../contract/feed.ts'
import { metricOf, unitOf } from '../../../contract/metrics.ts'
import { formatTime, SECOND, type TimeMs } from '../../../contract/time.ts'
import { grade } from '../../../domain/connectivity/grade.ts'
import { signalGrade } from '../../../domain/connectivity/signal.ts'
import type { Context } from '../context.ts'
import { isTooFew } from '../public-view.ts'
import { oneOf, type Question, rangeInputs, readingsPath } from './explainer.ts'

/** So many intervals of readings before the value are shown, and looked through for one at a time that was asked for. */
const INTERVALS_SHOWN = 30

export async function explainReading(
  context: Context,
  device: LiveDevice,
  question: Question,
): Promise<Explanation> {
  const { value: metric, at, isNow, audience } = question
  const earliest = at - INTERVALS_SHOWN * device.everyS * SECOND
  const latest = isNow
    ? (device.values[metric] ?? null)
    : await readingBefore(context, device.id, metric, earliest, at)
  const isFew = latest !== null && audience === 'public' && isTooFew(metric, latest.value)
  const unit = unitOf('hotspot', metric) ?? ''
  const begin = latest === null ? earliest : Math.min(earliest, latest.time)
  const flag = latest?.flag
  return {
    subject: { device: device.id, value: metric },
    value: latest === null || isFew ? null : latest.value,
    unit,
    time: formatTime(latest?.time ?? at),
    rule: {
      name: 'reading',
      version: '1',
      source: 'As the hotspot sent it; the flag is of the plausible range (interface, section 3)',
    },
    inputs: [
      ...(flag === undefined ? [] : [{ name: 'flag', value: flag, flag }]),
      ...rangeInputs(metricOf('hotspot', metric)),
      ...gradeInputs(device, metric, isNow),
    ],
    completeness: oneOf(latest !== null),
    ...(latest === null ? { reason: 'no_readings' } : isFew ? { reason: 'few' } : {}),
    readings: readingsPath(device.id, [metric], begin, Math.max(at, begin + 1)),
  }
}

/** What the value is good for (domain B8, B11). */
function gradeInputs({ values }: LiveDevice, metric: string, isNow: boolean) {
  const value = values[metric]?.value
  if (!isNow || value === undefined) return []
  if (metric === 'rssi_dbm') return [{ name: 'signal_grade', value: signalGrade(value) }]
  if (metric !== 'latency_ms') return []
  return [{ name: 'link_grade', value: grade(values['loss_pct']?.value ?? null, value) }]
}

async function readingBefore(
  { feed }: Context,
  device: string,
  metric: string,
  from: TimeMs,
  to: TimeMs,
): Promise<LiveValue | null> {
  const { series } = await feed.call('readings', { device, metrics: [metric], from, to, limit: 10_000 })
  const point: Point | undefined = series[0]?.points.at(-1)
  if (point === undefined) return null
  const [time, value, flag] = point
  return { value, time, ...(flag === undefined ? {} : { flag }) }
}
