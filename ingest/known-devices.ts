// Which devices there are: those of the registry, with what the village folder says of them, and those that a village which is
// not simulated expects. Simulated ones are left out once a real one was ever added, unless they are asked for (contract section 2).

import type { Registry } from '../contract/registry.ts'
import type { TimeMs } from '../contract/time.ts'
import type { Kind } from '../contract/topics.ts'
import type { Village, VillageDevice } from '../contract/village.ts'

export interface KnownDevice {
  readonly id: string
  readonly kind: Kind
  readonly name: string
  readonly lat: number | null
  readonly lon: number | null
  readonly simulated: boolean
  readonly everyS: number
  readonly parent: string | null
  readonly radiusM: number | null
  readonly route: string | null
  /** Since when its credentials are what they are; null when it has none of ours. */
  readonly secretSince: TimeMs | null
}

/** What a device is expected to do when nobody says otherwise, s. */
export const EVERY_S: Readonly<Record<Kind, number>> = { hotspot: 60, sensor: 60, vehicle: 10 }

export function knownDevices(
  registry: Registry,
  village: Village,
  villageDevices: readonly VillageDevice[],
  simulate: 'auto' | 'on' | 'off',
): ReadonlyMap<string, KnownDevice> {
  const byId = new Map(villageDevices.map((device) => [device.id, device]))
  const showsSimulated = simulate === 'on' || !registry.everReal
  const known = new Map<string, KnownDevice>()
  if (!village.simulated)
    for (const device of villageDevices) known.set(device.id, expectedDevice(device, false))
  for (const device of registry.devices) {
    if (device.simulated && !showsSimulated) continue
    const place = byId.get(device.id)
    known.set(device.id, {
      id: device.id,
      kind: device.kind,
      name: device.name,
      lat: device.lat ?? place?.lat ?? null,
      lon: device.lon ?? place?.lon ?? null,
      simulated: device.simulated,
      everyS: place?.expect.every_s ?? EVERY_S[device.kind],
      parent: place?.parent ?? null,
      radiusM: place?.radius_m ?? null,
      route: place?.route ?? null,
      secretSince: device.rotatedAt ?? device.addedAt,
    })
  }
  return known
}

/** A device as the village folder says it is. */
export function expectedDevice(device: VillageDevice, simulated: boolean): KnownDevice {
  return {
    id: device.id,
    kind: device.kind,
    name: device.name,
    lat: device.lat,
    lon: device.lon,
    simulated,
    everyS: device.expect.every_s,
    parent: device.parent ?? null,
    radiusM: device.radius_m ?? null,
    route: device.route ?? null,
    secretSince: null,
  }
}

/** A device that nobody registered: it came in without credentials. */
export function anonymousDevice(id: string, kind: Kind): KnownDevice {
  return {
    id,
    kind,
    name: id,
    lat: null,
    lon: null,
    simulated: false,
    everyS: EVERY_S[kind],
    parent: null,
    radiusM: null,
    route: null,
    secretSince: null,
  }
}
