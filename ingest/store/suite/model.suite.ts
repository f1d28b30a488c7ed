// A plain model of the contract's rule of identity and of its buckets, and an independent cut of the local clock.

import { expect } from 'vitest'
import type { Every, Series } from '../../../contract/feed.ts'
import { isOutOfRange } from '../../../contract/metrics.ts'
import type { Observation } from '../../../contract/observation.ts'
import { DAY, HOUR, MINUTE } from '../../../contract/time.ts'
import type { Store } from '../store.ts'
import { NOW } from './place.suite.ts'

/** The contract's rule of identity, said plainly. */
export class Model {
  readonly #values = new Map<string, Map<string, Map<number, number>>>()

  take(observations: readonly Observation[]): { stored: number; duplicates: number; conflicts: number } {
    const result = { stored: 0, duplicates: 0, conflicts: 0 }
    for (const { device, time, values } of observations) {
      for (const [metric, value] of Object.entries(values)) {
        const times = this.#of(device, metric)
        const before = times.get(time)
        if (before === undefined) result.stored += 1
        else if (before === value) result.duplicates += 1
        else result.conflicts += 1
        times.set(time, value)
      }
    }
    return result
  }

  #of(device: string, metric: string): Map<number, number> {
    const metrics = this.#values.get(device) ?? new Map<string, Map<number, number>>()
    const times = metrics.get(metric) ?? new Map<number, number>()
    this.#values.set(device, metrics.set(metric, times))
    return times
  }

  devices(): string[] {
    return [...this.#values.keys()]
  }

  raw(device: string): [string, (readonly [number, number, string?])[]][] {
    return this.#series(device).map(([metric, points]) => [
      metric,
      points.map(([time, value]) =>
        isOutOfRange('sensor', metric, value) ? [time, value, 'range'] : [time, value],
      ),
    ])
  }

  /** Values of each bucket, by its local hour or day in Jakarta (UTC+7, no daylight saving). */
  buckets(device: string, spanMs: number): [string, [number, number[]][]][] {
    const cut = (time: number): number => Math.floor((time + 7 * HOUR) / spanMs) * spanMs - 7 * HOUR
    return this.#series(device).flatMap(([metric, points]) => {
      const buckets = new Map<number, number[]>()
      for (const [time, value] of points) {
        if (isOutOfRange('sensor', metric, value)) continue
        buckets.set(cut(time), [...(buckets.get(cut(time)) ?? []), value])
      }
      return buckets.size === 0 ? [] : [[metric, [...buckets]] as [string, [number, number[]][]]]
    })
  }

  #series(device: string): [string, [number, number][]][] {
    return [...(this.#values.get(device) ?? [])]
      .map(([metric, times]): [string, [number, number][]] => [metric, [...times].sort(([a], [b]) => a - b)])
      .sort(([a], [b]) => (a < b ? -1 : 1))
  }
}

/** Points by metric, in the order of their names. */
export function sorted(series: readonly Series[]): [string, Series['points']][] {
  return series
    .map(({ metric, points }): [string, Series['points']] => [metric, points])
    .sort(([a], [b]) => (a < b ? -1 : 1))
}

/** Compares a month of buckets with the model's. */
export async function expectBuckets(store: Store, model: Model, device: string, every: Every): Promise<void> {
  const spanMs = { '1m': MINUTE, '5m': 5 * MINUTE, '15m': 15 * MINUTE, '1h': HOUR, '1d': DAY }[every]
  const expected = model.buckets(device, spanMs)
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
  const functions = {
    mean: (values: readonly number[]) => sum(values) / values.length,
    min: (values: readonly number[]) => Math.min(...values),
    max: (values: readonly number[]) => Math.max(...values),
    count: (values: readonly number[]) => values.length,
  }
  for (const [fn, compute] of Object.entries(functions)) {
    const series = await store.buckets({
      device,
      from: NOW - 30 * DAY,
      to: NOW,
      every,
      fn: fn as keyof typeof functions,
    })
    expect(sorted(series), `${fn} ${every}`).toEqual(
      expected.map(([metric, buckets]) => [
        metric,
        buckets.map(([start, values]) => [start, compute(values)]),
      ]),
    )
  }
}

/**
 * Starts of the buckets that hold the times, by asking Intl for the local clock at each minute: a bucket starts where the
 * local date, hour or quarter, or the offset to UTC, becomes another one.
 */
export function startsOf(times: readonly number[], every: '15m' | '1h' | '1d', zone: string): number[] {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'longOffset',
  })
  const names = new Map<number, string>()
  const nameOf = (minute: number): string => {
    const known = names.get(minute)
    if (known !== undefined) return known
    const name = nameAt(minute)
    names.set(minute, name)
    return name
  }
  const nameAt = (time: number): string => {
    const parts = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, value]))
    const day = `${parts['year']}-${parts['month']}-${parts['day']}`
    if (every === '1d') return day
    const hour = `${day}T${parts['hour']} ${parts['timeZoneName']}`
    return every === '1h' ? hour : `${hour} ${Math.floor(Number(parts['minute']) / 15)}`
  }
  const starts = new Set<number>()
  for (const time of times) {
    let start = Math.floor(time / MINUTE) * MINUTE
    const name = nameOf(start)
    while (nameOf(start - MINUTE) === name) start -= MINUTE
    starts.add(start)
  }
  return [...starts]
}
