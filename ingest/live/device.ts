// What live state keeps of one device, and what a message changes of it. Plain functions: the clock is the message's arrival.

import type { AirIndex, LiveDevice, LiveValue } from '../../contract/feed.ts'
import { isOutOfRange } from '../../contract/metrics.ts'
import type { Observation, Occupancy, Position, StatusChange } from '../../contract/observation.ts'
import { SECOND, type TimeMs } from '../../contract/time.ts'
import { CLOCK_WINDOW, clockOffsetMs } from '../../domain/connectivity/clock-error.ts'
import { type Heartbeat, onSign, type StateNow, unheard } from '../../domain/connectivity/device-state.ts'
import { grade } from '../../domain/connectivity/grade.ts'
import type { KnownDevice } from '../known-devices.ts'

/** A position older than this is stale (domain C10; exactly this is not). */
export const STALE_MS = 90 * SECOND

export interface TrackedTrip {
  readonly route: string | null
  readonly trip: string | null
  readonly direction: 0 | 1 | null
  readonly occupancy: Occupancy | null
  readonly time: TimeMs
  readonly alongM: number | null
}

export interface TrackedDevice {
  known: KnownDevice
  heartbeat: Heartbeat
  /** As shown: after parents and our own absence were looked at. */
  shown: StateNow
  readonly values: Record<string, LiveValue>
  position: Position | null
  trip: TrackedTrip | null
  readonly clockPairs: { deviceTime: TimeMs; arrival: TimeMs }[]
  conflicts: number
  air: Readonly<Record<AirIndex['index'], AirIndex>> | null
}

export function trackDevice(known: KnownDevice, listeningSince: TimeMs | null): TrackedDevice {
  return {
    known,
    heartbeat: unheard(known.everyS * SECOND, listeningSince),
    shown: { state: 'unknown', since: null, cause: 'never_heard' },
    values: {},
    position: known.lat === null || known.lon === null ? null : { lat: known.lat, lon: known.lon },
    trip: null,
    clockPairs: [],
    conflicts: 0,
    air: null,
  }
}

/** A backfilled reading, older than two intervals, is no sign of life (domain B2). */
function isLate(observation: Observation, everyMs: number): boolean {
  return observation.arrival - observation.time > 2 * everyMs
}

export function applyObservation(
  device: TrackedDevice,
  observation: Observation,
  alongM: (observation: Observation) => number | null,
): void {
  const { kind, time, arrival } = observation
  for (const metric in observation.values) {
    const value = observation.values[metric]
    const before = device.values[metric]
    // A value of an earlier time than the one shown is history.
    if (value === undefined || (before !== undefined && time < before.time)) continue
    const flag = isOutOfRange(kind, metric, value)
      ? { flag: 'range' as const }
      : observation.timeIsArrival
        ? { flag: 'arrival_time' as const }
        : {}
    device.values[metric] = { value, time, ...flag }
  }
  if (observation.position !== undefined && time >= (device.trip?.time ?? Number.NEGATIVE_INFINITY)) {
    applyPosition(device, observation, observation.position, alongM)
  }
  if (isLate(observation, device.heartbeat.everyMs)) return
  if (!observation.timeIsArrival) {
    device.clockPairs.push({ deviceTime: time, arrival })
    if (device.clockPairs.length > CLOCK_WINDOW) device.clockPairs.shift()
  }
  device.heartbeat = onSign(
    device.heartbeat,
    { type: 'reading', up: observation.values['up'] !== 0, isPoor: isPoor(observation) },
    arrival,
  )
}

function applyPosition(
  device: TrackedDevice,
  observation: Observation,
  position: Position,
  alongM: (observation: Observation) => number | null,
): void {
  // A hotspot or sensor stands where it was put; what its receiver says of that is a reading like others.
  if (device.known.kind !== 'vehicle' && device.known.lat !== null) return
  device.position = position
  device.trip = {
    route: observation.route ?? device.known.route,
    trip: observation.trip ?? null,
    direction: observation.direction ?? null,
    occupancy: observation.occupancy ?? null,
    time: observation.time,
    alongM: alongM(observation),
  }
}

function isPoor({ kind, values }: Observation): boolean | null {
  if (kind !== 'hotspot') return null
  const quality = grade(values['loss_pct'] ?? null, values['latency_ms'] ?? null)
  return quality === 'unknown' ? null : quality === 'poor'
}

export function applyStatus(device: TrackedDevice, { online, arrival }: StatusChange): void {
  device.heartbeat = onSign(device.heartbeat, { type: online ? 'online' : 'offline' }, arrival)
}

/** The device as the dashboard gets it. */
export function liveDevice(device: TrackedDevice, now: TimeMs): LiveDevice {
  const { known, heartbeat, shown, trip } = device
  const speed = device.position?.speed ?? device.values['speed']?.value ?? null
  return {
    id: known.id,
    kind: known.kind,
    name: known.name,
    simulated: known.simulated,
    position: device.position,
    state: shown.state,
    since: shown.since,
    cause: shown.cause,
    lastSeen: heartbeat.lastSign,
    everyS: known.everyS,
    parent: known.parent,
    radiusM: known.radiusM,
    // A copy: the answer is written out later than the next message comes.
    values: { ...device.values },
    ...(device.air === null ? {} : { air: device.air }),
    ...(known.kind === 'vehicle' && trip !== null
      ? {
          transit: {
            ...trip,
            speed,
            bearing: device.position?.bearing ?? null,
            stale: now - trip.time > STALE_MS,
          },
        }
      : {}),
    clockOffsetMs: clockOffsetMs(device.clockPairs),
    conflicts: device.conflicts,
  }
}
