// A public Wi-Fi hotspot: clients by the hour of the day, congestion in the evening, outages of its own and of the upstream
// it hangs on. A power cut or an upstream that is down silences it; a broken uplink it still reports, with `up` 0.

import { HOUR, type TimeMs } from '../contract/time.ts'
import { type DeviceModel, localHour, type Sample, type Truth } from './device-model.ts'
import type { OutageSchedule } from './outages.ts'
import { normal, randomByTime, randomOf, smoothNoise } from './random.ts'

export interface HotspotPlan {
  readonly id: string
  readonly everyMs: number
  readonly outages: OutageSchedule
  /** Upstreams from the nearest to the topmost. */
  readonly parents: readonly { readonly id: string; readonly outages: OutageSchedule }[]
}

/** Share of a place's busiest hour, by hour of the day: quiet at night, school and market by day, most in the evening. */
const BUSY_BY_HOUR = [
  0.08, 0.05, 0.03, 0.03, 0.04, 0.09, 0.2, 0.34, 0.42, 0.48, 0.52, 0.57, 0.63, 0.58, 0.56, 0.6, 0.66, 0.74,
  0.88, 1, 0.96, 0.78, 0.45, 0.2,
]

export function hotspotModel(seed: number, plan: HotspotPlan, utcOffsetMs: number): DeviceModel {
  const place = randomOf(seed, 'hotspot', plan.id)
  const samples = randomByTime(seed, 'hotspot-sample', plan.id)
  const busiest = Math.round(8 + 70 * place() ** 2)
  const baseLatencyMs = 6 + 14 * place()
  const bootAgeMs = (2 + 60 * place()) * 24 * HOUR
  const congested = place() < 0.35
  const phaseMs = Math.floor(place() * plan.everyMs)

  function isDark(time: TimeMs): boolean {
    const own = plan.outages.at(time)
    return (
      (own !== null && own.cause !== 'uplink') ||
      plan.parents.some((parent) => parent.outages.at(time) !== null)
    )
  }

  return {
    id: plan.id,
    kind: 'hotspot',
    everyMs: plan.everyMs,
    phaseMs,
    isReachable: (time) => !isDark(time),
    deviceTime: (time) => time,
    sampleAt(time) {
      const random = samples(time)
      const load = loadAt(seed, plan.id, time, utcOffsetMs)
      const isUp = plan.outages.at(time)?.cause !== 'uplink'
      const values: Record<string, number> = {
        up: isUp ? 1 : 0,
        loss_pct: 100,
        clients: Math.round(busiest * load * (isUp ? 1 : 0.4)),
        channel_util_pct: round(Math.min(98, 6 + 80 * load + 4 * normal(random)), 1),
        uptime_s: Math.floor((bootAgeMs + (time % (30 * 24 * HOUR))) / 1000),
        cpu_pct: round(clamp(7 + 45 * load + 5 * normal(random), 1, 100), 1),
        mem_pct: round(clamp(38 + 18 * load + 2 * normal(random), 5, 98), 1),
        temperature: round(41 + 9 * load + 3 * smoothNoise(seed, `${plan.id}/heat`, time, 3 * HOUR), 1),
        queue: 0,
      }
      return { values: isUp ? { ...values, ...linkQuality(random, load, congested, baseLatencyMs) } : values }
    },
    truth(from, to) {
      return [...ownTruth(plan, from, to), ...upstreamTruth(plan, from, to)]
    },
  }
}

/** Share of the busiest hour's clients. */
function loadAt(seed: number, id: string, time: TimeMs, utcOffsetMs: number): number {
  const hour = localHour(time, utcOffsetMs)
  const before = BUSY_BY_HOUR[Math.floor(hour)] ?? 0
  const after = BUSY_BY_HOUR[(Math.floor(hour) + 1) % 24] ?? 0
  const usual = before + (after - before) * (hour % 1)
  return clamp(usual * (1 + 0.35 * smoothNoise(seed, `${id}/load`, time, HOUR)), 0, 1.3)
}

/** Latency and loss rise steeply once a link is nearly full, as in any queue. */
function linkQuality(
  random: () => number,
  load: number,
  congested: boolean,
  baseMs: number,
): Sample['values'] {
  const full = clamp(load * (congested ? 0.97 : 0.6), 0, 0.97)
  const queueing = full / (1 - full)
  const latencyMs = baseMs + 4 * queueing + Math.abs(2 * normal(random))
  const lossPct =
    full > 0.88 ? clamp(6 * (full - 0.88) * 10 + normal(random), 0, 30) : random() < 0.03 ? 1 : 0
  return {
    latency_ms: round(latencyMs, 2),
    jitter_ms: round(0.4 + 0.12 * latencyMs * random(), 2),
    loss_pct: round(lossPct, 1),
    dns_ms: round(latencyMs * (0.8 + 0.6 * random()), 1),
    http_ms: round(latencyMs * (3.2 + 1.5 * random()), 1),
    rssi_dbm: Math.round(-58 - 9 * load + 3 * normal(random)),
  }
}

function ownTruth(plan: HotspotPlan, from: TimeMs, to: TimeMs): Truth[] {
  return plan.outages.beginningIn(from, to).map((outage) => ({ type: 'outage', device: plan.id, ...outage }))
}

function upstreamTruth(plan: HotspotPlan, from: TimeMs, to: TimeMs): Truth[] {
  return plan.parents.flatMap((parent) =>
    parent.outages.beginningIn(from, to).map(
      (outage): Truth => ({
        type: 'outage',
        device: plan.id,
        cause: 'upstream',
        parent: parent.id,
        from: outage.from,
        to: outage.to,
      }),
    ),
  )
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value))
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits
}
