// Explains what sensors say: each index from the hourly means that went into it, and each reading from the tests that it was put to
// (domain A1 to A4, A7, A8).

import type { Explanation, ExplanationInput } from '../../../contract/explain.ts'
import type { AirIndex, LiveDevice, LiveValue, QualityFlag } from '../../../contract/feed.ts'
import { metricOf, unitOf } from '../../../contract/metrics.ts'
import { DAY, formatTime, HOUR, SECOND, type TimeMs } from '../../../contract/time.ts'
import { NEEDED_SHARE } from '../../../domain/air/means.ts'
import { AIR_RULES } from '../../../domain/air/rules.ts'
import { stationIndices } from '../../../domain/air/station-index.ts'
import { qualityLimitsOf } from '../../../domain/quality/limits.ts'
import { BY_HAND, QUALITY_RULES, type QualityRule } from '../../../domain/quality/rules.ts'
import { hourShiftMs, hourStart } from '../../../domain/time-zone.ts'
import { INDEX_UNITS } from '../about-numbers.ts'
import type { Context } from '../context.ts'
import type { Audience } from '../public-view.ts'
import { stationHours } from '../station-hours.ts'
import { type Explainer, oneOf, type Question, rangeInputs, readingsPath } from './explainer.ts'

const INDICES = ['ispu', 'us-aqi', 'eaqi'] as const
/** So many intervals are looked through for the reading at a time that was asked for. */
const INTERVALS = 30
const MOST_FLAGS = 1_000

export const air: Explainer = {
  valuesOf: (_context, { kind, values, air: indices }) =>
    kind === 'sensor' ? [...(indices === undefined ? [] : INDICES), ...Object.keys(values)] : [],
  explain(context, device, question) {
    const index = INDICES.find((one) => one === question.value)
    return index === undefined
      ? explainReading(context, device, question)
      : explainIndex(context, device, question, index)
  },
}

/** Hours that an index may look at. */
const HOURS_BACK: Readonly<Record<AirIndex['index'], number>> = { ispu: 24, 'us-aqi': 24, eaqi: 1 }

async function explainIndex(
  context: Context,
  device: LiveDevice,
  { value, at, isNow }: Question,
  index: AirIndex['index'],
): Promise<Explanation> {
  const shown = isNow ? device.air?.[index] : undefined
  const shiftMs = hourShiftMs(at, context.village.village.timezone)
  const end = shown?.time ?? hourStart(at, shiftMs)
  const from = end - DAY
  const metrics = Object.keys(device.values).filter((metric) => unitOf('sensor', metric) === 'ug/m3')
  const hours = await stationHours(context, device.id, metrics, from, end)
  const made = shown ?? stationIndices({ hours, now: end, everyS: device.everyS, shiftMs })[index]
  const metric = made.dominant ?? made.parts[0]?.metric ?? null
  const averaging = made.parts.find((part) => part.metric === metric)?.averaging
  const span = spanOf(index, averaging)
  const begin = end - span * HOUR
  const flags =
    metric === null
      ? []
      : (
          await context.feed.call('flags', {
            device: device.id,
            metric,
            from: begin,
            to: end,
            limit: MOST_FLAGS,
          })
        ).flags
  const neededHours = needOf(index, averaging, span)
  const hourly = hourInputs(device, metric, hours.get(metric ?? '') ?? new Map(), flags, begin, end)
  const known = hourly.filter(({ isKnown }) => isKnown).length
  return {
    subject: { device: device.id, value },
    value: made.value,
    unit: INDEX_UNITS[index],
    time: formatTime(end),
    rule: AIR_RULES[index],
    inputs: [
      { name: 'category', value: made.category },
      { name: 'dominant', value: made.dominant },
      { name: 'hours_needed', value: neededHours, unit: 'count' },
      ...made.parts.flatMap((part) => partInputs(part, index)),
      ...hourly.map(({ input }) => input),
    ],
    completeness: { known, needed: span, share: Math.min(1, known / span) },
    ...(made.reason === undefined ? {} : { reason: made.reason }),
    readings: readingsPath(device.id, metric === null ? [] : [metric], begin, end),
  }
}

function partInputs(part: AirIndex['parts'][number], index: AirIndex['index']): ExplanationInput[] {
  return [
    { name: 'averaging', value: part.averaging },
    { name: part.metric, value: part.concentration, unit: part.unit },
    { name: 'sub_index', value: part.value, unit: INDEX_UNITS[index] },
  ]
}

/** How many hours behind its end the part that gave the index looks at. */
function spanOf(index: AirIndex['index'], averaging: string | undefined): number {
  if (averaging === 'nowcast') return 12
  if (averaging === 'nowcast-surrogate') return 3
  if (averaging === '8h') return 8
  if (averaging === '1h') return 1
  return HOURS_BACK[index]
}

function needOf(index: AirIndex['index'], averaging: string | undefined, span: number): number {
  if (averaging === 'nowcast') return 2
  if (averaging === 'nowcast-surrogate' || index === 'eaqi') return 1
  return Math.ceil(NEEDED_SHARE * span)
}

