// Keeps the indices of the stations: computed anew from the store's hourly means when an hour closes, when a late reading changes one
// that counts, and at the start. The store is the truth, so an index is what a computation from scratch gives.

import type { Observation } from '../../contract/observation.ts'
import { type Clock, DAY, HOUR, MINUTE, SECOND, type TimeMs } from '../../contract/time.ts'
import { type HourlyMean, type StationHours, stationIndices } from '../../domain/air/station-index.ts'
import { patienceMs } from '../../domain/connectivity/device-state.ts'
import { hourShiftMs, hourStart } from '../../domain/time-zone.ts'
import type { Store } from '../store/store.ts'
import type { LiveState } from './live-state.ts'

const METRICS = ['pm2_5', 'pm10', 'so2', 'no2', 'co', 'o3', 'hc'] as const
/** A day and the hour that runs. */
const LOOK_BACK_MS = DAY + HOUR
const TICK_MS = 5 * SECOND
/** The last readings of an hour are in the store this long after its end. */
const SETTLE_MS = 10 * SECOND
/** A station that late readings keep changing is computed anew no more often than this. */
const LATE_EVERY_MS = MINUTE

export interface AirIndices {
  /** These are in the store now; a reading of an hour that has closed changes an index. */
  noteStored(observations: readonly Observation[]): void
  /** Flags changed what counts of a station: its indices are computed anew at once. */
  noteFlags(device: string): void
  /** The past has changed: all are computed anew at once. */
  recompute(): void
  stop(): void
}

export interface AirIndicesPlan {
  readonly store: Pick<Store, 'buckets'>
  readonly live: LiveState
  readonly clock: Clock
  /** The village's: hours are cut by its clock. */
  readonly zone: string
  /** The indices could not be computed; it is tried again. */
  readonly onFault: (error: unknown) => void
}

export function openAirIndices({ store, live, clock, zone, onFault }: AirIndicesPlan): AirIndices {
  const computed = new Map<string, { hour: TimeMs; at: TimeMs; measured: string }>()
  const begun = clock.now()
  const late = new Set<string>()
  /** Stations whose flags changed since they were computed. */
  const flagged = new Set<string>()
  /** How often all were asked for anew: what was computed before is of the past as it was. */
  let round = 0
  let stopped = false
  let running = false
  /** Asked for while it ran. */
  let again = false

  async function compute({ id, everyS }: Station, measured: readonly string[], now: TimeMs): Promise<void> {
    const hours = measured.length === 0 ? new Map() : await hoursOf(store, id, measured, now)
    live.setAir(id, stationIndices({ hours, now, everyS, shiftMs: hourShiftMs(now, zone) }))
  }

  async function tick(): Promise<void> {
    if (running) {
      again = true
      return
    }
    running = true
    again = false
    try {
      const now = clock.now()
      const asked = round
      const hour = hourStart(now - SETTLE_MS, hourShiftMs(now, zone))
      for (const station of live.sensors()) {
        if (isAwaited(station, now - begun)) continue
        const last = computed.get(station.id)
        const measured = METRICS.filter((metric) => station.metrics.includes(metric))
        const names = measured.join()
        const isLate = late.has(station.id) && now - (last?.at ?? 0) >= LATE_EVERY_MS
        const isSame = last?.hour === hour && last.measured === names
        if (isSame && !isLate && !flagged.has(station.id)) continue
        late.delete(station.id)
        flagged.delete(station.id)
        await compute(station, measured, now)
        if (asked === round) computed.set(station.id, { hour, at: now, measured: names })
      }
    } catch (error) {
      // What is under way when it stops has nobody to tell.
      if (!stopped) onFault(error)
    } finally {
      running = false
      if (again && !stopped) void tick()
    }
  }

  void tick()
  const timer = setInterval(() => void tick(), TICK_MS)
  return {
    noteStored(observations) {
      const shiftMs = hourShiftMs(clock.now(), zone)
      for (const { kind, device, time, arrival } of observations) {
        if (kind !== 'sensor' || arrival - time > LOOK_BACK_MS) continue
        if (time < hourStart(arrival, shiftMs)) late.add(device)
      }
    },
    noteFlags(device) {
      flagged.add(device)
      void tick()
    },
    recompute() {
      round += 1
      computed.clear()
      void tick()
    },
    stop() {
      stopped = true
      clearInterval(timer)
    },
  }
}

type Station = ReturnType<LiveState['sensors']>[number]

/** Whether it was not heard yet, and had not the time to be: nothing is known of what it measures. */
function isAwaited({ everyS, metrics }: Station, elapsedMs: number): boolean {
  return metrics.length === 0 && elapsedMs <= patienceMs(everyS * SECOND)
}

async function hoursOf(
  store: Pick<Store, 'buckets'>,
  device: string,
  metrics: readonly string[],
  now: TimeMs,
): Promise<StationHours> {
  const period = { device, metrics, from: now - LOOK_BACK_MS, to: now, every: '1h', good: true } as const
  const means = await store.buckets({ ...period, fn: 'mean' })
  const counts = await store.buckets({ ...period, fn: 'count' })
  // One whose hours hold nothing is measured all the same.
  const hours = new Map(metrics.map((metric) => [metric, new Map<TimeMs, HourlyMean>()]))
  for (const { metric, points } of means) {
    const count = new Map(
      counts.find((series) => series.metric === metric)?.points.map(([hour, n]) => [hour, n]),
    )
    hours.set(metric, new Map(points.map(([hour, mean]) => [hour, { mean, count: count.get(hour) ?? 0 }])))
  }
  return hours
}
