// What live state keeps of one device, and what a message changes of its values and place. Plain functions: the clock is the
// message's arrival.

import type {
  AirIndex,
  CloneSuspicion,
  LiveDevice,
  LiveTransit,
  LiveValue,
  QualityFlag,
} from '../../contract/feed.ts'
import { metricOf } from '../../contract/metrics.ts'
import type { Observation, Occupancy, Position } from '../../contract/observation.ts'
import { SECOND, type TimeMs } from '../../contract/time.ts'
import type { Kind } from '../../contract/topics.ts'
import { notComputedYet } from '../../domain/air/station-index.ts'
import { CLOCK_WINDOW, clockOffsetMs } from '../../domain/connectivity/clock-error.ts'
import { type Heartbeat, type Sign, type StateNow, unheard } from '../../domain/connectivity/device-state.ts'
import { grade } from '../../domain/connectivity/grade.ts'
import { isStale } from '../../domain/transit/punctuality.ts'
import type { TripPlace } from '../../domain/transit/trip-places.ts'
import { isOpen } from '../clones.ts'
import { flagShown } from '../flag-shown.ts'
import type { KnownDevice } from '../known-devices.ts'
import type { StoredSpan } from '../store/store.ts'
import { isLive, newestOf, type Pace } from './lateness.ts'

export interface TrackedTrip {
  readonly route: string | null
  readonly trip: string | null
  readonly direction: 0 | 1 | null
  readonly occupancy: Occupancy | null
  readonly time: TimeMs
  readonly alongM: number | null
  readonly offsetM: number | null
}

export interface TrackedDevice {
  known: KnownDevice
  /** True once something of it came in by the log: what the store knows is older. */
  isHeard: boolean
  heartbeat: Heartbeat
  /** Down by its own signs, whatever its parents do. */
  isDown: boolean
  /** As shown: after parents and our own absence were looked at. */
  shown: StateNow
  /** The span of `shown`, still open; null before anything was known. */
  span: StoredSpan | null
  /** What those on duty were told last. */
  told: 'up' | 'degraded' | 'down'
  /** It goes up and down again and again (domain B3). */
  flaps: boolean
  readonly values: Record<string, LiveValue>
  position: Position | null
  trip: TrackedTrip | null
  newest: Pace | null
  readonly clockPairs: { deviceTime: TimeMs; arrival: TimeMs }[]
  conflicts: number
  clone: CloneSuspicion | null
  /** In force about its latest values, the worst first. */
  flags: readonly QualityFlag[]
  /** Null until they are computed. */
  air: Readonly<Record<AirIndex['index'], AirIndex>> | null
}

export function trackDevice(known: KnownDevice, listeningSince: TimeMs | null): TrackedDevice {
  return {
    known,
    isHeard: false,
    heartbeat: unheard(known.everyS * SECOND, listeningSince),
    isDown: false,
    shown: { state: 'unknown', since: null, cause: 'never_heard' },
    span: null,
    told: 'up',
    flaps: false,
    values: {},
    position: known.lat === null || known.lon === null ? null : { lat: known.lat, lon: known.lon },
    trip: null,
    newest: null,
    clockPairs: [],
    conflicts: 0,
    clone: null,
    flags: [],
    air: null,
  }
}

/** Takes values and position; returns the sign of life that it is, null when it was measured long before it came. */
export function applyObservation(
  device: TrackedDevice,
  observation: Observation,
  placeOnTrip: (observation: Observation) => TripPlace | null,
): Sign | null {
  takeValues(device, observation)
  const { position, time } = observation
  if (position !== undefined && time >= (device.trip?.time ?? Number.NEGATIVE_INFINITY)) {
    applyPosition(device, observation, position, placeOnTrip)
  }
  if (!noteClock(device, observation, !observation.timeIsArrival)) return null
  return { type: 'reading', up: observation.values['up'] !== 0, isPoor: isPoor(observation) }
}

/** Of one device; known metrics come on top. */
const MOST_UNKNOWN_METRICS = 256

/** Whether a device that makes up names without end has made up enough; the store has its own bound. */
function isTooMuch(kind: Kind, metric: string, values: TrackedDevice['values']): boolean {
  return metricOf(kind, metric) === undefined && Object.keys(values).length >= MOST_UNKNOWN_METRICS
}

