// Hourly means of a station with how many readings each rests on, as ingest keeps them: bad readings are left out.

import type { TimeMs } from '../../contract/time.ts'
import type { HourlyMean } from '../../domain/air/station-index.ts'
import type { Context } from './context.ts'

export type Hours = Map<string, Map<TimeMs, HourlyMean>>

export async function stationHours(
  { feed }: Pick<Context, 'feed'>,
  device: string,
  metrics: readonly string[],
  from: TimeMs,
  to: TimeMs,
): Promise<Hours> {
  const hours: Hours = new Map(metrics.map((metric) => [metric, new Map()]))
  if (metrics.length === 0 || from >= to) return hours
  const period = { device, metrics, from, to, every: '1h', good: true } as const
  const [means, counts] = await Promise.all([
    feed.call('buckets', { ...period, fn: 'mean' }),
    feed.call('buckets', { ...period, fn: 'count' }),
  ])
  for (const { metric, points } of means.series) {
    const ofMetric = counts.series.find((series) => series.metric === metric)
    const count = new Map(ofMetric?.points.map(([hour, n]) => [hour, n]))
    hours.set(metric, new Map(points.map(([hour, mean]) => [hour, { mean, count: count.get(hour) ?? 0 }])))
  }
  return hours
}