/** Hourly means, the oldest first, as the rule takes them: an hour with too few readings is none. */
function hourInputs(
  { everyS }: LiveDevice,
  metric: string | null,
  means: ReadonlyMap<TimeMs, { readonly mean: number; readonly count: number }>,
  flags: readonly QualityFlag[],
  begin: TimeMs,
  end: TimeMs,
): { readonly input: ExplanationInput; readonly isKnown: boolean }[] {
  if (metric === null) return []
  const expected = Math.max(1, HOUR / SECOND / everyS)
  const inputs: { input: ExplanationInput; isKnown: boolean }[] = []
  for (let hour = begin; hour < end; hour += HOUR) {
    const mean = means.get(hour)
    const isKnown = mean !== undefined && mean.count >= NEEDED_SHARE * expected
    const worst = flags
      .filter(({ from, to }) => from < hour + HOUR && to > hour)
      .sort((a, b) => b.quality - a.quality)[0]
    const input = {
      name: metric,
      value: isKnown ? mean.mean : null,
      unit: unitOf('sensor', metric) ?? '',
      time: formatTime(hour),
      ...(worst === undefined ? (isKnown ? {} : { flag: 'incomplete' }) : { flag: worst.flag }),
    }
    inputs.push({ input, isKnown })
  }
  return inputs
}

async function explainReading(
  { feed, clock }: Context,
  device: LiveDevice,
  { value: metric, at, isNow, audience }: Question,
): Promise<Explanation> {
  const earliest = at - INTERVALS * device.everyS * SECOND
  const latest = isNow
    ? (device.values[metric] ?? null)
    : await readingBefore(feed, device.id, metric, earliest, at)
  const time = latest?.time ?? at
  const { flags } = await feed.call('flags', {
    device: device.id,
    metric,
    from: time,
    to: time + 1,
    limit: MOST_FLAGS,
  })
  const unit = unitOf('sensor', metric) ?? ''
  const begin = Math.min(earliest, time)
  return {
    subject: { device: device.id, value: metric },
    value: latest?.value ?? null,
    unit,
    time: formatTime(time),
    rule: ruleOf(latest, flags, audience),
    inputs: [
      ...(latest?.flag === undefined ? [] : [{ name: 'flag', value: latest.flag, flag: latest.flag }]),
      ...rangeInputs(metricOf('sensor', metric)),
      ...limitInputs(metric),
    ],
    completeness: oneOf(latest !== null),
    ...(latest === null ? { reason: 'no_readings' } : {}),
    readings: readingsPath(
      device.id,
      [metric],
      begin,
      Math.max(isNow ? clock.now() : at, begin + 1, time + 1),
    ),
  }
}

/** The rule that flagged the reading; otherwise it is as it was sent. */
function ruleOf(
  latest: LiveValue | null,
  flags: readonly QualityFlag[],
  audience: Audience,
): Explanation['rule'] {
  const set = flags.find(({ flag }) => flag === latest?.flag)
  if (set?.rule === BY_HAND) {
    // Who did it, and what they wrote, is for their colleagues.
    const by = audience === 'staff' ? `${set.version}${set.note === null ? '' : `: ${set.note}`}` : 'staff'
    return { name: 'flag-by-hand', version: '1', source: `Set on ${formatTime(set.made)} by ${by}` }
  }
  const rules: Readonly<Record<string, QualityRule>> = QUALITY_RULES
  const rule = latest?.flag === undefined ? undefined : rules[latest.flag]
  if (rule !== undefined)
    return { name: `quality-${rule.flag}`, version: set?.version ?? rule.version, source: rule.source }
  return {
    name: 'reading',
    version: '1',
    source:
      'As the sensor sent it; it has passed the quality tests (QARTOD) that there are for it, or waits for them',
  }
}

/** Thresholds of the tests of the metric. */
function limitInputs(metric: string): ExplanationInput[] {
  const limits = qualityLimitsOf(metric)
  if (limits === null) return []
  const unit = unitOf('sensor', metric) ?? ''
  const { spike, rate, flat } = limits
  return [
    ...(spike === undefined
      ? []
      : [
          { name: 'spike_suspect', value: spike.suspect, unit },
          { name: 'spike_fail', value: spike.fail, unit },
        ]),
    ...(rate === undefined
      ? []
      : [
          { name: 'rate_suspect', value: rate.suspect, unit: `${unit}/s` },
          { name: 'rate_fail', value: rate.fail, unit: `${unit}/s` },
        ]),
    ...(flat === undefined
      ? []
      : [
          { name: 'flat_suspect', value: flat.suspectS, unit: 's' },
          { name: 'flat_fail', value: flat.failS, unit: 's' },
          { name: 'flat_tolerance', value: flat.tolerance, unit },
        ]),
  ]
}

async function readingBefore(
  feed: Context['feed'],
  device: string,
  metric: string,
  from: TimeMs,
  to: TimeMs,
): Promise<LiveValue | null> {
  const { series } = await feed.call('readings', { device, metrics: [metric], from, to, limit: 10_000 })
  const point = series[0]?.points.at(-1)
  if (point === undefined) return null
  const [time, value, flag] = point
  return { value, time, ...(flag === undefined ? {} : { flag }) }
}