function takeValues({ values, flags }: TrackedDevice, observation: Observation): void {
  const { kind, time, timeIsArrival } = observation
  for (const metric in observation.values) {
    const value = observation.values[metric]
    const before = Object.hasOwn(values, metric) ? values[metric] : undefined
    if (before === undefined && isTooMuch(kind, metric, values)) continue
    // A value of an earlier time than the one shown is history.
    if (value === undefined || (before !== undefined && time < before.time)) continue
    values[metric] = shownValue(kind, metric, value, time, timeIsArrival, flags)
  }
}

/** A value with the flag that its reading has in the store. */
export function shownValue(
  kind: Observation['kind'],
  metric: string,
  value: number,
  time: TimeMs,
  timeIsArrival: boolean,
  flags: readonly QualityFlag[],
): LiveValue {
  const ofMetric = flags.length === 0 ? flags : flags.filter((flag) => flag.metric === metric)
  const flag = flagShown(kind, metric, { time, value, timeIsArrival }, ofMetric)
  return flag === null ? { value, time } : { value, time, flag }
}

/** Takes the flags that are in force, the worst first; true when a value is shown otherwise by them. */
export function takeFlags(device: TrackedDevice, flags: readonly QualityFlag[]): boolean {
  let changed = false
  device.flags = flags
  for (const [metric, before] of Object.entries(device.values)) {
    // Whose time was its arrival is not known any more where a worse flag stands; it is with the next reading.
    const isArrival = before.flag === 'arrival_time' || before.flag === 'clock_step'
    const shown = shownValue(device.known.kind, metric, before.value, before.time, isArrival, flags)
    if (shown.flag === before.flag) continue
    device.values[metric] = shown
    changed = true
  }
  return changed
}

/**
 * Takes what a message tells of the device's clock, taken or refused for its time alike; false when it is not live. `hasOwnTime` false:
 * its time is its arrival, which tells nothing.
 */
export function noteClock(device: TrackedDevice, message: Pace, hasOwnTime: boolean): boolean {
  if (!hasOwnTime) return true
  const { time, arrival } = message
  const live = isLive(message, device.heartbeat.everyMs, device.newest)
  device.newest = newestOf({ time, arrival }, device.newest)
  if (!live) return false
  device.clockPairs.push({ deviceTime: time, arrival })
  if (device.clockPairs.length > CLOCK_WINDOW) device.clockPairs.shift()
  return true
}

function applyPosition(
  device: TrackedDevice,
  observation: Observation,
  position: Position,
  placeOnTrip: (observation: Observation) => TripPlace | null,
): void {
  // A hotspot or sensor stands where it was put; what its receiver says of that is a reading like others.
  if (device.known.kind !== 'vehicle' && device.known.lat !== null) return
  device.position = position
  const place = placeOnTrip(observation)
  device.trip = {
    route: observation.route ?? device.known.route,
    // One that is nowhere near the trip that it names is not on it (domain C6).
    trip: place?.isOnTrip === false ? null : (observation.trip ?? null),
    direction: observation.direction ?? null,
    occupancy: observation.occupancy ?? null,
    time: observation.time,
    alongM: place?.alongM ?? null,
    offsetM: place?.offsetM ?? null,
  }
}

function isPoor({ kind, values }: Observation): boolean | null {
  if (kind !== 'hotspot') return null
  const quality = grade(values['loss_pct'] ?? null, values['latency_ms'] ?? null)
  return quality === 'unknown' ? null : quality === 'poor'
}

/** The device as the dashboard gets it. */
export function liveDevice(device: TrackedDevice, now: TimeMs): LiveDevice {
  const { known, heartbeat, shown, clone } = device
  const transit = liveTransit(device, now)
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
    ...(device.flaps ? { flapping: true } : {}),
    everyS: known.everyS,
    parent: known.parent,
    radiusM: known.radiusM,
    // A copy: the answer is written out later than the next message comes.
    values: { ...device.values },
    ...(known.kind === 'sensor' ? { air: device.air ?? notComputedYet(now) } : {}),
    ...(transit === null ? {} : { transit }),
    clockOffsetMs: clockOffsetMs(device.clockPairs),
    conflicts: device.conflicts,
    ...(clone !== null && isOpen(clone, known.secretSince, now) ? { cloneSuspected: clone } : {}),
  }
}

function liveTransit({ known, trip, position, values }: TrackedDevice, now: TimeMs): LiveTransit | null {
  if (known.kind !== 'vehicle' || trip === null) return null
  const { speed = values['speed']?.value ?? null, bearing = null } = position ?? {}
  return { ...trip, speed, bearing, stale: isStale(trip.time, now) }
}
