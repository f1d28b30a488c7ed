// What of a device may be shown to whom: the one allow-list between live state and every route and live frame (design
// D11). A member that is not written here is not shown. Features are cut and serialised once for each audience.

import type {
  DeviceFeature,
  DeviceProperties,
  IndexAnswer,
  LatestValue,
  TransitState,
} from '../../contract/api.ts'
import type { AirIndex, LiveDevice, LiveTransit, LiveValue } from '../../contract/feed.ts'
import { unitOf } from '../../contract/metrics.ts'
import { formatTime, type TimeMs } from '../../contract/time.ts'

export type Audience = 'public' | 'staff'

/** Counts of people: below five the public sees a band, since one or two could be told apart. */
export const COUNTS_OF_PEOPLE: ReadonlySet<string> = new Set(['clients', 'passengers'])
export const FEWEST_SHOWN = 5

/** True when this value of this metric is too small a count of people to be shown to the public. */
export function isTooFew(metric: string, value: number): boolean {
  return COUNTS_OF_PEOPLE.has(metric) && value < FEWEST_SHOWN
}

export function featureOf(device: LiveDevice, audience: Audience): DeviceFeature {
  const { position } = device
  return {
    type: 'Feature',
    id: device.id,
    geometry: position === null ? null : { type: 'Point', coordinates: [position.lon, position.lat] },
    properties: propertiesOf(device, audience),
  }
}

function propertiesOf(device: LiveDevice, audience: Audience): DeviceProperties {
  return {
    kind: device.kind,
    name: device.name,
    simulated: device.simulated,
    state: device.state,
    since: timeOrNull(device.since),
    cause: device.cause,
    lastSeen: timeOrNull(device.lastSeen),
    ...(device.flapping === true ? { flapping: true } : {}),
    expect_every_s: device.everyS,
    parent: device.parent,
    radius_m: device.radiusM,
    values: valuesOf(device, audience),
    ...(device.air === undefined ? {} : { air: airOf(device.air) }),
    ...(device.transit === undefined ? {} : { transit: transitOf(device.transit) }),
    ...(audience === 'staff' ? staffProperties(device) : {}),
  }
}

function staffProperties({
  clockOffsetMs,
  conflicts,
  cloneSuspected,
}: LiveDevice): Partial<DeviceProperties> {
  return {
    clockOffset_ms: clockOffsetMs,
    conflicts,
    ...(cloneSuspected === undefined
      ? {}
      : { cloneSuspected: { time: formatTime(cloneSuspected.time), takeovers: cloneSuspected.takeovers } }),
  }
}

function valuesOf(device: LiveDevice, audience: Audience): Record<string, LatestValue> {
  const values: Record<string, LatestValue> = {}
  for (const [metric, latest] of Object.entries(device.values)) {
    values[metric] = latestOf(device, metric, latest, audience)
  }
  return values
}

function latestOf(device: LiveDevice, metric: string, latest: LiveValue, audience: Audience): LatestValue {
  const banded = audience === 'public' && isTooFew(metric, latest.value)
  return {
    ...(banded ? { band: '<5' as const } : { value: latest.value }),
    time: formatTime(latest.time),
    ...(latest.flag === undefined ? {} : { flag: latest.flag }),
    unit: unitOf(device.kind, metric),
  }
}

function airOf(air: Readonly<Record<AirIndex['index'], AirIndex>>): NonNullable<DeviceProperties['air']> {
  return { ispu: indexOf(air.ispu), 'us-aqi': indexOf(air['us-aqi']), eaqi: indexOf(air.eaqi) }
}

export function indexOf(index: AirIndex): IndexAnswer {
  return {
    value: index.value,
    category: index.category,
    dominant: index.dominant,
    time: formatTime(index.time),
    completeness: index.completeness,
    ...(index.reason === undefined ? {} : { reason: index.reason }),
    parts: index.parts.map(({ metric, concentration, unit, averaging, value }) => ({
      metric,
      concentration,
      unit,
      averaging,
      value,
    })),
  }
}

export function transitOf(transit: LiveTransit): TransitState {
  return {
    route: transit.route,
    trip: transit.trip,
    direction: transit.direction,
    speed: transit.speed,
    bearing: transit.bearing,
    occupancy: transit.occupancy,
    // A route that runs by headway has no timetable to be late for (domain C3).
    delay_s: transit.delayS ?? null,
    time: formatTime(transit.time),
    stale: transit.stale,
  }
}

export function timeOrNull(time: TimeMs | null): string | null {
  return time === null ? null : formatTime(time)
}

const cut = new WeakMap<LiveDevice, { public?: Cut; staff?: Cut }>()

interface Cut {
  readonly feature: DeviceFeature
  json: string | null
}

/** `featureOf`, made once for a device as it is now: a change of the device is another object. */
export function featureOnce(device: LiveDevice, audience: Audience): DeviceFeature {
  return cutOnce(device, audience).feature
}

/** The feature as JSON text, made once. */
export function featureJson(device: LiveDevice, audience: Audience): string {
  const made = cutOnce(device, audience)
  made.json ??= JSON.stringify(made.feature)
  return made.json
}

function cutOnce(device: LiveDevice, audience: Audience): Cut {
  const kept = cut.get(device) ?? {}
  const made = kept[audience] ?? { feature: featureOf(device, audience), json: null }
  kept[audience] = made
  cut.set(device, kept)
  return made
}
