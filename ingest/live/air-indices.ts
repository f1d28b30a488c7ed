// Keeps the indices of the stations: computed anew from the store's hourly means when an hour closes, when a late reading changes one
// that counts, and at the start. The store is the truth, so an index is what a computation from scratch gives.

import { type Clock, DAY, HOUR, MINUTE, type TimeMs } from '../../contract/time.ts'
import { type HourlyMean, stationIndices } from '../../domain/air/station-index.ts'
import type { Store } from '../store/store.ts'
import type { LiveState } from './live-state.ts'

const METRICS = ['pm2_5', 'pm10', 'so2', 'no2', 'co', 'o3', 'hc'] as const
/** A day and the hour that runs. */
const LOOK_BACK_MS = DAY + HOUR
const TICK_MS = 5_000
/** A station that late readings keep changing is computed anew no more often than this. */
const LATE_EVERY_MS = MINUTE

export interface AirIndices {
  /** A reading of an hour that has closed came. */
  noteLate(station: string): void
  /** The past has changed: all are computed anew at once. */
  recompute(): void
  stop(): void
}

export function openAirIndices(
  store: Store,
  live: LiveState,
  clock: Clock,
  onFault: (error: unknown) => void,
): AirIndices {
  const computed = new Map<string, { hour: TimeMs; at: TimeMs }>()
  const late = new Set<string>()
  let running = false

  async function compute(station: string, everyS: number, now: TimeMs): Promise<void> {
    const period = {
      device: station,
      metrics: METRICS,
      from: now - LOOK_BACK_MS,
      to: now,
      every: '1h',
    } as const
    const means = await store.buckets({ ...period, fn: 'mean' })
    const counts = await store.buckets({ ...period, fn: 'count' })
    const hours = new Map<string, Map<TimeMs, HourlyMean>>()
    for (const { metric, points } of means) {
      const count = new Map(
        counts.find((series) => series.metric === metric)?.points.map(([hour, n]) => [hour, n]),
      )
      hours.set(metric, new Map(points.map(([hour, mean]) => [hour, { mean, count: count.get(hour) ?? 0 }])))
    }
    live.setAir(station, stationIndices({ hours, now, everyS }))
  }

  async function tick(): Promise<void> {
    if (running) return
    running = true
    try {
      const now = clock.now()
      const hour = Math.floor(now / HOUR)
      for (const { id, everyS } of live.sensors()) {
        const last = computed.get(id)
        const isLate = late.has(id) && now - (last?.at ?? 0) >= LATE_EVERY_MS
        if (last?.hour === hour && !isLate) continue
        late.delete(id)
        await compute(id, everyS, now)
        computed.set(id, { hour, at: now })
      }
    } catch (error) {
      onFault(error)
    } finally {
      running = false
    }
  }

  void tick()
  const timer = setInterval(() => void tick(), TICK_MS)
  return {
    noteLate: (station) => late.add(station),
    recompute() {
      computed.clear()
      void tick()
    },
    stop: () => clearInterval(timer),
  }
}
