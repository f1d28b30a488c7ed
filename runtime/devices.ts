// Devices and their secrets, as the commands and the dashboard's admin routes change them.

import { PantauError } from '../contract/errors.ts'
import type { RegisteredDevice } from '../contract/registry.ts'
import type { TimeMs } from '../contract/time.ts'
import { DEVICE_ID_RULE, isDeviceId, type Kind, topicPrefix } from '../contract/topics.ts'
import { changeRegistry, withDevice, withoutDevice } from './registry.ts'
import { newSecret, secretDigest } from './secrets.ts'

/** What a device signs in with; the password is shown this once. */
export interface DeviceCredentials {
  readonly id: string
  readonly kind: Kind
  readonly username: string
  readonly password: string
  readonly topicPrefix: string
}

export interface NewDevice {
  readonly id: string
  readonly kind: Kind
  readonly name?: string
  readonly lat?: number
  readonly lon?: number
  /** False: shown to staff alone. */
  readonly public?: boolean
}

/**
 * Adds a real device. A simulated device of that id gives way to it. Throws `bad_command` for a wrong member, `name_taken`.
 */
export async function addDevice(
  dataFolder: string,
  village: string,
  device: NewDevice,
  now: TimeMs,
): Promise<DeviceCredentials> {
  checkDevice(device)
  const password = newSecret()
  await changeRegistry(dataFolder, (registry) => {
    if (registry.accounts.some((account) => account.name === device.id)) {
      throw new PantauError('name_taken', `an account ${device.id} exists; choose another id`)
    }
    if (registry.devices.some((other) => other.id === device.id && !other.simulated)) {
      throw new PantauError(
        'name_taken',
        `a device ${device.id} exists; rotate it for a new password, or remove it first`,
      )
    }
    const added: RegisteredDevice = {
      id: device.id,
      kind: device.kind,
      name: device.name ?? device.id,
      ...(device.lat !== undefined && device.lon !== undefined ? { lat: device.lat, lon: device.lon } : {}),
      ...(device.public === false ? { public: false } : {}),
      simulated: false,
      secretDigest: secretDigest(password),
      addedAt: now,
    }
    return withDevice(registry, added)
  })
  return credentials(village, device.kind, device.id, password)
}

/** A new password for a device; the old one is void at once. Throws `unknown_name`. */
export async function rotateDevice(
  dataFolder: string,
  village: string,
  id: string,
  now: TimeMs,
): Promise<DeviceCredentials> {
  const password = newSecret()
  let kind: Kind = 'sensor'
  await changeRegistry(dataFolder, (registry) => {
    const device = registry.devices.find((other) => other.id === id)
    if (device === undefined) throw unknownDevice(id)
    kind = device.kind
    return withDevice(registry, { ...device, secretDigest: secretDigest(password), rotatedAt: now })
  })
  return credentials(village, kind, id, password)
}

/** Removes a device; its readings stay. Throws `unknown_name`. */
export async function removeDevice(dataFolder: string, id: string): Promise<void> {
  await changeRegistry(dataFolder, (registry) => {
    if (!registry.devices.some((device) => device.id === id)) throw unknownDevice(id)
    return withoutDevice(registry, id)
  })
}

/** Gives each of the simulated devices a new secret in one change; ids of real devices are left out of the answer. */
export async function registerSimulated(
  dataFolder: string,
  village: string,
  devices: readonly Required<Omit<NewDevice, 'public'>>[],
  now: TimeMs,
): Promise<readonly DeviceCredentials[]> {
  const made: DeviceCredentials[] = []
  await changeRegistry(dataFolder, (registry) => {
    made.length = 0
    const real = new Set(registry.devices.filter((device) => !device.simulated).map((device) => device.id))
    const ours = devices.filter((device) => !real.has(device.id))
    const ids = new Set(ours.map((device) => device.id))
    const registered = ours.map((device): RegisteredDevice => {
      const password = newSecret()
      made.push(credentials(village, device.kind, device.id, password))
      return { ...device, simulated: true, secretDigest: secretDigest(password), addedAt: now }
    })
    return {
      ...registry,
      devices: [...registry.devices.filter((device) => !ids.has(device.id)), ...registered],
    }
  })
  return made
}

function credentials(village: string, kind: Kind, id: string, password: string): DeviceCredentials {
  return { id, kind, username: id, password, topicPrefix: topicPrefix(village, kind, id) }
}

function unknownDevice(id: string): PantauError {
  return new PantauError('unknown_name', `there is no device ${id}; npm run device -- list shows them`)
}

function checkDevice(device: NewDevice): void {
  if (!isDeviceId(device.id))
    throw new PantauError('bad_command', `id is ${device.id}; it is ${DEVICE_ID_RULE}`)
  if ((device.lat === undefined) !== (device.lon === undefined)) {
    throw new PantauError('bad_command', 'lat and lon go together; give both or none')
  }
  checkDegrees('lat', device.lat, 90)
  checkDegrees('lon', device.lon, 180)
  if (device.name !== undefined && (device.name.trim() === '' || device.name.length > 120)) {
    throw new PantauError('bad_command', 'name is empty or longer than 120 letters; give a shorter one')
  }
}

function checkDegrees(member: string, value: number | undefined, most: number): void {
  if (value !== undefined && !(Math.abs(value) <= most)) {
    throw new PantauError('bad_command', `${member} is ${value}; ${-most} to ${most} is taken`)
  }
}
