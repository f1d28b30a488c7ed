// Faults put into a sensor's readings on purpose, each with its true span, so that what finds them can be measured:
// stuck, spike, drift, drop-out, humidity bias (optical sensors count fog as dust), and a clock that is wrong.

import { DAY, HOUR, MINUTE, type TimeMs } from '../contract/time.ts'
import { covers, localDay, type SensorFaultKind, type Span } from './device-model.ts'
import { poisson, type Random, randomOf } from './random.ts'

export interface SensorFault extends Span {
  readonly fault: SensorFaultKind
  readonly metric: string
  /** How strong, in the fault's own measure: a factor for spike and bias, units a day for drift, ms for a clock. */
  readonly strength: number
}

/** Expected number of each a day and sensor, and how long one lasts, in ms. */
const FAULTS: Readonly<Record<SensorFaultKind, { perDay: number; least: number; most: number }>> = {
  stuck: { perDay: 0.05, least: 4 * HOUR, most: 16 * HOUR },
  spike: { perDay: 0.4, least: MINUTE, most: 3 * MINUTE },
  drift: { perDay: 0.02, least: 20 * HOUR, most: 40 * HOUR },
  drop_out: { perDay: 0.12, least: 20 * MINUTE, most: 5 * HOUR },
  humidity_bias: { perDay: 0.08, least: 3 * HOUR, most: 8 * HOUR },
  clock: { perDay: 0.02, least: 2 * HOUR, most: 12 * HOUR },
}
/** A day's faults are looked for this many days back: the longest one lasts less. */
const DAYS_BACK = 2

export interface FaultSchedule {
  at(time: TimeMs): readonly SensorFault[]
  beginningIn(from: TimeMs, to: TimeMs): readonly SensorFault[]
}

/** Of a sensor that has none. */
export const NO_FAULTS: FaultSchedule = { at: () => [], beginningIn: () => [] }

export function faultSchedule(
  seed: number,
  device: string,
  metrics: readonly string[],
  utcOffsetMs: number,
): FaultSchedule {
  const days = new Map<number, readonly SensorFault[]>()
  const ofDay = (day: number): readonly SensorFault[] => {
    const known = days.get(day)
    if (known !== undefined) return known
    const drawn = drawDay(randomOf(seed, 'faults', device, day), day * DAY - utcOffsetMs, metrics)
    days.set(day, drawn)
    if (days.size > 16) days.delete(Math.min(...days.keys()))
    return drawn
  }
  return {
    at(time) {
      const today = localDay(time, utcOffsetMs)
      const faults: SensorFault[] = []
      for (let day = today - DAYS_BACK; day <= today; day += 1) {
        for (const fault of ofDay(day)) if (covers(fault, time)) faults.push(fault)
      }
      return faults
    },
    beginningIn(from, to) {
      const faults: SensorFault[] = []
      for (let day = localDay(from, utcOffsetMs); day <= localDay(to - 1, utcOffsetMs); day += 1) {
        faults.push(...ofDay(day).filter((fault) => fault.from >= from && fault.from < to))
      }
      return faults.sort((a, b) => a.from - b.from)
    },
  }
}

function drawDay(random: Random, start: TimeMs, metrics: readonly string[]): readonly SensorFault[] {
  const faults: SensorFault[] = []
  for (const [fault, { perDay, least, most }] of Object.entries(FAULTS) as [
    SensorFaultKind,
    (typeof FAULTS)[SensorFaultKind],
  ][]) {
    // Only what counts particles by light takes fog for dust.
    const rate = fault === 'humidity_bias' && !metrics.includes('pm2_5') ? 0 : perDay
    for (let left = poisson(random, rate); left > 0; left -= 1) {
      const from = start + Math.floor(random() * DAY)
      const to = from + Math.floor(least + (most - least) * random())
      faults.push({
        fault,
        metric: metricOf(fault, random, metrics),
        from,
        to,
        strength: strengthOf(fault, random),
      })
    }
  }
  return faults
}

function metricOf(fault: SensorFaultKind, random: Random, metrics: readonly string[]): string {
  if (fault === 'humidity_bias') return 'pm2_5'
  return metrics[Math.floor(random() * metrics.length)] ?? ''
}

function strengthOf(fault: SensorFaultKind, random: Random): number {
  if (fault === 'spike') return 8 + 20 * random()
  if (fault === 'drift') return 15 + 35 * random()
  if (fault === 'humidity_bias') return 1.8 + 1.4 * random()
  if (fault === 'clock') return (random() < 0.5 ? -1 : 1) * Math.floor((1 + 4 * random()) * HOUR)
  return 0
}

/**
 * The value as the faulty sensor reports it; null when it reports none. `trueAt` gives the true value at another time, which
 * a stuck sensor keeps from the fault's first moment.
 */
export function faultyValue(
  metric: string,
  value: number | null,
  time: TimeMs,
  faults: readonly SensorFault[],
  trueAt: (time: TimeMs) => number | null,
): number | null {
  let reported = value
  for (const fault of faults) {
    if (fault.fault === 'drop_out') return null
    if (fault.metric !== metric || reported === null) continue
    if (fault.fault === 'stuck') reported = trueAt(fault.from)
    else if (fault.fault === 'spike' || fault.fault === 'humidity_bias') reported *= fault.strength
    else if (fault.fault === 'drift') reported += (fault.strength * (time - fault.from)) / DAY
  }
  return reported
}
